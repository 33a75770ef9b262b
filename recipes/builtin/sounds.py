"""Every patch's sound, tuned, looped and leveled: the waveforms that tokens are cut from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recipes.builtin import drum_sounds as drums
from recipes.builtin import tones
from recipes.builtin.levels import PEAKS, level_of
from recipes.builtin.patches import Patch
from recipes.builtin.shaping import (
    OVERLAP,
    closed_loop,
    ended,
    from_onset,
    leveled,
    loudness,
    retuned,
    with_vibrato,
)
from recipes.builtin.soundfont import SAMPLE_RATE, render

Sound = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A General MIDI program, and how it is played."""

    program: int
    velocity: int = 100
    vibrato: float = 0.0
    """Cents up and down within the loop."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A drum of one of the font's kits; `speed` over 1 plays it higher and shorter."""

    kit: int
    key: int
    velocity: int = 110
    speed: float = 1.0
    crush: float = 0.0
    """Sample rate in Hz of an old sampler; 0 for none."""


_RECORDED: dict[str, Recorded] = {
    "bass_finger": Recorded(33),
    "bass_slap": Recorded(36),
    "bass_upright": Recorded(32),
    "piano": Recorded(0, 90),
    "epiano": Recorded(4, 90),
    "strings": Recorded(48),
    "guitar_clean": Recorded(27, 95),
    "guitar_drive": Recorded(30),
    "lead_sax": Recorded(66, 105, 12.0),
    "lead_trumpet": Recorded(56, 105, 8.0),
    "lead_flute": Recorded(73, 100, 14.0),
    "lead_guitar": Recorded(29, 110, 12.0),
    "lead_piano": Recorded(0, 105),
    "vibraphone": Recorded(11, 100),
    "music_box": Recorded(10, 100),
    "nylon_guitar": Recorded(24, 100),
    "choir_pad": Recorded(52, 100),
}
_COMPUTED: dict[str, tones.Timbre] = {
    "bass_synth": tones.synth_bass,
    "bass_808": tones.sub_bass,
    "organ": tones.organ,
    "synth_pad": tones.pad,
    "lead_synth": tones.synth_lead,
    "lead_chip": tones.chip_lead,
    "pluck": tones.pluck,
    "chip_arp": tones.chip_arpeggio,
}
_STRUCK: dict[str, Struck] = {
    "kick_acoustic": Struck(8, 36),
    "snare_acoustic": Struck(0, 38),
    "snare_ghost": Struck(0, 38, 45),
    "kick_rock": Struck(16, 36, 120),
    "snare_rock": Struck(16, 38, 120),
    "kick_80s": Struck(24, 36, 120),
    "kick_808": Struck(25, 36),
    "snare_808": Struck(25, 38),
    "kick_lofi": Struck(0, 36, 100, 0.9, 9000),
    "snare_lofi": Struck(0, 38, 90, 0.9, 9000),
    "snare_lofi_ghost": Struck(0, 38, 45, 0.9, 9000),
    "kick_jazz": Struck(32, 36, 70),
    "brush_tap": Struck(40, 38, 100),
    "brush_swirl": Struck(40, 40, 100),
    "kick_dnb": Struck(24, 36, 120, 1.25),
    "snare_dnb": Struck(0, 40, 120, 1.2),
    "snare_dnb_ghost": Struck(0, 40, 50, 1.2),
    "side_stick": Struck(0, 37),
    "tom_high": Struck(0, 48),
    "tom_mid": Struck(0, 45),
    "tom_low": Struck(0, 41),
    "hat_closed": Struck(0, 42),
    "hat_soft": Struck(0, 42, 60),
    "hat_pedal": Struck(0, 44),
    "hat_open": Struck(0, 46),
    "hat_808": Struck(25, 42),
    "hat_808_soft": Struck(25, 42, 60),
    "hat_808_open": Struck(25, 46),
    "hat_lofi": Struck(0, 42, 100, 0.9, 12000),
    "ride": Struck(0, 51),
    "ride_soft": Struck(32, 51, 60),
    "ride_bell": Struck(0, 53),
    "crash": Struck(0, 49),
    "crash_80s": Struck(0, 57),
    "shaker": Struck(0, 82),
    "shaker_soft": Struck(0, 82, 60),
    "tambourine": Struck(0, 54),
    "conga_high": Struck(0, 63),
    "conga_low": Struck(0, 64),
    "conga_slap": Struck(0, 62),
    "bongo_high": Struck(0, 60),
    "bongo_low": Struck(0, 61),
    "cowbell": Struck(25, 56),
    "clave": Struck(0, 75),
    "woodblock": Struck(0, 76),
    "triangle": Struck(0, 81),
    "cabasa": Struck(0, 69),
}
_MADE: dict[str, Callable[[], Sound]] = {
    "snare_80s": drums.gated_snare,
    "kick_house": lambda: drums.kick(190, 48, 0.035, 0.17, 0.5, 1.8),
    "clap_house": lambda: drums.clap(0.07),
    "kick_clap_house": lambda: drums.kick(190, 48, 0.035, 0.17, 0.5, 1.8) + 0.16 * drums.clap(0.07),
    "clap_808": lambda: drums.clap(0.1),
    "kick_techno": lambda: drums.kick(230, 46, 0.03, 0.2, 0.8, 3.5),
    "rumble_techno": drums.rumble,
    "kick_chip": drums.chip_kick,
    "snare_chip": lambda: drums.chip_noise(0.06, 4, 21),
    "tom_80s_high": lambda: drums.electronic_tom(150),
    "tom_80s_low": lambda: drums.electronic_tom(85),
    "hat_house": lambda: drums.hat(0.025, 6500, 31),
    "hat_house_open": lambda: drums.hat(0.11, 6000, 32),
    "hat_chip": lambda: drums.chip_noise(0.018, 1, 33),
    "hat_chip_open": lambda: drums.chip_noise(0.06, 1, 34),
}


def waveforms(patch: Patch) -> Sound:
    """A patch's notes -> [notes, ages * HOP + OVERLAP], at the level they have in a mix.

    Raises FileNotFoundError when the sound font is needed and is not installed.
    """
    shaped = [ended(note, patch)[: patch.ages * 640 + OVERLAP] for note in _notes(patch)]
    return np.stack([_balanced(note, patch) for note in shaped])


def _notes(patch: Patch) -> list[Sound]:
    name = patch.name if patch.codebook in (1, 2, 3, 7, 8) else patch.name.rsplit("_", 1)[0]
    if name in _MADE:
        return [_roomy(from_onset(_MADE[name]()), patch)]
    if name in _STRUCK:
        return [_roomy(_drum(_STRUCK[name]), patch)]
    if name in _COMPUTED:
        return [
            closed_loop(from_onset(_COMPUTED[name](patch, note)), patch, note)
            for note in range(patch.notes)
        ]
    how = _RECORDED[name]
    seconds = max(1.6, patch.ages / 50 + 0.2)
    pitches = range(patch.lowest, patch.lowest + patch.notes)
    raw = render(how.program, pitches, seconds=seconds, hold=seconds - 0.05, velocity=how.velocity)
    return [_played(raw[note], patch, note, how.vibrato) for note in range(patch.notes)]


def _played(raw: Sound, patch: Patch, note: int, vibrato: float) -> Sound:
    sound = from_onset(retuned(raw, patch, note))
    if vibrato:
        sound = with_vibrato(sound, patch, note, vibrato)
    return closed_loop(leveled(sound, patch, note), patch, note)


def _drum(how: Struck) -> Sound:
    raw = render(how.kit, [how.key], seconds=2.0, hold=1.9, velocity=how.velocity, drums=True)[0]
    sound = from_onset(raw)
    if how.speed != 1.0:
        at = np.arange(int(len(sound) / how.speed) - 2) * how.speed
        sound = np.interp(at, np.arange(len(sound)), sound)
    return drums.crushed(sound, how.crush, 7) if how.crush else sound


def _roomy(sound: Sound, patch: Patch) -> Sound:
    """At least as long as the patch's ages."""
    missing = patch.ages * SAMPLE_RATE // 50 + OVERLAP - len(sound)
    return np.pad(sound, (0, max(0, missing)))


def _balanced(sound: Sound, patch: Patch) -> Sound:
    """Bring a note to its patch's loudness and round its peaks off at the role's ceiling."""
    loud = sound * 10 ** ((level_of(patch) - loudness(sound)) / 20)
    ceiling = PEAKS[patch.role]
    return limited(loud, ceiling)


def limited(sound: Sound, ceiling: float) -> Sound:
    """Leave what is under half the ceiling as it is, bend the rest towards it."""
    knee = ceiling / 2
    over = np.abs(sound) > knee
    bent = np.sign(sound) * (knee + knee * np.tanh((np.abs(sound) - knee) / knee))
    return np.where(over, bent, sound)

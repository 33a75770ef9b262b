"""Single notes of FluidR3 GM (MIT), rendered by Debian's fluidsynth."""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from scipy.signal import resample_poly

SAMPLE_RATE = 32_000
FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
_OVERSAMPLING = 2
"""fluidsynth's interpolation lets sounds above half its rate through: render at twice ours."""
_TICKS = 960
"""MIDI ticks per second: 480 a quarter at 120 bpm."""
_LEAD_IN = 0.1
_DRUM_CHANNEL = 9

Sounds = npt.NDArray[np.float64]


def available() -> bool:
    """Whether this host can render: fluidsynth and the sound font are installed."""
    return shutil.which("fluidsynth") is not None and FONT.exists()


def render(
    program: int,
    pitches: Sequence[int],
    *,
    seconds: float,
    hold: float,
    velocity: int = 100,
    drums: bool = False,
) -> Sounds:
    """Play pitches one after another -> mono [len(pitches), seconds * SAMPLE_RATE].

    Each note is released after `hold` seconds. For drums `program` is the kit.
    Raises FileNotFoundError without fluidsynth or the sound font.
    """
    if not available():
        raise FileNotFoundError("apt-get install fluidsynth fluid-soundfont-gm")
    channel = _DRUM_CHANNEL if drums else 0
    events = [(0, bytes([0xC0 | channel, program]))]
    # Reverb and chorus would outlive the note.
    events += [(0, bytes([0xB0 | channel, effect, 0])) for effect in (91, 93)]
    slot = seconds + 0.3
    for i, pitch in enumerate(pitches):
        start = _LEAD_IN + i * slot
        events.append((round(start * _TICKS), bytes([0x90 | channel, pitch, velocity])))
        events.append((round((start + hold) * _TICKS), bytes([0x80 | channel, pitch, 0])))
        if drums:  # an open hat or a crash would ring into the next slot: cut it
            quiet = bytes([0xB0 | channel, 120, 0])
            events.append((round((start + seconds + 0.2) * _TICKS), quiet))
    events.append((round((_LEAD_IN + len(pitches) * slot + 0.2) * _TICKS), bytes([0xB0, 7, 100])))
    stereo = _play(_midi_file(events))
    mono = resample_poly(stereo.mean(axis=1), 1, _OVERSAMPLING)
    length = round(seconds * SAMPLE_RATE)
    starts = [round((_LEAD_IN + i * slot) * SAMPLE_RATE) for i in range(len(pitches))]
    return np.stack([mono[start : start + length] for start in starts])


def _play(midi: bytes) -> Sounds:
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder, "notes.mid"), Path(folder, "notes.wav")
        score.write_bytes(midi)
        rate = str(SAMPLE_RATE * _OVERSAMPLING)
        subprocess.run(  # noqa: S603 - our own file, no shell
            ["fluidsynth", "-niq",  # noqa: S607
             "-R", "0", "-C", "0", "-g", "0.5", "-r", rate,
             "-T", "wav", "-O", "float", "-F", str(sound), str(FONT), str(score)],
            check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        samples, _ = soundfile.read(sound, always_2d=True)
    return np.asarray(samples, dtype=np.float64)


def _midi_file(events: list[tuple[int, bytes]]) -> bytes:
    """Events (tick, message) -> a standard MIDI file of one track; releases come first."""
    events = sorted(events, key=lambda e: (e[0], e[1][0] & 0xF0 == 0x90))
    track = b"\x00\xff\x51\x03" + struct.pack(">I", 500_000)[1:]
    now = 0
    for tick, message in events:
        track += _variable_length(tick - now) + message
        now = tick
    track += b"\x00\xff\x2f\x00"
    header = b"MThd" + struct.pack(">IHHH", 6, 0, 1, _TICKS // 2)
    return header + b"MTrk" + struct.pack(">I", len(track)) + track


def _variable_length(value: int) -> bytes:
    """MIDI's numbers: seven bits a byte, the highest bit on all but the last."""
    out = [value & 127]
    while value := value >> 7:
        out.insert(0, (value & 127) | 128)
    return bytes(out)

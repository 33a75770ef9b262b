"""The computed codec, over tables of noise: what it draws is the sum, what it hears are the tokens.

The engine that runs it is MindSpore's; the sound font is not needed.
"""

from __future__ import annotations

import numpy as np
import pytest

from recipes.builtin.codec_space import (
    LATENT,
    MARK_LEVEL,
    MARKS,
    WAVE,
    Space,
    build_space,
    carriers,
    fit_basis,
    restored_energy,
    spread_out,
    used_tokens,
)
from recipes.builtin.codec_weights import FILTERS, KERNEL, RATIOS, analysis, codec_tensors
from recipes.builtin.frames import SUPPORT, Tables, cut, mix, window
from recipes.builtin.voices import CODEBOOK_SIZE, CODEBOOKS, CONDUCTOR, PATCHES, token

FRAMES = 40


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Soft noise below 6 kHz for every token, in a frame's shape."""
    rng = np.random.default_rng(1)
    tones = np.stack([np.cos(np.pi * k * (np.arange(SUPPORT) + 0.5) / SUPPORT) for k in range(260)])
    out = np.zeros((CODEBOOKS, CODEBOOK_SIZE, SUPPORT), dtype=np.float32)
    for k in range(CONDUCTOR + 1, CODEBOOKS):
        rows = rng.standard_normal((len(used_tokens(k)), len(tones))) @ tones
        out[k, used_tokens(k)] = 0.002 * rows * window()
    return out


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    rng = np.random.default_rng(2)
    return np.stack([rng.choice([0, *used_tokens(k)], FRAMES) for k in range(CODEBOOKS)])


@pytest.fixture(scope="module")
def space(tables: Tables, codes: np.ndarray) -> Space:
    return build_space(tables, codes, steps=60)


@pytest.fixture(scope="module")
def codec(space: Space):
    from musicgen_core.checkpoint.config import CodecConfig
    from musicgen_core.checkpoint.naming import fold_weight_norm
    from musicgen_core.engines.mindspore.codec import codec as built
    from musicgen_core.engines.mindspore.device import prepare

    prepare("fp32")
    config = CodecConfig(
        sample_rate=32000,
        hidden=LATENT,
        filters=FILTERS,
        ratios=RATIOS,
        kernel=KERNEL,
        last_kernel=KERNEL,
        residual_kernel=3,
        residual_layers=1,
        dilation_growth=2,
        compress=2,
        lstm_layers=1,
        conv_shortcut=False,
        codebook_size=CODEBOOK_SIZE,
        codebook_dim=LATENT,
        codebooks=CODEBOOKS,
    )
    stored = {n: a.astype(np.float32) for n, a in codec_tensors(space).items()}
    suffix = ".parametrizations.weight.original"
    tensors = {n: a for n, a in stored.items() if suffix not in n}
    for name in (n for n in stored if n.endswith(f"{suffix}0")):
        module = name.removesuffix(f"{suffix}0")
        pair = stored[name], stored[f"{module}{suffix}1"]
        tensors[f"{module}.weight"] = fold_weight_norm(*pair)
    return built(config, tensors)


def decibels(signal: np.ndarray, error: np.ndarray) -> float:
    return float(10 * np.log10((signal**2).sum() / (error**2).sum()))


@pytest.mark.models
def test_it_draws_the_sum_of_what_its_tokens_sound(codec, space: Space, codes) -> None:
    sounds = np.einsum("kvd,sd->kvs", space.waves, space.basis).astype(np.float32)
    wanted = mix(sounds, codes)
    assert decibels(wanted, codec.decode(codes) - wanted) > 35


@pytest.mark.models
def test_it_hears_its_own_tokens_in_sixteen_bits(codec, codes) -> None:
    sound = codec.decode(codes)
    heard = codec.encode((np.round(sound * 32767) / 32768).astype(np.float32))
    # The first and last frame lack a neighbor's tail. Noise that changes with every frame, and
    # sounds on where frames meet, is harder than any instrument; the built-in checkpoint's own
    # test wants all tokens of real music.
    right = (heard == codes)[:, 1:-1]
    assert right[CONDUCTOR].all()
    assert right.mean() > 0.95


@pytest.mark.models
def test_it_goes_by_the_waves_where_there_are_no_marks(codec, space: Space, codes) -> None:
    sounds = np.einsum("kvd,sd->kvs", space.waves, space.basis).astype(np.float32)
    one = np.zeros_like(codes)
    one[6] = codes[6]  # a single voice, so that the nearest wave is its own
    heard = codec.encode(mix(sounds, one))
    redrawn = mix(sounds, heard)
    assert decibels(mix(sounds, one), redrawn - mix(sounds, one)) > 6
    assert np.array_equal(codec.encode(np.zeros(640 * 8, np.float32)), np.zeros((CODEBOOKS, 8)))


@pytest.mark.models
def test_silence_is_far_below_hearing(codec) -> None:
    silence = codec.decode(np.zeros((CODEBOOKS, 30), dtype=np.int64))
    assert 0 < silence.std() < 1.2 * MARK_LEVEL


def test_marks_lie_in_their_band_and_waves_outside(space: Space) -> None:
    frequency = np.fft.rfftfreq(8 * SUPPORT, 1 / 32000)
    power = np.abs(np.fft.rfft(carriers(sum(MARKS) + 1), 8 * SUPPORT, axis=0)) ** 2
    inside = power[(frequency > 14_000) & (frequency <= 16_000)].sum() / power.sum()
    assert inside > 0.98
    scale = np.linalg.norm(space.basis, axis=0).max()
    assert np.abs(space.carriers.T @ space.basis).max() < 1e-2 * scale


def test_analysis_undoes_synthesis_whatever_the_neighbors_play(space: Space) -> None:
    sounds = np.concatenate([space.synthesis, space.pilot[:, None]], axis=1)
    seen = np.zeros((1280, LATENT + 1))
    seen[320 - 64 : 320 - 64 + SUPPORT] = sounds
    assert np.abs(analysis(space) @ seen - np.eye(LATENT + 1)).max() < 1e-3


def test_points_on_a_sphere_keep_their_distance() -> None:
    points = spread_out(400, 4, seed=0)
    alike = points @ points.T - 2 * np.eye(400)
    assert np.allclose(np.linalg.norm(points, axis=1), 1)
    assert np.sqrt(2 - 2 * alike.max()) > 0.25


def test_every_token_that_sounds_has_a_wave_and_a_mark(space: Space) -> None:
    for k in range(CODEBOOKS):
        sounds = np.linalg.norm(space.waves[k, used_tokens(k)], axis=1) > 0
        assert not sounds.any() if k == CONDUCTOR else sounds.all()
        assert np.allclose(np.linalg.norm(space.marks[k, used_tokens(k)], axis=1), 1)
        assert not space.waves[k, 0].any()
    assert space.codebooks.shape == (CODEBOOKS, CODEBOOK_SIZE, LATENT)
    assert space.basis.shape == (SUPPORT, WAVE)


def test_noises_are_as_loud_where_frames_meet_as_elsewhere() -> None:
    rng = np.random.default_rng(3)
    hats = next(p for p in PATCHES if p.name == "crash")
    noise = rng.standard_normal(hats.ages * 640 + 64)
    tables = np.zeros((CODEBOOKS, CODEBOOK_SIZE, SUPPORT))
    first = token(hats, 0, 0)
    tables[hats.codebook, first : first + hats.ages] = cut(noise, hats, 0)
    for patch in PATCHES:  # what else shares the basis
        if patch is not hats and patch.codebook == hats.codebook:
            start = token(patch, 0, 0)
            tables[patch.codebook, start : start + patch.ages] = cut(
                rng.standard_normal(patch.ages * 640 + 64), patch, 0
            )
    basis, dual = fit_basis(tables)
    drawn = restored_energy(tables, tables @ dual, basis) @ basis.T
    codes = np.zeros((CODEBOOKS, hats.ages), dtype=np.int64)
    codes[hats.codebook] = range(first, first + hats.ages)
    power = mix(drawn.astype(np.float32), codes)[320:-320].reshape(-1, 640) ** 2
    meeting = power[:, 256:384].mean()
    assert 0.9 < meeting / np.delete(power, np.r_[256:384], axis=1).mean() < 1.1

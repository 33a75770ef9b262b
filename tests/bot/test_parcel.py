"""A job's clips are sent as the best files that Discord takes, in one format for all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from fake_core import FakeCore

from bot.parcel import Parcel, pack
from musicgen_core.requests import Clip, GenerationRequest

SINE = FakeCore().clip(GenerationRequest(prompt="rain", seconds=2, seed=7))
NOISE = replace(
    SINE, samples=np.random.default_rng(0).uniform(-0.5, 0.5, SINE.samples.shape).astype("f4")
)


async def packed(*clips: Clip, preferred: str = "WAV", limit: int = 1 << 30) -> Parcel:
    parcel = await pack(clips, preferred, limit)
    assert parcel is not None
    return parcel


async def test_the_preferred_format_is_kept_at_a_lower_quality_where_it_has_one() -> None:
    best = await packed(NOISE, preferred="OGG")
    less = await packed(NOISE, preferred="OGG", limit=best.largest - 1)
    assert [name for name, _ in less.files] == [name for name, _ in best.files] == ["rain-7.ogg"]
    assert less.largest < best.largest
    least = len(NOISE.encode("MP3"))
    assert (await packed(NOISE, preferred="OGG", limit=least)).file_format == "OGG"


async def test_all_clips_come_in_the_format_of_the_one_that_is_hardest_to_fit() -> None:
    limit = len(SINE.encode("WAV")) - 1
    assert (await packed(SINE, limit=limit)).file_format == "FLAC"
    noise = await packed(NOISE, limit=limit // 2)
    assert noise.file_format == "OGG"
    both = await packed(SINE, NOISE, limit=limit // 2)
    assert both.file_format == "OGG"
    assert [name for name, _ in both.files] == ["1-rain-7.ogg", "2-rain-7.ogg"]
    assert [data[:4] for _, data in both.files] == [b"OggS", b"OggS"]
    assert both.largest <= limit // 2


async def test_a_clip_that_fits_in_no_format_makes_no_parcel() -> None:
    assert await pack([SINE, NOISE], "WAV", 100) is None

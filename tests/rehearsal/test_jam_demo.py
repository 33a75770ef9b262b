"""The scripted jam, played by the real bot through real sockets."""

from __future__ import annotations

import io
import json
from pathlib import Path

import soundfile
from fake_core import FakeCore
from quiet_bench import QuietBench
from stage import on_stage

from bot.cli.jam_demo import perform


async def test_the_demo_leaves_a_mix_that_credits_all_three_and_a_tree(tmp_path: Path) -> None:
    async with on_stage(FakeCore(), bench=QuietBench()) as stage:
        demo = await perform(stage.discord, 2.0, 28.0)
    mix, tree = demo.save(tmp_path)
    assert (mix.name, tree.name) == ("rain-over-the-harbor-mix.wav", "tree.png")
    with soundfile.SoundFile(mix) as sound:
        assert abs(sound.frames / sound.samplerate - 3 * 2.0) < 0.05
        told = json.loads(sound.comment)
    assert told["members"] == ["Ada", "小林", "Grace"]
    assert [part["direction"] for part in told["parts"]][2] == "answer my hum"
    assert soundfile.info(io.BytesIO(mix.read_bytes())).format == "WAV"
    assert tree.read_bytes().startswith(b"\x89PNG")

"""Make clips without a bot: one for each prompt, all in one batch."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.failure import CommandFailed
from bot.cli.options import add_model_options, settings_from
from bot.clip_names import clip_name

if TYPE_CHECKING:
    from musicgen_core.requests import Clip, GenerationRequest, SamplingParams


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("prompts", nargs="*", metavar="PROMPT", help="none: unconditional")
    parser.add_argument("--seconds", type=float, default=10.0, help="new seconds (default: 10)")
    parser.add_argument("--clip", type=Path, action="append", default=[], metavar="FILE",
                        help="audio to continue; again for the next prompt")  # fmt: skip
    parser.add_argument("--from", dest="from_second", type=float, metavar="SECOND",
                        help="where in the clip to go on; the rest of it is dropped")  # fmt: skip
    parser.add_argument("--hear", dest="hear_seconds", type=float, metavar="SECONDS",
                        help="how much of the clip's end the model hears")  # fmt: skip
    parser.add_argument(
        "--out", type=Path, help="a file, or a folder to name clips by prompt in (default: here)"
    )
    parser.add_argument("--variations", type=int, default=1, metavar="N", help="clips a prompt")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_model_options(parser)
    sampling = parser.add_argument_group("sampling (default: the checkpoint's own)")
    sampling.add_argument("--greedy", action="store_true", help="always the likeliest token")
    sampling.add_argument("--guidance", type=float, help="1 is off")
    sampling.add_argument("--temperature", type=float)
    sampling.add_argument("--top-k", type=int, metavar="K", help="0 is off")
    sampling.add_argument("--top-p", type=float, metavar="P")
    sampling.add_argument("--seed", type=int, help="of the first variation; the next has one more")


def run(args: argparse.Namespace) -> int:
    """Make the clips, save them, and say where they are."""
    from musicgen_core.musicgen import MusicGen

    settings = settings_from(args, "production")
    requests = requests_from(args)
    paths = paths_for(args.out, requests)
    core = MusicGen.load(
        settings.model,
        engine=settings.engine,
        precision=settings.precision,
        attention_cache=settings.attention_cache,
        hub_endpoint=settings.hub_endpoint or None,
    )
    if core.info.note:
        print(core.info.note, file=sys.stderr)
    start = time.perf_counter()
    clips = _generate(core, requests)
    took = time.perf_counter() - start
    for clip, path in zip(clips, paths, strict=True):
        _save(clip, path)
    if args.json:
        print(json.dumps(report(clips, paths, took), ensure_ascii=False))
    else:
        print(*paths, sep="\n")
    return 0


def requests_from(args: argparse.Namespace) -> list[GenerationRequest]:
    """Pair prompts with clips and multiply them by the variations.

    Raises:
        InvalidRequest: a value is out of its range.
        CommandFailed: prompts and clips do not pair.
    """
    from musicgen_core.requests import MAX_SEED, AudioPrompt, GenerationRequest

    if args.variations < 1:
        raise CommandFailed("--variations must be 1 or more.", status=2)
    rows = max(len(args.prompts), len(args.clip), 1)
    prompts: list[str | None] = _spread(args.prompts, rows, "prompts")
    clips: list[Path | None] = _spread(args.clip, rows, "clips")
    sounds = {path: AudioPrompt.read(path) for path in clips if path is not None}
    sampling = sampling_from(args)
    firsts = [
        secrets.randbelow(MAX_SEED + 1 - args.variations) if args.seed is None else args.seed
        for _ in range(rows)
    ]
    return [
        GenerationRequest(
            prompt=prompt,
            seconds=args.seconds,
            audio=sounds[path] if path is not None else None,
            sampling=sampling,
            seed=first + variation,
            from_second=args.from_second,
            hear_seconds=args.hear_seconds,
        )
        for prompt, path, first in zip(prompts, clips, firsts, strict=True)
        for variation in range(args.variations)
    ]


def sampling_from(args: argparse.Namespace) -> SamplingParams:
    """Return what the command line says of sampling; None where it says nothing."""
    from musicgen_core.requests import SamplingParams

    return SamplingParams(
        do_sample=False if args.greedy else None,
        guidance_scale=args.guidance,
        temperature=args.temperature,
        top_k=args.top_k,
        top_p=args.top_p,
    )


def _spread(values: list[Any], rows: int, what: str) -> list[Any]:
    """Give every row a value: one for all, one for each, or none."""
    if len(values) == rows:
        return values
    if len(values) <= 1:
        return (values or [None]) * rows
    raise CommandFailed(f"{len(values)} {what} do not pair with {rows}.", status=2)


def paths_for(out: Path | None, requests: list[GenerationRequest]) -> list[Path]:
    """Name the files: `out` itself for one clip, numbered for several, by prompt in a folder.

    Raises:
        CommandFailed: the folder cannot be written to.
        InvalidRequest: the suffix names no format that can be written.
    """
    from musicgen_core import audio

    if out is None or out.is_dir() or not out.suffix:
        folder = out or Path()
        paths = [folder / clip_name(r.prompt, r.seed, "wav") for r in requests]
        if len(set(paths)) < len(paths):
            paths = [p.with_stem(f"{p.stem}-{n}") for n, p in enumerate(paths, 1)]
    else:
        audio.format_of(out)
        folder = out.parent
        numbered = [out.with_stem(f"{out.stem}-{n}") for n in range(1, len(requests) + 1)]
        paths = [out] if len(requests) == 1 else numbered
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise CommandFailed(f"The folder {folder} cannot be made: {exc.strerror}.") from exc
    return paths


def _generate(core: Any, requests: list[GenerationRequest]) -> list[Clip]:
    """Generate under a progress bar on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("composing"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("composing", total=None)
        clips: list[Clip] = core.generate(
            requests, lambda at: bar.update(task, completed=at.done, total=at.total)
        )
    return clips


def _save(clip: Clip, path: Path) -> None:
    try:
        clip.save(path)
    except OSError as exc:
        raise CommandFailed(f"{path} cannot be written: {exc.strerror}.") from exc


def report(clips: list[Clip], paths: list[Path], took: float) -> dict[str, Any]:
    """Return the JSON object: the first clip's values on top, every clip's under `clips`.

    `rtf` is new seconds of audio, all clips together, for each second of work.
    """
    rows = [
        {
            "path": str(path),
            "seconds": clip.seconds,
            "new_from": clip.new_from / clip.sample_rate,
            "seed": clip.provenance.seed,
            "sample_rate": clip.sample_rate,
            "provenance": clip.provenance.to_dict(),
        }
        for clip, path in zip(clips, paths, strict=True)
    ]
    new_seconds = sum(c.seconds - c.new_from / c.sample_rate for c in clips)
    return {**rows[0], "rtf": round(new_seconds / took, 3), "clips": rows}

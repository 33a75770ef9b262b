"""What /admin status shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from discord.utils import escape_markdown, format_dt

from bot.condition import Condition, ModelState
from bot.housekeeping import Sweep
from bot.locales import Phrases

GIBIBYTE = 1 << 30
LONGEST_INCIDENT = 100
LONGEST_NAME = 60
MOST_MODELS = 5
"""Named; the others are counted, so that the page fits into a message."""


def condition_text(condition: Condition, say: Phrases) -> str:
    """Return one page of at most Discord's 2000 characters: a line for each thing, then errors."""
    return "\n".join([*_lines(condition, say), *_incidents(condition, say)])


def _lines(now: Condition, say: Phrases) -> Iterator[str]:
    unknown = say("admin.unknown")
    yield from _models(now.models, say)
    queue = say("admin.queue", running=now.running, waiting=now.waiting)
    yield f"{queue} · {say('admin.is_paused')}" if now.paused else queue
    # The others' speeds stand on their own lines.
    yield say("admin.speed", speed=_speed(now.models[0].speed, say))
    load = unknown if now.load is None else f"{now.load:.2f}"
    yield say("admin.load", load=load, cores=now.cores or unknown)
    own, worker = size(now.own_bytes, say), size(now.worker_bytes, say)
    yield say("admin.memory", own=own, worker=worker)
    latency = unknown if now.latency is None else f"{now.latency * 1000:.0f} ms"
    up = duration(now.up_seconds, say)
    yield say("admin.discord", up=up, servers=now.servers, latency=latency)
    if now.holdings is None:
        yield say("admin.no_database")
    else:
        kept, free = size(now.holdings.bytes, say), size(now.holdings.free_bytes, say)
        yield say("admin.library", clips=now.holdings.clips, size=kept, free=free)
    yield _sweep(now.sweep, say)


def _models(models: Sequence[ModelState], say: Phrases) -> Iterator[str]:
    """Name every model, the default first, as far as the page has room."""
    for number, model in enumerate(models[:MOST_MODELS]):
        info, name = model.info, model.name
        if info is None:
            yield say("admin.unused_model", name=escape_markdown(name[:LONGEST_NAME]))
            continue
        values = {"engine": info.engine, "precision": info.precision}
        values["name"] = escape_markdown(info.name[:LONGEST_NAME])
        if number == 0:
            yield say("admin.model", **values)
        else:
            key = "admin.other_model" if model.loaded else "admin.resting_model"
            yield say(key, speed=_speed(model.speed, say), **values)
    if len(models) > MOST_MODELS:
        yield say("admin.more_models", count=len(models) - MOST_MODELS)


def _speed(speed: float | None, say: Phrases) -> str:
    unknown = say("admin.unknown")
    return unknown if speed is None else say("admin.times", times=f"{speed:.2f}")


def _sweep(sweep: Sweep | None, say: Phrases) -> str:
    if sweep is None:
        return say("admin.not_swept")
    when = format_dt(sweep.when, "R")
    if sweep.swept is None:
        return say("admin.sweep_failed", when=when, id=sweep.incident)
    return say("admin.swept", when=when, expired=sweep.swept.expired, orphans=sweep.swept.orphans)


def _incidents(now: Condition, say: Phrases) -> Iterator[str]:
    if not now.incidents:
        yield say("admin.no_incidents")
        return
    yield say("admin.incidents")
    for incident in reversed(now.incidents):
        what = escape_markdown(incident.what)[:LONGEST_INCIDENT]
        yield f"-# {format_dt(incident.when, 'R')} `{incident.id}` {what}"


def size(count: int | None, say: Phrases) -> str:
    """Say a number of bytes in GiB."""
    return say("admin.unknown") if count is None else f"{count / GIBIBYTE:.2f} GiB"


def duration(seconds: float, say: Phrases) -> str:
    """Say a long time in days, hours and minutes."""
    minutes = int(seconds) // 60
    return say(
        "admin.duration", days=minutes // 1440, hours=minutes // 60 % 24, minutes=minutes % 60
    )

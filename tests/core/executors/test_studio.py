"""A studio between orders: it exercises first, and tells the beginning of a clip early."""

from __future__ import annotations

import numpy as np
import pytest
from fake_core import FRAME_RATE, FakeCore, sine

from musicgen_core.executors.orders import Ended, Moved, Order, Start
from musicgen_core.executors.studio import Studio
from musicgen_core.requests import Clip, GenerationRequest

RAIN = GenerationRequest("rain", seconds=1, seed=1)
EXERCISE = GenerationRequest("exercise", seconds=0.2)


class Orders:
    """Come one list after the other; remembers which of them were waited for."""

    def __init__(self, *lists: list[Order] | None) -> None:
        self.lists, self.waited = list(lists), []

    def __call__(self, wait: bool) -> list[Order] | None:
        if not wait and not self.lists[0]:
            return self.lists.pop(0) if len(self.lists) > 1 and self.lists[0] == [] else []
        self.waited.append(wait)
        return self.lists.pop(0)


class CountingCore(FakeCore):
    def session(self):
        session = super().session()
        step = session.step

        def counted(meanwhile=None):
            steps.append(sorted(take.request.prompt for take in session.takes))
            step(meanwhile)

        steps: list[list[str]] = []
        session.step = counted
        object.__setattr__(self, "steps", steps)
        return session


def worked(orders: Orders, **options):
    core, reports = CountingCore(), []
    Studio(core, orders, reports.append, **options).work()
    return core.steps, reports


def test_an_exercise_is_made_for_nobody_and_then_orders_are_waited_for() -> None:
    steps, reports = worked(Orders(*[[]] * 20, None), exercises=[EXERCISE])
    assert steps == [["exercise"]] * EXERCISE.frames(FRAME_RATE)
    assert reports == []


def test_the_first_order_ends_the_exercise_at_once() -> None:
    orders = Orders([], [], [Start(1, RAIN)], *[[]] * 60, None)
    steps, reports = worked(orders, exercises=[EXERCISE])
    assert steps[:3] == [["exercise"], ["exercise"], ["rain"]]
    assert ["exercise", "rain"] not in steps
    clip = next(report.outcome for report in reports if isinstance(report, Ended))
    assert np.array_equal(clip.samples, sine(RAIN))


def test_the_next_exercise_comes_once_nothing_is_ordered() -> None:
    other = GenerationRequest("other", seconds=0.04)
    orders = Orders([], [Start(1, RAIN)], *[[]] * 60, None)
    steps, _ = worked(orders, exercises=[EXERCISE, other])
    assert steps == [
        ["exercise"],
        *[["rain"]] * RAIN.frames(FRAME_RATE),
        *[["other"]] * other.frames(FRAME_RATE),
    ]


def previews(monkeypatch, seconds: float, request: GenerationRequest) -> list[Clip]:
    monkeypatch.setattr("musicgen_core.executors.studio.REPORT_EVERY", 0.0)
    orders = Orders([Start(1, request)], *[[]] * 200, None)
    _, reports = worked(orders, preview_seconds=seconds)
    assert isinstance(reports[-1], Ended)
    told = [report.progress for report in reports if isinstance(report, Moved)]
    assert all(p.done >= seconds * FRAME_RATE for p in told if p.preview)
    return [progress.preview for progress in told if progress.preview is not None]


def test_the_first_seconds_are_told_once_as_soon_as_they_are_made(monkeypatch) -> None:
    (preview,) = previews(monkeypatch, 0.5, RAIN)
    assert preview.seconds == pytest.approx(0.5)
    assert np.array_equal(preview.samples, sine(RAIN)[:, : preview.samples.shape[1]])


def test_a_clip_that_is_no_longer_than_its_preview_has_none(monkeypatch) -> None:
    assert previews(monkeypatch, 3.0, RAIN) == []
    assert previews(monkeypatch, 0.0, RAIN) == []

"""Every beat sends every slot, and as it starts the latest one; each is done once."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from celery import Celery
from celery.beat import Scheduler

from local.process import Process
from tests.workers.conftest import WORKER, eventually, log_of
from workers.celery import _CLOCKED, SCHEDULES, app
from workers.schedules import Slots, beat_schedule

_DAY_S = 86_400
_NIGHTLY = Slots(_DAY_S, 3 * 3_600)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("at", "slot"),
    [
        ("2026-11-23T02:59:59", "2026-11-22T03:00:00"),
        ("2026-11-23T03:00:00", "2026-11-23T03:00:00"),
        ("2026-11-24T02:00:00", "2026-11-23T03:00:00"),
    ],
)
def test_a_slot_is_the_same_for_every_clock_within_it(at: str, slot: str) -> None:
    assert _NIGHTLY.slot_at(_at(at).timestamp()) == _at(slot).timestamp()


@pytest.mark.unit
def test_a_slot_is_due_once_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    now = _at("2026-11-23T03:00:01")
    monkeypatch.setattr("workers.schedules.time.time", now.timestamp)

    assert _NIGHTLY.is_due(_at("2026-11-23T02:59:59")) == (True, _DAY_S - 1)
    assert _NIGHTLY.is_due(_at("2026-11-23T03:00:00")) == (False, _DAY_S - 1)
    assert _NIGHTLY.latest() == _at("2026-11-23T03:00:00").timestamp() * 1000


def _sent(beat: Celery, monkeypatch: pytest.MonkeyPatch, now_s: float) -> list[tuple[str, int]]:
    """Give what a beat that starts at an instant sends before it waits."""
    sent: list[tuple[str, int]] = []
    monkeypatch.setattr("workers.schedules.time.time", lambda: now_s)
    monkeypatch.setattr(beat, "send_task", lambda name, args, *_, **__: sent.append((name, *args)))
    scheduler = Scheduler(beat)
    while scheduler.tick() == 0:
        pass
    return sent


@pytest.mark.unit
def test_a_beat_sends_the_latest_slot_alone_as_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    beat = Celery("x", broker="memory://")
    beat.conf.beat_schedule = beat_schedule({"nightly": _NIGHTLY, "minutely": Slots(60)})
    now_s = _at("2026-11-23T15:30:30").timestamp()

    sent = _sent(beat, monkeypatch, now_s)

    assert sorted(sent) == [
        ("minutely", _at("2026-11-23T15:30:00").timestamp() * 1000),
        ("nightly", _at("2026-11-23T03:00:00").timestamp() * 1000),
    ]
    assert sorted(_sent(beat, monkeypatch, now_s)) == sorted(sent), "another beat sends the same"


@pytest.mark.unit
def test_what_is_scheduled_is_a_task_that_takes_its_slot() -> None:
    app.loader.import_default_modules()
    assert {*app.conf.beat_schedule} == {*SCHEDULES, *_CLOCKED}
    for name in SCHEDULES:
        assert type(app.tasks[name]).__mro__[1].__name__ == "ScheduledTask"


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_two_beats_have_each_slot_done_once(start: Callable[..., Process]) -> None:
    worker = start(*WORKER)
    for _ in range(2):
        start(sys.executable, "-m", "celery", "-A", "workers.celery", "beat")

    def lines() -> Iterator[dict[str, Any]]:
        for line in log_of(worker).splitlines():
            told = json.loads(line) if line.startswith("{") else {}
            if told.get("task") == "prune":
                yield told

    eventually(lambda: any(each["event"] == "attempt not begun" for each in lines()))
    eventually(lambda: any(each["event"] == "pruned" for each in lines()))
    slots = [each["slot"] for each in lines() if each["event"] == "pruned"]
    assert len(slots) == len(set(slots))

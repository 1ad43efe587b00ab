"""Every beat sends every slot, and as it starts the latest one; each is done once."""

from datetime import UTC, datetime

import pytest
from celery import Celery
from celery.beat import Scheduler

from workers.celery import _CLOCKED, SCHEDULES, app
from workers.schedules import Slots, beat_schedule

pytestmark = pytest.mark.unit
_DAY_S = 86_400
_NIGHTLY = Slots(_DAY_S, 3 * 3_600)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


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


def test_what_is_scheduled_is_a_task_that_takes_its_slot() -> None:
    app.loader.import_default_modules()
    assert {*app.conf.beat_schedule} == {*SCHEDULES, *_CLOCKED}
    for name in SCHEDULES:
        assert type(app.tasks[name]).__mro__[1].__name__ == "ScheduledTask"

"""When scheduled tasks run: slots that follow the clock, the same for every beat.

A slot is named by the instant at which it begins. Every beat sends every slot, and as it starts the
latest one of each schedule; the graph lets each be done once. So any number of beats may run, and
of what was missed while none did the latest slot alone is made up for.
"""

import time
from datetime import UTC, datetime
from typing import Any, Final

from celery.beat import BeatLazyFunc
from celery.schedules import BaseSchedule, schedstate

NEVER: Final = datetime.fromtimestamp(0, UTC)
"""When a task ran last that is to run as beat starts."""


class Slots(BaseSchedule):
    """Slots of equal length, counted from 1970 UTC.

    Args:
        every_s: Length of a slot, in seconds.
        offset_s: How far behind a multiple of the length slots begin: 10,800 with a length of a
            day is three o'clock at night.
    """

    def __init__(self, every_s: int, offset_s: int = 0) -> None:
        super().__init__()
        self.every_s = every_s
        self.offset_s = offset_s

    def slot_at(self, at_s: float) -> int:
        """Give the beginning of the slot at an instant, in seconds since 1970."""
        return int((at_s - self.offset_s) // self.every_s) * self.every_s + self.offset_s

    def latest(self) -> int:
        """Give the slot that began last, in ms since 1970."""
        return self.slot_at(time.time()) * 1000

    def is_due(self, last_run_at: datetime) -> schedstate:
        """Tell whether a slot began since, and how many seconds it is to the next."""
        now = time.time()
        slot = self.slot_at(now)
        is_due = slot > self.slot_at(last_run_at.timestamp())
        return schedstate(is_due, slot + self.every_s - now)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slots) and (
            (self.every_s, self.offset_s) == (other.every_s, other.offset_s)
        )

    __hash__ = None  # type: ignore[assignment]  # as its base: it is compared, never a key


def beat_schedule(schedules: dict[str, Slots]) -> dict[str, Any]:
    """Give Celery's schedule of tasks by their names; each is given its slot.

    A message that waited for a whole slot is dropped: the next one has been sent.
    """
    return {
        task: {
            "task": task,
            "schedule": slots,
            "args": (BeatLazyFunc(slots.latest),),
            "options": {"expires": slots.every_s},
            "last_run_at": NEVER,
        }
        for task, slots in schedules.items()
    }

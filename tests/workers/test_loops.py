"""A loop outlives its failing steps."""

from threading import Event

import pytest

from graph.errors import Unavailable
from workers.loops import keep_going

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("error", [Unavailable("away"), ValueError("a mistake of ours")])
def test_a_failing_step_is_tried_again(error: Exception) -> None:
    stop = Event()
    tries: list[int] = []

    def step() -> None:
        tries.append(len(tries))
        if len(tries) < 3:
            raise error
        stop.set()

    keep_going("test", step, stop)

    assert len(tries) == 3


def test_a_stopped_loop_takes_no_step() -> None:
    stop = Event()
    stop.set()

    keep_going("test", lambda: pytest.fail("a step was taken"), stop)

"""One relay leads; another takes over soon, and one that slept too long does no harm."""

import os
import signal
import time
from collections.abc import Callable
from threading import Event

from graph.events import EventKind
from graph.runner import Graph
from graph.streams import read_bounds
from local.process import Process
from tests.graph.world import POST, add_comment, emit, run
from tests.workers.conftest import RELAY, eventually, log_of
from workers.leadership import Leadership

Start = Callable[..., Process]


def _comment(graph: Graph, n: int) -> None:
    add_comment(graph, f"c_x{n}", "u_carol", POST)
    emit(graph, EventKind.COMMENT_CREATED, "u_carol", f"c_x{n}", POST)


def _leads(relay: Process) -> bool:
    told = [line for line in log_of(relay).splitlines() if '"relay ' in line]
    return any('"relay leads"' in line for line in told[-1:])


def _newest(graph: Graph) -> int:
    return graph.run(read_bounds()).newest


def test_a_leader_that_slept_knows_that_it_leads_no_more(world: Graph) -> None:
    leader, standby = (Leadership(world, length, Event()) for length in (0.3, 60.0))
    steps: list[str] = []
    leader.ask()
    standby.ask()
    leader.lead(lambda: steps.append("first"))
    standby.lead(lambda: steps.append("standby"))
    time.sleep(0.5)

    leader.lead(lambda: steps.append("asleep"))
    standby.ask()
    leader.ask()
    leader.lead(lambda: steps.append("late"))
    standby.lead(lambda: steps.append("second"))

    assert steps == ["first", "second"]
    standby.release()
    leader.ask()
    assert leader.holds()
    assert not standby.holds()


def test_a_standby_takes_over_from_a_killed_and_from_a_frozen_leader(
    world: Graph, start: Start
) -> None:
    first = start(*RELAY)
    eventually(lambda: _leads(first))
    second, third = start(*RELAY), start(*RELAY)
    eventually(lambda: all("relay started" in log_of(each) for each in (second, third)))
    _comment(world, 0)
    eventually(lambda: _newest(world) == 1)

    first.kill()
    _comment(world, 1)
    eventually(lambda: _newest(world) == 2, timeout_s=10)
    (frozen,) = (each for each in (second, third) if _leads(each))
    (other,) = {second, third} - {frozen}

    os.kill(frozen.pid, signal.SIGSTOP)
    _comment(world, 2)
    eventually(lambda: _newest(world) == 3, timeout_s=10)
    assert _leads(other)
    os.kill(frozen.pid, signal.SIGCONT)
    for n in range(3, 30):
        _comment(world, n)
    eventually(lambda: _newest(world) == 30)
    eventually(lambda: not _leads(frozen))

    positions = run(world, "MATCH (e:Event) RETURN e.position AS n ORDER BY n")
    assert [row["n"] for row in positions] == list(range(1, 31))
    jobs = run(world, "MATCH (j:Job) RETURN count(j) AS n, count(DISTINCT j.key) AS keys")
    assert jobs == [{"n": 30, "keys": 30}]

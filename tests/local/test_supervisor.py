import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from local.errors import LocalError
from local.process import Process
from local.supervisor import Backoff, Interrupted, Supervisor, interruptible

pytestmark = pytest.mark.unit

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DIE = [sys.executable, "-c", "raise SystemExit(3)"]
# Says its name when it is asked to stop, and waits for a child that it leaves behind.
POLITE = """
import signal, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
def leave(*_):
    with open(sys.argv[1], "a") as file:
        print(sys.argv[2], file=file)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("ready", flush=True)
while True:
    signal.pause()
"""
# A supervisor as a process of its own; prints the pids of its children.
SUPERVISE = """
import sys
from local.process import Process
from local.supervisor import Interrupted, Supervisor, interruptible
try:
    with interruptible(), Supervisor() as supervisor:
        for name in ("first", "second"):
            child = Process(name, [sys.executable, "-c", "import time; time.sleep(60)"])
            supervisor.start(child)
            print(child.pid, flush=True)
        supervisor.watch()
except Interrupted:
    print("stopped", flush=True)
"""


def gone(pid: int) -> bool:
    for _ in range(400):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def polite(name: str, said: Path, ready: list[str]) -> Process:
    command = [sys.executable, "-c", POLITE, str(said), name]
    return Process(name, command, on_line=lambda _, line: ready.append(line))


def wait_for(lines: list[str], count: int) -> None:
    for _ in range(600):
        if len(lines) >= count:
            return
        time.sleep(0.05)
    raise AssertionError(lines)


def test_the_last_started_stops_first_and_nothing_is_left(tmp_path: Path) -> None:
    ready: list[str] = []
    with Supervisor() as supervisor:
        children = [polite(name, tmp_path / "said", ready) for name in ("neo4j", "worker", "api")]
        for child in children:
            supervisor.start(child)
        wait_for(ready, 3)
        theirs = [one for child in children for one in psutil.Process(child.pid).children()]
        assert len(theirs) == 3
    assert (tmp_path / "said").read_text().split() == ["api", "worker", "neo4j"]
    assert all(gone(process.pid) for process in [*children, *theirs])


def test_what_dies_is_restarted() -> None:
    said: list[str] = []
    process = Process("worker", SLEEP)
    with Supervisor(said.append, lambda: Backoff(first_s=0)) as supervisor:
        supervisor.start(process)
        first = process.pid
        os.kill(first, signal.SIGKILL)
        assert gone(first)
        for _ in range(3):
            supervisor._attend(process, supervisor._children[0][1], time.monotonic())
        assert process.is_running
        assert process.pid != first
    assert said == ["worker stopped (exit code -9); restarting in 0 s."]


def test_what_keeps_dying_stops_everything() -> None:
    steady = Process("neo4j", SLEEP)
    with (  # noqa: PT012 - the pid is known only inside
        pytest.raises(LocalError, match=r"worker stopped 3 times in 60 s \(exit code 3\)"),
        Supervisor(lambda _: None, lambda: Backoff(most=3, first_s=0)) as supervisor,
    ):
        supervisor.start(steady)
        supervisor.start(Process("worker", DIE))
        pid = steady.pid
        supervisor.watch()
    assert gone(pid)


def test_restarts_come_later_each_time_and_end() -> None:
    backoff = Backoff(most=4, within_s=60, first_s=1)
    assert [backoff.next_delay_s(now) for now in (0, 1, 2, 3)] == [1, 3, 9, None]


def test_old_deaths_are_forgotten() -> None:
    backoff = Backoff(most=3, within_s=60, first_s=1)
    assert [backoff.next_delay_s(now) for now in (0, 100, 200, 300)] == [1, 1, 1, 1]


def test_signal_becomes_an_interruption() -> None:
    with pytest.raises(Interrupted, match="SIGTERM"), interruptible():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_supervisor_and_its_children(number: signal.Signals) -> None:
    with supervising() as (supervisor, children):
        supervisor.send_signal(number)
        assert supervisor.wait(30) == 0
        assert all(gone(pid) for pid in children)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_end_with_a_killed_supervisor() -> None:
    with supervising() as (supervisor, children):
        supervisor.kill()
        assert all(gone(pid) for pid in children)


class supervising:  # noqa: N801 - reads as a verb where it is used
    def __enter__(self) -> tuple[subprocess.Popen[str], list[int]]:
        command = [sys.executable, "-c", SUPERVISE]
        self._popen = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._popen.stdout
        return self._popen, [int(self._popen.stdout.readline()) for _ in range(2)]

    def __exit__(self, *_: object) -> None:
        self._popen.kill()
        self._popen.communicate()

import sys
from pathlib import Path

import pytest

from local.errors import LocalError
from local.process import Process

pytestmark = pytest.mark.unit


class NeverReady(Process):
    def is_ready(self) -> bool:
        return False


def test_one_that_ends_while_starting_names_its_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "redis.log"
    process = NeverReady("redis", [sys.executable, "-c", "raise SystemExit(7)"], log=log)
    process.start()
    with pytest.raises(LocalError, match=rf"redis stopped while .*exit code 7.*{log}"):
        process.wait_ready()


def test_one_that_is_never_ready_is_given_up(tmp_path: Path) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = NeverReady("redis", sleep, log=tmp_path / "log")
    process.start()
    with pytest.raises(LocalError, match=r"not ready in 0\.1 s"):
        process.wait_ready(0.1)
    process.stop()


def test_lines_come_with_the_name() -> None:
    lines: list[tuple[str, str]] = []
    process = Process(
        "api",
        [sys.executable, "-c", "print('one'); print('two')"],
        on_line=lambda name, line: lines.append((name, line)),
    )
    process.start()
    assert process.wait() == 0
    process.kill()
    assert lines == [("api", "one"), ("api", "two")]


def test_environment_is_ours_and_what_is_given() -> None:
    lines: list[str] = []
    command = [sys.executable, "-c", "import os; print(os.environ['PATH'] and os.environ['X'])"]
    process = Process("api", command, env={"X": "y"}, on_line=lambda _, line: lines.append(line))
    process.start()
    process.wait()
    process.kill()
    assert lines == ["y"]


def test_a_command_that_was_not_started_says_so() -> None:
    process = Process("api", ["true"])
    assert not process.is_running
    process.stop()
    with pytest.raises(LocalError, match="never started"):
        _ = process.pid

"""Keep processes running: start them in order, restart what dies, stop them in reverse."""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

from local.errors import LocalError
from local.process import Process

_POLL_S = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked us to stop; like KeyboardInterrupt, no `except Exception` may swallow it."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into `Interrupted`, ignore those that follow."""
    before = {number: signal.signal(number, _interrupt) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Backoff:
    """When to start a process again: at once, then ever later, and not for ever."""

    def __init__(self, most: int = 5, within_s: float = 60, first_s: float = 0.2) -> None:
        self.most = most
        self.within_s = within_s
        self._first_s = first_s
        self._deaths: deque[float] = deque(maxlen=most)

    def next_delay_s(self, now_s: float) -> float | None:
        """Count a death; None when there were `most` of them `within_s`."""
        self._deaths.append(now_s)
        while self._deaths[0] <= now_s - self.within_s:
            self._deaths.popleft()
        if len(self._deaths) == self.most:
            return None
        return float(self._first_s * 3 ** (len(self._deaths) - 1))


class Supervisor:
    """A context in which processes run; at its end they are stopped, the last started first."""

    def __init__(
        self, say: Callable[[str], None] = print, backoff: Callable[[], Backoff] = Backoff
    ) -> None:
        self._say = say
        self._backoff = backoff
        self._children: list[tuple[Process, Backoff]] = []
        self._restarts: dict[Process, float] = {}

    def start(self, process: Process) -> None:
        """Start a process and keep it running from then on."""
        self._children.append((process, self._backoff()))
        process.start()

    def watch(self) -> None:
        """Restart what dies until a signal comes.

        Raises:
            LocalError: a process keeps dying.
        """
        while True:
            for process, backoff in self._children:
                self._attend(process, backoff, time.monotonic())
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Stop all, the last started first."""
        for process, _ in reversed(self._children):
            process.stop()
        self._children.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        before = [(number, signal.signal(number, signal.SIG_IGN)) for number in _SIGNALS]
        self.stop()
        for number, handler in before:
            signal.signal(number, handler)

    def _attend(self, process: Process, backoff: Backoff, now_s: float) -> None:
        if process.is_running:
            return
        if process not in self._restarts:
            self._restarts[process] = now_s + self._bury(process, backoff, now_s)
        elif now_s >= self._restarts[process]:
            del self._restarts[process]
            process.start()

    def _bury(self, process: Process, backoff: Backoff, now_s: float) -> float:
        """End what the dead process left behind and return when to start it again."""
        process.kill()
        delay_s = backoff.next_delay_s(now_s)
        if delay_s is None:
            raise LocalError(
                f"{process.name} stopped {backoff.most} times in {backoff.within_s:g} s "
                f"(exit code {process.exit_code}), so everything stops; see {process.output}."
            )
        self._say(
            f"{process.name} stopped (exit code {process.exit_code}); restarting in {delay_s:g} s."
        )
        return delay_s


def _interrupt(number: int, _frame: FrameType | None) -> None:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(signal.Signals(number).name)

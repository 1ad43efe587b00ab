"""Show how far an import is: a bar on a terminal, now and then a line elsewhere."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_LINE_EVERY_S: Final = 5.0


class Display(Protocol):
    """Where an import tells of itself."""

    def advance(self, position: int, lines: int) -> None:
        """Show that the file was read up to a byte, and how many lines these were."""
        ...

    def say(self, sentence: str) -> None:
        """Write a line."""
        ...


class _Bar:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def advance(self, position: int, lines: int) -> None:
        self._progress.update(self._task, completed=position, lines=lines)

    def say(self, sentence: str) -> None:
        self._progress.console.print(escape(sentence), highlight=False, soft_wrap=True)


class _Lines:
    def __init__(self, title: str) -> None:
        self._title = title
        self._last_said = time.monotonic()

    def advance(self, position: int, lines: int) -> None:  # noqa: ARG002 - a bar needs it
        if time.monotonic() - self._last_said > _LINE_EVERY_S:
            self._last_said = time.monotonic()
            self.say(f"{self._title}: {lines:,} lines")

    def say(self, sentence: str) -> None:
        sys.stderr.write(sentence + "\n")


@contextmanager
def show_progress(title: str, size: int | None) -> Generator[Display, None, None]:
    """Show progress on standard error.

    Args:
        title: What is in progress.
        size: Bytes that are to be read; None when nobody knows.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(title)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[lines]:,} lines"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield _Bar(progress, progress.add_task(escape(title), total=size, lines=0))

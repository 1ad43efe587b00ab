"""Import a world of JSON lines: people, their posts and what they did with them.

Each batch is looked up in one statement, checked in Python against what was found, and what is
new is written in a statement for each kind. So an import may be interrupted and run again, and
an import of what is there already writes nothing. No events, jobs or notifications are made, so
figures by the hour are recounted in the end.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from graph.importer.batch import Batch
from graph.importer.known import read_known
from graph.importer.lines import BrokenLine, Line, parse_line
from graph.recount import fill_hours
from graph.runner import Graph

BATCH_LINES: Final = 2_000


@dataclass(slots=True)
class Imported:
    """What became of some lines.

    Args:
        lines: How many there were, empty ones too.
        new: How many of each kind were written.
        known: How many were there already.
        broken: Number (from 1) and reason of each line that cannot be imported.
    """

    lines: int = 0
    new: Counter[str] = field(default_factory=Counter[str])
    known: int = 0
    broken: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def add(self, other: "Imported") -> None:
        """Add what became of other lines."""
        self.lines += other.lines
        self.new += other.new
        self.known += other.known
        self.broken += other.broken


def import_lines(
    graph: Graph,
    lines: Iterable[bytes],
    password_hash: str | None = None,
    batch_lines: int = BATCH_LINES,
) -> Iterator[Imported]:
    """Import lines, and yield what became of each batch of them once it is written.

    When all are, the figures by the hour are counted from what is there then.

    Args:
        graph: A runner that allows a batch some seconds.
        lines: JSON, each after those that it refers to.
        password_hash: What users that are made log in with; None for nothing.
        batch_lines: Lines in a batch.

    Raises:
        Unavailable: Neo4j did not answer; what was yielded is written.
    """
    numbered = enumerate(lines, start=1)
    while batch := list(islice(numbered, batch_lines)):
        yield _import_batch(graph, batch, password_hash)
    for statement in fill_hours():
        graph.run(statement)


def _import_batch(
    graph: Graph, lines: list[tuple[int, bytes]], password_hash: str | None
) -> Imported:
    imported = Imported(lines=len(lines))
    parsed = list(_parse(lines, imported))
    batch = Batch(graph.run(read_known([line for _, line in parsed])), password_hash)
    for number, line in parsed:
        try:
            if batch.add(line):
                imported.new[line.kind] += 1
            else:
                imported.known += 1
        except BrokenLine as broken:
            imported.broken.append((number, str(broken)))
    for statement in batch.statements():
        graph.run(statement)
    imported.broken.sort()
    return imported


def _parse(lines: list[tuple[int, bytes]], imported: Imported) -> Iterator[tuple[int, Line]]:
    for number, line in lines:
        try:
            if line.strip():
                yield number, parse_line(line)
        except BrokenLine as broken:
            imported.broken.append((number, str(broken)))

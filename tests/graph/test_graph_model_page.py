"""The page about the graph names what is declared, and nothing else."""

import re
from collections.abc import Iterator

import pytest

from graph import ddl
from graph.nodes import NODES
from tests.checkout import ROOT
from tests.graph.test_model import declared_labels, declared_types

pytestmark = pytest.mark.unit

PAGE = (ROOT / "docs/graph-model.md").read_text()
MADE = re.compile(r"(?:CONSTRAINT|INDEX) (\w+) IF .*?FOR \S*:(\w+)\S* (?:REQUIRE|ON) ([^{]+)")
DRAWN = re.compile(r'(\w+) -- "?([A-Z_, ]+)"? --> (\w+)')


def _rows(heading: str) -> Iterator[list[str]]:
    """Yield the cells of a section's table."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def _code(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def _ends() -> set[tuple[str, str, str]]:
    """Give (from, type, to) of every declared relationship."""
    found: set[tuple[str, str, str]] = set()
    for node in NODES:
        for each in node.defined_properties(properties=False, aliases=False).values():
            pair = [node.__label__, each._raw_class]
            inward = each.definition["direction"].name == "INCOMING"
            start, end = pair[::-1] if inward else pair
            found.add((start, each.definition["relation_type"], end))
    return found


def test_every_label_stands_there_with_its_properties() -> None:
    told = {_code(label)[0]: set(_code(names)) for label, _, names in _rows("Labels")}
    assert told == declared_labels()


def test_every_relationship_stands_there_with_its_ends_and_properties() -> None:
    told: dict[str, set[str]] = {}
    ends: set[tuple[str, str, str]] = set()
    for kind, between, question, names in _rows("Relationships"):
        assert question.endswith("?")
        told[_code(kind)[0]] = set(_code(names))
        starts, stops = (side.split(", ") for side in between.split(" → "))
        ends |= {(start, _code(kind)[0], stop) for start in starts for stop in stops}
    assert told == declared_types()
    assert ends == _ends()


def test_every_index_stands_there_with_what_it_is_over() -> None:
    told = {_code(name)[0]: (over.split(":")[0], _code(over)) for name, over, _ in _rows("Indexes")}
    texts = (*ddl.CONSTRAINTS, *ddl.INDEXES, *ddl.FULL_TEXT_INDEXES)
    made = {
        name: (of, re.findall(r"[nr]\.(\w+)", over))
        for text in texts
        for name, of, over in MADE.findall(text)
    }
    assert len(made) == len(texts)
    assert told == made


def test_the_picture_draws_what_stands() -> None:
    drawn = {
        (start, kind, end)
        for start, kinds, end in DRAWN.findall(PAGE)
        for kind in kinds.strip().split(", ")
    }
    assert drawn == {each for each in _ends() if not each[1].startswith("ONCE_")}

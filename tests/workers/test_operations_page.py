"""The page for operators names every task, schedule, figure and problem, and nothing else."""

import re
from collections.abc import Iterator

import pytest
from graphql import GraphQLEnumType

from app.http.metrics import _GAUGES
from app.metrics import REGISTRY
from app.schema import build_schema
from graph.events import Event, EventKind, jobs_of
from tests.checkout import ROOT
from workers.celery import SCHEDULES, TASKS, app
from workers.metrics import DEATHS, NUMBERED, SENT, TASK_SECONDS
from workers.relay_figures import RELAY_FIGURES

pytestmark = pytest.mark.unit
PAGE = (ROOT / "docs" / "operations.md").read_text()


def _rows(heading: str) -> Iterator[list[str]]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert all(cells), line
            yield [cells[0].strip("`"), *cells[1:]]


def _first(heading: str) -> set[str]:
    return {row[0] for row in _rows(heading)}


def test_every_task_has_its_row() -> None:
    app.loader.import_default_modules()
    ours = {name for name, task in app.tasks.items() if task.__module__ in TASKS}
    jobs = {job for kind in EventKind for job in jobs_of(Event("e_1", kind, 1, "u_1", "p_1"))}
    told = [_first(heading) for heading in ("Jobs", "Tasks without a job", "Schedules")]
    assert told[0] == jobs - {"tally"}
    assert set.union(*told) == ours
    assert sum(map(len, told)) == len(ours)


def test_every_schedule_has_its_row_with_its_length() -> None:
    told = {row[0]: row[1] for row in _rows("Schedules")}
    assert told == {name: f"{slots.every_s} s" for name, slots in SCHEDULES.items()}


def test_every_figure_has_its_row() -> None:
    samples = {sample.name for each in REGISTRY.collect() for sample in each.samples}
    counted = {name for name in samples if not name.endswith("_created")}
    totals = {f"{each._name}_total" for each in (DEATHS, SENT, NUMBERED)}
    theirs = {TASK_SECONDS._name, "nexus_queue_messages", *totals, *RELAY_FIGURES}
    assert _first("Figures") == {*_GAUGES} | counted | theirs
    assert {*re.findall(r"nexus_[a-z_0-9]+", PAGE)} <= _first("Figures")


def test_every_problem_has_its_row() -> None:
    problems = build_schema().type_map["HealthProblem"]
    assert isinstance(problems, GraphQLEnumType)
    assert _first("What is wrong, and what to do") == {*problems.values}

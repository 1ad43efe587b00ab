"""The project as a newcomer finds it: what it needs, and what the README promises."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

import pytest

from tests.checkout import PACKAGES, ROOT, imports, make_targets, modules
from tests.renew import README, readme_with_settings

pytestmark = pytest.mark.unit

RUNTIME: Final = ROOT / "requirements.txt"
DEVELOPMENT: Final = ROOT / "requirements-dev.txt"
PIN: Final = re.compile(r"([a-z0-9-]+)(?:\[[a-z0-9,]+\])?==[0-9][\w.]*(; [^#]+)?( +# .+)?")
LINK: Final = re.compile(r"\]\((?!https?://|#)([^)#]+)")
CODE: Final = re.compile(r"```sh\n(.*?)```|`([^`\n]+)`", re.DOTALL)
REALTIME: Final = ROOT / "docs" / "realtime.md"
OPERATIONS: Final = ROOT / "docs" / "operations.md"
DECISIONS: Final = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def tracked() -> list[Path]:
    """Give the files of the project that are there, new ones too."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.splitlines() if (ROOT / name).is_file()]


def pins(text: str) -> list[str]:
    """Give the names that are pinned in a part of a requirements file."""
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "-r "))]
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    return [line.partition("==")[0].partition("[")[0] for line in lines]


def chosen(file: Path) -> set[str]:
    """Give what a requirements file pins because we use it ourselves."""
    return set(pins(file.read_text().partition("\n# Brought in by the above.\n")[0]))


def third_party(folder: str) -> set[str]:
    """Give the distributions that a folder's modules import."""
    ours = {*PACKAGES, "tests", *sys.stdlib_module_names}
    known = packages_distributions()
    names = {name.partition(".")[0] for module in modules(folder) for name in imports(module)}
    return {re.sub(r"[-_.]+", "-", known[name][0]).lower() for name in names - ours}


@pytest.mark.parametrize("file", [RUNTIME, DEVELOPMENT], ids=lambda file: file.name)
def test_every_requirement_is_pinned_once_and_exactly(file: Path) -> None:
    names = pins(file.read_text())
    assert sorted(names) == sorted(set(names))


def test_nothing_is_pinned_in_both_files() -> None:
    assert not set(pins(RUNTIME.read_text())) & set(pins(DEVELOPMENT.read_text()))


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_package_imports_is_chosen(package: str) -> None:
    """What only another library brings along may go with that library's next version."""
    assert third_party(package) <= chosen(RUNTIME)


def test_what_is_chosen_is_used() -> None:
    plug_ins = {"neo4j-rust-ext"}  # the driver finds it by itself
    imported = set[str]().union(*(third_party(package) for package in PACKAGES))
    assert chosen(RUNTIME) - plug_ins == imported | {"uvicorn"}


def test_what_tests_import_is_pinned() -> None:
    pinned = {*pins(RUNTIME.read_text()), *pins(DEVELOPMENT.read_text())}
    assert third_party("tests") <= pinned


def test_nothing_is_left_for_later_and_no_machine_shows() -> None:
    later = re.compile(r"\b(?:TO(?:DO)|FIX(?:ME)|XX(?:X))\b")
    machine = re.compile(rf"{re.escape(str(ROOT))}/|/(?:home|Users)/\w")
    for file in tracked():
        text = file.read_text(errors="replace")
        assert not later.search(text), file
        assert not machine.search(text), file


def test_every_module_says_what_it_is_for() -> None:
    for package in PACKAGES:
        for module in modules(package):
            assert ast.get_docstring(ast.parse(module.read_text())), module


def test_the_table_of_settings_is_that_of_the_code() -> None:
    """`python -m tests.renew` writes it."""
    assert README.read_text() == readme_with_settings()


def test_commands_in_the_readme_exist() -> None:
    blocks = "\n".join(f"{block}{code}" for block, code in CODE.findall(README.read_text()))
    assert {*re.findall(r"\bmake (?:[A-Z]+=\S+ )*([a-z-]+)", blocks)} <= make_targets()
    found = {*re.findall(r"python -m ([\w.]+)", blocks)}
    assert found
    for module in found:
        path = ROOT.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


@pytest.mark.parametrize(
    "document",
    [README, ROOT / "CHANGELOG.md", REALTIME, OPERATIONS, *DECISIONS],
    ids=lambda path: path.name,
)
def test_links_lead_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text()):
        assert (document.parent / target).exists(), target


def test_files_that_documents_name_exist() -> None:
    """A path in backquotes that begins with a folder of ours is a promise."""
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    for document in (README, REALTIME, OPERATIONS, *DECISIONS):
        for name in re.findall(r"`([\w./-]+)`", document.read_text()):
            if name.partition("/")[0] in folders and "/" in name:
                assert (ROOT / name).exists(), f"{document.name}: {name}"


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.name)
def test_decisions_have_their_four_parts_on_one_page(decision: Path) -> None:
    text = decision.read_text()
    assert re.match(rf"# {int(decision.name[:4])}\. ", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "Alternatives",
    ]
    assert len(text.splitlines()) <= 60

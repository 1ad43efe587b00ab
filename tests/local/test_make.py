"""What `make` does around Python: settings it hands on, and the `.venv` that it makes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT

pytestmark = pytest.mark.unit

HANDED_ON = '#!/bin/sh\nprintf "%s" "$NEXUS_IMPORT_PASSWORD"\n'
# Answers as a Python of some version does, and in place of `-m venv --clear` writes one file.
PYTHON = """#!{real}
import pathlib, shutil, sys
sys.version_info = {version}
if sys.argv[1] == "-c":
    if "{lacks}" in sys.argv[2]:
        sys.exit(1)
    exec(sys.argv[2])
else:
    assert sys.argv[1:4] == ["-m", "venv", "--clear"], sys.argv
    shutil.rmtree(sys.argv[4], ignore_errors=True)
    pathlib.Path(sys.argv[4], "bin").mkdir(parents=True)
    pathlib.Path(sys.argv[4], "bin", "python").write_text("made")
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a directory with the Makefile and what it reads, and no `.venv`."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make(checkout: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    ours = ("MAKE", "NEXUS_")  # of the make that runs this test, and of whoever started it
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        ["make", *arguments],  # noqa: S607 - the one of whoever runs the tests
        cwd=checkout,
        env={**env, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("argument", "environment", "password"),
    [
        ([], {}, ""),
        (["PASSWORD=of the $line"], {}, "of the $line"),
        ([], {"NEXUS_IMPORT_PASSWORD": "of (the) $environment"}, "of (the) $environment"),
        (["PASSWORD=first"], {"NEXUS_IMPORT_PASSWORD": "second"}, "first"),
    ],
)
def test_an_import_gets_its_password(
    checkout: Path, argument: list[str], environment: dict[str, str], password: str
) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(HANDED_ON)
    python.chmod(0o755)
    options = ["--old-file=.venv/.runtime", "import", "FILE=world.jsonl"]
    done = make(checkout, *options, *argument, **environment)
    assert (done.stdout, done.stderr) == (password, "")


def python(checkout: Path, version: str, lacks: str = "nothing") -> str:
    """Make a Python of a version that lacks a module; the `.venv` that it makes is one file."""
    path = checkout / "python"
    path.write_text(PYTHON.format(version=version, lacks=lacks, real=sys.executable))
    path.chmod(0o755)
    return f"PYTHON={path}"


@pytest.mark.parametrize(
    ("version", "lacks", "said"),
    [
        ("(3, 10)", "nothing", "Nexus needs Python 3.11 or newer: make PYTHON="),
        ("(3, 12)", "venv", "lacks the venv module: apt-get install python3-venv"),
        ("(3, 13)", "nothing", "there is no C compiler: apt-get install gcc libc6-dev"),
    ],
)
def test_what_a_machine_lacks_is_named(checkout: Path, version: str, lacks: str, said: str) -> None:
    without_cc = checkout / "bin"
    without_cc.mkdir()
    for name in ("sh", "make"):
        (without_cc / name).symlink_to(shutil.which(name) or name)
    done = make(checkout, "run", python(checkout, version, lacks), PATH=str(without_cc))
    assert done.returncode == 2
    assert said in done.stdout
    assert not (checkout / ".venv").exists()


def test_a_venv_that_was_interrupted_is_made_afresh(checkout: Path) -> None:
    broken = checkout / ".venv" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\necho no pip >&2; exit 1\n")
    broken.chmod(0o755)
    done = make(checkout, ".venv/.made", python(checkout, "(3, 12)"))
    assert (done.returncode, done.stderr) == (0, "")
    assert broken.read_text() == "made"
    assert "up to date" in make(checkout, ".venv/.made").stdout


def test_a_venv_whose_python_is_gone_is_made_afresh(checkout: Path) -> None:
    gone = checkout / ".venv" / "bin" / "python"
    gone.parent.mkdir(parents=True)
    gone.symlink_to(checkout / "an old python")
    (checkout / ".venv" / ".made").touch()
    assert make(checkout, ".venv/.made", python(checkout, "(3, 12)")).returncode == 0
    assert gone.read_text() == "made"

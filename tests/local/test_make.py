"""What `make` does around Python: settings it hands on."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.checkout import ROOT

pytestmark = pytest.mark.unit

HANDED_ON = '#!/bin/sh\nprintf "%s" "$NEXUS_IMPORT_PASSWORD"\n'


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

"""The command line: what it says, and the exit code that a script goes by."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graph import ddl
from graph.commands import main
from graph.runner import Graph
from graph.settings import GraphSettings
from local.ports import free_ports
from tests.graph.test_importer import WORLD, encode, nodes
from tests.graph.world import run

pytestmark = pytest.mark.usefixtures("clean", "environment")

BROKEN = b'{"kind":"like","user":9,"subject":1,"at_ms":1}\n'


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]


@pytest.fixture
def environment(graph_settings: GraphSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("NEXUS_")]:
        monkeypatch.delenv(name)
    password = graph_settings.neo4j_password.get_secret_value()
    monkeypatch.setenv("NEXUS_NEO4J_URI", graph_settings.neo4j_uri)
    monkeypatch.setenv("NEXUS_NEO4J_PASSWORD", password)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process, which spares half a second of imports."""

    def complete(*arguments: str, **settings: str) -> Done:
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            return Done(main(arguments), *capsys.readouterr())

    return complete


def shell(*arguments: str, given: bytes = b"") -> Done:
    """Run `python -m graph` as a shell does."""
    line = [sys.executable, "-m", "graph", *arguments]
    done = subprocess.run(line, input=given, capture_output=True, check=False)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def world(tmp_path: Path) -> Path:
    path = tmp_path / "world.jsonl"
    path.write_bytes(b"".join(encode(WORLD)))
    return path


@pytest.fixture
def older(sync_graph: Graph) -> Iterator[None]:
    """Make the database one that no version of Nexus has prepared."""
    text = "MATCH (v:SchemaVersion {name: 'nexus'}) SET v.version = $version"
    run(sync_graph, text, version=0)
    yield
    run(sync_graph, text, version=ddl.VERSION)


@pytest.mark.usefixtures("older")
def test_apply_brings_a_database_to_this_version_and_says_so(command: Command) -> None:
    made, again = command("apply"), command("apply")

    version = f"version {ddl.VERSION}.\n"
    assert (made.returncode, again.returncode) == (0, 0)
    assert made.stdout == f"The database has its constraints and indexes: {version}"
    assert again.stdout == f"The database was up to date: {version}"


@pytest.mark.usefixtures("older")
def test_import_asks_for_a_prepared_database(command: Command, world: Path) -> None:
    done = command("import", str(world))

    assert done.returncode == 1
    assert "Run `python -m graph apply` first." in done.stderr


def test_import_says_what_is_new(command: Command, world: Path) -> None:
    done, again = command("import", str(world)), command("import", str(world))

    assert done.returncode == 0
    assert done.stdout == (
        "14 lines: 4 users, 2 follows, 2 posts, 3 comments, 2 likes, 1 shares new; "
        "0 were there already; 0 broken.\n"
    )
    assert (again.returncode, again.stdout) == (
        0,
        "14 lines: nothing new; 14 were there already; 0 broken.\n",
    )


def test_import_reads_what_gzip_packed(command: Command, world: Path) -> None:
    world.write_bytes(gzip.compress(world.read_bytes()))

    done = command("import", str(world))

    assert done.returncode == 0
    assert "4 users" in done.stdout


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_import_reads_standard_input(pack: Callable[[bytes], bytes]) -> None:
    done = shell("import", "-", given=pack(b"".join(encode(WORLD)) + BROKEN))

    assert done.returncode == 1
    assert "-:15: `user`: there is no user 9" in done.stderr
    assert "4 users" in done.stdout


def test_import_tells_broken_lines_and_fails_at_the_end(command: Command, world: Path) -> None:
    world.write_bytes(b"{\n" + BROKEN + world.read_bytes())

    done = command("import", str(world))

    assert done.returncode == 1
    assert f"{world}:1: Invalid JSON: " in done.stderr
    assert f"{world}:2: `user`: there is no user 9\n" in done.stderr
    assert "4 users" in done.stdout
    assert done.stdout.endswith("0 were there already; 2 broken.\n")


def test_import_of_a_damaged_file(command: Command, world: Path) -> None:
    world.write_bytes(gzip.compress(world.read_bytes())[:-20])

    done = command("import", str(world))

    assert done.returncode == 1
    assert done.stderr == (
        f"graph: {world} is damaged: Compressed file ended before the end-of-stream marker was "
        "reached. Get the file again and import it; what is written by now is kept.\n"
    )


def test_import_gives_people_the_password(command: Command, world: Path, sync_graph: Graph) -> None:
    command("import", str(world), NEXUS_IMPORT_PASSWORD_HASH="$argon2id$made-up")

    assert nodes(sync_graph, "User")["u_1"]["password_hash"] == "$argon2id$made-up"


def test_import_of_a_file_that_is_not_there(command: Command, tmp_path: Path) -> None:
    done = command("import", str(tmp_path / "none.jsonl"))

    assert done.returncode == 1
    assert "none.jsonl" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_set_role_makes_the_first_admin(command: Command, world: Path, sync_graph: Graph) -> None:
    command("import", str(world))

    done = command("set-role", "bob", "ADMIN")

    assert (done.returncode, done.stdout) == (0, "bob is ADMIN now, and has to log in again.\n")
    assert nodes(sync_graph, "User")["u_2"]["role"] == "ADMIN"


def test_set_role_of_nobody(command: Command) -> None:
    done = command("set-role", "nobody", "ADMIN")

    assert (done.returncode, done.stderr) == (1, "graph: There is no user 'nobody'.\n")


def test_set_role_knows_the_roles() -> None:
    done = shell("set-role", "bob", "KING")

    assert done.returncode == 2
    assert "invalid choice: 'KING'" in done.stderr


def test_count_tells_totals_one_a_line(command: Command, world: Path) -> None:
    empty = command("count").stdout
    command("import", str(world))

    assert empty == "users 0\nposts 0\ncomments 0\nlikes 0\nfollows 0\nshares 0\n"
    assert command("count").stdout == (
        "users 4\nposts 2\ncomments 3\nlikes 2\nfollows 2\nshares 1\n"
    )


def test_a_database_that_is_not_there(command: Command) -> None:
    [port] = free_ports(1)
    uri = f"bolt://localhost:{port}"

    done = command("count", NEXUS_NEO4J_URI=uri, NEXUS_NEO4J_TIMEOUT_S="0.3")

    assert done.returncode == 1
    assert done.stderr == (
        f"graph: Neo4j at {uri} cannot be reached or is too busy. "
        "Start it, or set NEXUS_NEO4J_URI to where it is.\n"
    )


def test_a_refused_password(command: Command) -> None:
    done = command("count", NEXUS_NEO4J_USER="mallory")

    assert done.returncode == 1
    assert "refuses user 'mallory'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (
            {"NEXUS_NEO4J_URI": "http://localhost"},
            "NEXUS_NEO4J_URI: begin the address with bolt://",
        ),
        (
            {"NEXUS_NEO4J_TIMEOUT_S": "soon"},
            "NEXUS_NEO4J_TIMEOUT_S: Input should be a valid",
        ),
        ({"NEXUS_NEO4J_DATABASE": "nothere"}, "nothere"),
    ],
)
def test_a_setting_that_cannot_be(command: Command, settings: dict[str, str], named: str) -> None:
    done = command("count", **settings)

    assert done.returncode == 1
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1

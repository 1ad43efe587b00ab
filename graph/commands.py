"""The commands of `python -m graph`."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from neo4j.exceptions import AuthError, DriverError, Neo4jError

from graph import ddl
from graph.errors import GraphError, Unavailable
from graph.importer import Imported, import_lines
from graph.importer.progress import show_progress
from graph.importer.source import open_source
from graph.roles import appoint
from graph.runner import Graph
from graph.settings import GraphSettings, load
from graph.streams import break_history
from graph.totals import read_totals
from graph.viewer import Role

_PASSWORD_HASH: Final = "NEXUS_IMPORT_PASSWORD_HASH"  # noqa: S105 - the name of a variable
_PATIENCE_S: Final = 120.0
_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what a person can cause becomes one sentence."""
    options = _parser().parse_args(arguments)
    try:
        settings = load(GraphSettings)
    except SystemExit as error:
        return _complain(str(error))
    try:
        return _run(options, settings)
    except KeyboardInterrupt:
        _complain("Interrupted. What was done is kept; run it again to go on.")
        return _INTERRUPTED
    except (GraphError, RuntimeError, DriverError, Neo4jError, OSError) as error:
        return _complain(_sentence(error, settings))


def _run(options: argparse.Namespace, settings: GraphSettings) -> int:
    with Graph(settings) as graph:  # finds out within the ordinary deadline that nobody is there
        graph.run(ddl.read_version())
    patience = {"neo4j_timeout_s": max(_PATIENCE_S, settings.neo4j_timeout_s)}
    command: Callable[[Graph, argparse.Namespace], int] = options.run
    with Graph(settings.model_copy(update=patience)) as graph:
        return command(graph, options)


def _apply(graph: Graph, _: argparse.Namespace) -> int:
    count = ddl.apply(graph)
    was = "was up to date" if count == 0 else "has its constraints and indexes"
    _say(f"The database {was}: version {ddl.VERSION}.")
    return 0


def _import(graph: Graph, options: argparse.Namespace) -> int:
    if graph.run(ddl.read_version()) != ddl.VERSION:
        raise RuntimeError(
            "The database is not at this version of Nexus. Run `python -m graph apply` first."
        )
    total = Imported()
    with (
        open_source(options.file) as source,
        show_progress(f"Importing {options.file}", source.size) as display,
    ):
        for batch in import_lines(graph, source, options.password_hash):
            total.add(batch)
            for number, reason in batch.broken:
                display.say(f"{options.file}:{number}: {reason}")
            display.advance(source.position(), total.lines)
    _say(_summary(total))
    return 1 if total.broken else 0


def _summary(total: Imported) -> str:
    new = ", ".join(f"{count:,} {kind}s" for kind, count in total.new.items())
    return (
        f"{total.lines:,} lines: {new or 'nothing'} new; "
        f"{total.known:,} were there already; {len(total.broken):,} broken."
    )


def _set_role(graph: Graph, options: argparse.Namespace) -> int:
    graph.run(appoint(options.username, Role[options.role]))
    _say(f"{options.username} is {options.role} now, and has to log in again.")
    return 0


def _count(graph: Graph, _: argparse.Namespace) -> int:
    for name, count in graph.run(read_totals()).items():
        _say(f"{name} {count}")
    return 0


def _break_history(graph: Graph, _: argparse.Namespace) -> int:
    graph.run(break_history())
    _say("Live streams begin anew: clients that come back read their pages again.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m graph", description=__doc__)
    commands = parser.add_subparsers(required=True)
    apply = commands.add_parser("apply", help="make constraints and indexes; may run again")
    apply.set_defaults(run=_apply)
    lines = commands.add_parser("import", help="import JSON lines; may run again")
    lines.add_argument("file", help="plain or packed by gzip; - is standard input")
    lines.add_argument(
        "--password-hash",
        default=os.environ.get(_PASSWORD_HASH) or None,
        help=f"what imported users log in with, by default ${_PASSWORD_HASH}; "
        "`python -m adapters.passwords` makes it of a password",
    )
    lines.set_defaults(run=_import)
    role = commands.add_parser("set-role", help="make the first admin")
    role.add_argument("username")
    role.add_argument("role", choices=[role.name for role in Role])
    role.set_defaults(run=_set_role)
    count = commands.add_parser("count", help="count users, posts, comments and edges")
    count.set_defaults(run=_count)
    broken = commands.add_parser(
        "break-history", help="after a restore: let clients read anew what they may have missed"
    )
    broken.set_defaults(run=_break_history)
    return parser


def _sentence(error: Exception, settings: GraphSettings) -> str:
    match error:
        case Unavailable():
            return (
                f"Neo4j at {settings.neo4j_uri} cannot be reached or is too busy. "
                "Start it, or set NEXUS_NEO4J_URI to where it is."
            )
        case AuthError():
            return (
                f"Neo4j at {settings.neo4j_uri} refuses user {settings.neo4j_user!r} with this "
                "password. Set NEXUS_NEO4J_USER and NEXUS_NEO4J_PASSWORD."
            )
        case DriverError() | Neo4jError():
            return f"Neo4j at {settings.neo4j_uri}: {error}"
        case _:
            return str(error)


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")


def _complain(sentence: str) -> int:
    sys.stderr.write(f"graph: {sentence}\n")
    return 1

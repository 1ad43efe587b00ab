"""Dead letters on the command line.

python -m workers.dead_letters list|show ID|replay ID|discard ID
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any, Final

from graph.dead_letters import (
    discard_as_operator,
    list_letters,
    replay_as_operator,
    show_letter,
)
from graph.errors import GraphError
from graph.pages import LONGEST_PAGE, PageRequest
from graph.runner import Graph
from graph.settings import GraphSettings, load

_DEFAULT: Final = 20


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says.

    Returns:
        The exit code: 1 when it could not be done.
    """
    given = _parser().parse_args(arguments)
    with Graph(load(GraphSettings)) as graph:
        try:
            _COMMANDS[given.command](graph, given)
        except GraphError as error:
            sys.stderr.write(f"{error.message}\n")
            return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m workers.dead_letters", description="Look after what workers gave up."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="what was given up, newest first, a line each")
    listing.add_argument("--first", type=int, default=_DEFAULT, help=f"1 to {LONGEST_PAGE}")
    listing.add_argument("--after", help="the cursor that the page before ended with")
    for name, told in (
        ("show", "all of one letter, as JSON"),
        ("replay", "open its job again"),
        ("discard", "give it up for good"),
    ):
        commands.add_parser(name, help=told).add_argument("id", help="as `list` shows it")
    return parser


def _list(graph: Graph, given: argparse.Namespace) -> None:
    page = graph.run(list_letters(PageRequest(given.first, given.after)))
    for edge in page["edges"]:
        _tell(_line(edge["node"]))
    if page["page_info"]["has_next_page"]:
        _tell(f"more: --after {page['page_info']['end_cursor']}")


def _line(letter: dict[str, Any]) -> str:
    died_at = datetime.fromtimestamp(letter["died_at"] / 1000, UTC).isoformat(timespec="seconds")
    state = (
        "replayed" if letter["replayed_at"] else "discarded" if letter["discarded_at"] else "dead"
    )
    about = f"{letter['job'] or '?'} {letter['arguments']}"
    error = f"{letter['error_type']}: {letter['error_message']}"
    return "  ".join((letter["id"], died_at, state, about, error))


def _show(graph: Graph, given: argparse.Namespace) -> None:
    _tell(json.dumps(graph.run(show_letter(given.id)), indent=2))


def _replay(graph: Graph, given: argparse.Namespace) -> None:
    _tell(
        f"{graph.run(replay_as_operator(given.id))} is replayed; its letter goes when it is done."
    )


def _discard(graph: Graph, given: argparse.Namespace) -> None:
    _tell(f"{graph.run(discard_as_operator(given.id))} is discarded.")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


_COMMANDS: Final = {"list": _list, "show": _show, "replay": _replay, "discard": _discard}

if __name__ == "__main__":
    sys.exit(main())

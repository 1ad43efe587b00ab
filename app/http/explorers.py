"""GraphQL Playground and GraphiQL, every file from this server."""

from pathlib import Path
from string import Template
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

_HERE: Final = Path(__file__).parent / "pages"
_EXAMPLES: Final = _HERE / "examples"


def example_tabs() -> list[dict[str, str]]:
    """Give the example operations, in the order of their file names."""
    tabs: list[dict[str, str]] = []
    for file in sorted(_EXAMPLES.glob("*.graphql")):
        variables = file.with_suffix(".json")
        tabs.append(
            {
                "name": file.stem.partition("-")[2].replace("-", " "),
                "query": file.read_text(),
                "variables": variables.read_text() if variables.exists() else "{}",
            }
        )
    return tabs


def _page(name: str) -> Response:
    # `<` is escaped so that no example can end the script that it stands in.
    tabs = orjson.dumps(example_tabs()).decode().replace("<", "\\u003c")
    return HTMLResponse(Template((_HERE / name).read_text()).substitute(tabs=tabs))


def playground(_: Request) -> Response:
    """Serve GraphQL Playground with the examples in tabs."""
    return _page("playground.html")


def graphiql(_: Request) -> Response:
    """Serve GraphiQL with the examples in tabs."""
    return _page("graphiql.html")


def login_script(_: Request) -> Response:
    """Serve what carries a log-in from one tab of an explorer to the others."""
    return FileResponse(_HERE / "login.js")


def explorer_routes(assets_dir: Path) -> list[BaseRoute]:
    """Give the routes of both explorers, their files in `assets_dir`."""
    return [
        Route("/playground", playground),
        Route("/graphiql", graphiql),
        Route("/explorers/login.js", login_script),
        Mount("/assets", StaticFiles(directory=assets_dir)),
    ]

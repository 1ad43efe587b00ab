"""What a person at the terminal is told."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from rich.console import Console
from rich.markup import escape

from local import demo
from local.settings import LocalSettings

_TRY = "MATCH (u:User {username: 'ana'})-[r]-(other) RETURN u, r, other LIMIT 50"

_console = Console(highlight=False)


def say(text: str) -> None:
    """Say what happens now."""
    _console.print(f"[bold]nexus[/] {text}", soft_wrap=True)


def show(settings: LocalSettings, environment: Mapping[str, str]) -> None:
    """Show where everything is and what to try first."""
    _console.print("\n[bold green]Nexus is up.[/] Ctrl-C stops it.\n")
    for name, value in _rows(settings, environment):
        # Not a rich table: that would cut or fold addresses, which are to be clicked and copied.
        _console.print(f"[bold]{name:<20}[/]{escape(value)}", soft_wrap=True)
    _console.print()


def _rows(settings: LocalSettings, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    api = f"http://localhost:{settings.http_port}"
    yield "GraphQL Playground", f"{api}/playground"
    yield "GraphiQL", f"{api}/graphiql"
    yield "GraphQL", f"{api}/graphql"
    if not settings.neo4j_uri:
        yield "Neo4j Browser", browser_address(settings)
        yield "", f"user {settings.neo4j_user}, password {environment['NEXUS_NEO4J_PASSWORD']}"
    if settings.demo and settings.env == "development":
        yield "Demo logins", f"{demo.USER}, and {demo.ADMIN} who is an admin"
        yield "", f"password of both: {demo.PASSWORD}"
        yield "Try first", f"log in as {demo.USER} in Playground, then read your feed"


def browser_address(settings: LocalSettings) -> str:
    """Return Neo4j Browser's address, with the server and a first query typed in."""
    server = f"bolt://{settings.neo4j_user}@localhost:{settings.neo4j_bolt_port}"
    query = f"dbms={quote(server, safe=':/@')}&db=neo4j&cmd=edit&arg={quote(_TRY, safe='')}"
    return f"http://localhost:{settings.neo4j_http_port}/browser/?{query}"

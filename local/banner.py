"""What a person at the terminal is told."""

from collections.abc import Mapping
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from local import demo
from local.settings import LocalSettings

_TRY = "MATCH (u:User {username: 'ana'})-[r]-(other) RETURN u, r, other LIMIT 50"

_WIDTH = 240  # an address must stay one line to be clicked or copied
_console = Console(highlight=False)


def say(text: str) -> None:
    """Say what happens now."""
    _console.print(f"[bold]nexus[/] {text}", soft_wrap=True)


def show(settings: LocalSettings, environment: Mapping[str, str]) -> None:
    """Show where everything is and what to try first."""
    api = f"http://localhost:{settings.http_port}"
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_row("GraphQL Playground", f"{api}/playground")
    table.add_row("GraphiQL", f"{api}/graphiql")
    table.add_row("GraphQL endpoint", f"{api}/graphql")
    if not settings.neo4j_uri:
        table.add_row("Neo4j Browser", browser_address(settings))
        password = environment["NEXUS_NEO4J_PASSWORD"]
        table.add_row("", f"user {settings.neo4j_user}, password {password}")
    if settings.demo:
        table.add_row("Demo logins", f"{demo.USER} (user), {demo.ADMIN} (admin)")
        table.add_row("", f"password of both: {demo.PASSWORD}")
    table.add_row("Try first", f"in Playground: log in as {demo.USER}, then read your feed")
    _console.print("\n[bold green]Nexus is up.[/] Ctrl-C stops it.\n")
    _console.print(table, width=_WIDTH)
    _console.print()


def browser_address(settings: LocalSettings) -> str:
    """Return Neo4j Browser's address, with the server and a first query typed in."""
    server = f"bolt://{settings.neo4j_user}@localhost:{settings.neo4j_bolt_port}"
    query = f"dbms={quote(server, safe=':/@')}&db=neo4j&cmd=edit&arg={quote(_TRY, safe='')}"
    return f"http://localhost:{settings.neo4j_http_port}/browser/?{query}"

"""Imports run one way: what each part may never import."""

import pytest

from tests.checkout import PACKAGES, ROOT, imports, modules

pytestmark = pytest.mark.unit

NEVER = {
    "graph": {
        "app",
        "workers",
        "adapters",
        "ariadne",
        "graphql",
        "starlette",
        "celery",
        "redis",
        "broadcaster",
    },
    "adapters": {
        "app",
        "workers",
        "graph",
        "ariadne",
        "graphql",
        "starlette",
        "celery",
        "neo4j",
        "neomodel",
    },
    "app/resolvers": {"neo4j", "neomodel", "redis", "broadcaster", "celery"},
    "app": {"workers", "celery"},
    "workers": {"app", "ariadne", "graphql", "starlette"},
}


def imported_from(folder: str, forbidden: set[str]) -> list[str]:
    return [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in modules(folder)
        for name in imports(module)
        if name.partition(".")[0] in forbidden
    ]


def test_graph_knows_neo4j_and_nothing_of_who_asks() -> None:
    """Jobs, commands, the importer and the API run the same statements.

    A statement that knew a request, a task or a message could be used by one of them alone.
    """
    assert not imported_from("graph", NEVER["graph"])


def test_adapters_know_the_outside_world_and_nothing_of_nexus() -> None:
    """API and workers both stand on them, so whatever they imported both would drag along."""
    assert not imported_from("adapters", NEVER["adapters"])


def test_resolvers_do_no_io_of_their_own() -> None:
    """What a request costs in statements can be counted only if all of them go one way.

    That way is the context's runner; a resolver that held a driver, a Redis or a task queue
    could block the event loop where nobody looks.
    """
    assert not imported_from("app/resolvers", NEVER["app/resolvers"])


def test_the_api_sends_no_tasks() -> None:
    """`.delay()` blocks for minutes when the broker hangs, and a task is lost with it.

    Commands commit an event; the relay turns it into jobs.
    """
    assert not imported_from("app", NEVER["app"])


def test_workers_run_without_the_api() -> None:
    """They are started, stopped and scaled on their own, and load nothing that serves requests."""
    assert not imported_from("workers", NEVER["workers"])


@pytest.mark.parametrize("package", [name for name in PACKAGES if name != "local"])
def test_nobody_imports_local(package: str) -> None:
    """It starts servers for people without Docker, and is not in the image."""
    assert not imported_from(package, {"local"})


def test_every_package_is_known_here() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert found <= {*PACKAGES}
    assert all(ROOT.joinpath(folder).is_dir() for folder in (*PACKAGES, *NEVER))

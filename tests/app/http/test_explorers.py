import re
from pathlib import Path

import httpx
import pytest
from graphql import parse, validate
from starlette.applications import Starlette

from adapters.settings import MediaSettings
from app.http.explorers import example_tabs
from app.main import build_app
from app.schema import build_schema
from app.settings import AppSettings
from graph.settings import GraphSettings

SCHEMA = build_schema()
PAGES = Path(__file__).parents[3] / "app" / "http" / "pages"
REFERENCE = re.compile(r"""(?:src|href)="([^"]*)"|url\(([^)]*)\)|@import\s+(\S+)""")


@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8"])
async def test_a_browser_is_sent_to_the_explorer(http: httpx.AsyncClient, accept: str) -> None:
    response = await http.get("/graphql", headers={"accept": accept})
    assert (response.status_code, response.headers["location"]) == (307, "/playground")


async def test_a_question_is_answered_to_a_browser_too(http: httpx.AsyncClient) -> None:
    parameters = {"query": "{ __typename }"}
    response = await http.get("/graphql", params=parameters, headers={"accept": "text/html"})
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("page", ["/playground", "/graphiql"])
async def test_every_file_of_a_page_comes_from_here(http: httpx.AsyncClient, page: str) -> None:
    response = await http.get(page)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "$tabs" not in response.text
    assert not re.search(r"https?://", response.text)
    references = [next(filter(None, found)) for found in REFERENCE.findall(response.text)]
    local = [reference for reference in references if reference.startswith("/")]
    assert len(local) >= 3
    assert {reference for reference in references if reference not in local} <= {"data:,"}
    for reference in local:
        file = await http.get(reference)
        assert (file.status_code, len(file.content) > 100) == (200, True), reference
        if reference.endswith(".css"):
            found = [next(filter(None, each)) for each in REFERENCE.findall(file.text)]
            assert all(each.strip("\"'").startswith(("data:", "#")) for each in found), reference


@pytest.mark.unit
def test_each_example_is_a_tab_in_order_and_no_example_ends_the_script() -> None:
    names = [tab["name"] for tab in example_tabs()]
    assert names[0] == "log in"
    assert len(names) == len(list((PAGES / "examples").glob("*.graphql")))


@pytest.mark.unit
@pytest.mark.parametrize("tab", example_tabs(), ids=lambda tab: tab["name"])
def test_an_example_is_valid(tab: dict[str, str]) -> None:
    assert validate(SCHEMA, parse(tab["query"])) == []


@pytest.mark.unit
def test_variables_belong_to_an_example() -> None:
    for file in (PAGES / "examples").glob("*.json"):
        assert file.with_suffix(".graphql").exists()


async def _statuses(app: Starlette, *paths: str) -> list[int]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://nexus") as http:
        headers = {"accept": "text/html"}
        return [(await http.get(path, headers=headers)).status_code for path in paths]


@pytest.mark.parametrize("off", [{"explorers": False}, {"assets_dir": None}])
async def test_explorers_may_be_off(
    settings: AppSettings,
    graph_settings: GraphSettings,
    media_settings: MediaSettings,
    off: dict[str, None],
) -> None:
    app = build_app(settings.model_copy(update=off), graph_settings, media_settings)
    async with app.router.lifespan_context(app):
        assert await _statuses(app, "/playground", "/graphiql", "/graphql") == [404, 404, 400]

"""Clients that others wrote, as their authors' users run them, against a running Nexus.

Each is refused with a bad token, asks, comments, hears what it and somebody else say, loses its
connection with events on the way, goes on where it stood, ends its subscription, watches counts,
and ends.
"""

import asyncio
from pathlib import Path

import pytest

from tests.clients.conftest import Talk
from tests.clients.scripts import HERE, PATIENCE_S, Script

REASON = "The access token is not valid. Log in again."
REFUSED = {
    "graphql_ws": [4403, REASON],
    "subscriptions_transport_ws": [REASON],
    "apollo": [f"Socket closed with event 4403 {REASON}"],
    "urql": [4403, REASON],
    "graphql_sse": ["UNAUTHENTICATED", REASON],
    "graphql-transport-ws": [4403, REASON],
    "graphql-ws": [f"Server error: '{{'message': '{REASON}'}}'"],
}
"""What each client tells its user of a login that is refused."""
QUICK, *LONGER = [name for name in REFUSED if "-" not in name]


async def _check(talk: Talk, script: Script, refused: list[int | str]) -> None:
    assert await script.tells("refused") == refused
    assert await script.tells("me") == "alice"
    assert await script.tells("said") == "mine"
    assert await script.tells("heard") == "alice: mine"
    await talk.say("one")
    assert await script.tells("heard") == "bob: one"

    talk.line.die()
    await talk.say("two", "three")
    async with asyncio.timeout(PATIENCE_S):
        await talk.line.lost()
    talk.line.cut()
    assert await script.tells("heard") == "bob: two"
    assert await script.tells("heard") == "bob: three"
    await talk.say("four")
    assert await script.tells("heard") == "bob: four"

    script.go_on()
    assert await script.tells("stopped") is True
    await talk.say_told("five")
    script.go_on()
    assert await script.tells("comments") == 6
    assert await script.tells("watched") == 6
    assert await script.end() == (0, "")


@pytest.mark.parametrize(
    "name",
    [QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in LONGER)],
)
async def test_clients_of_javascript(talk: Talk, scripts: Path, name: str) -> None:
    async with talk.script(scripts / f"{name}.mjs") as script:
        await _check(talk, script, REFUSED[name])


@pytest.mark.slow
async def test_the_reference_client_comes_back_with_a_fresh_token(
    talk: Talk, scripts: Path
) -> None:
    """4403 is no end to it: it waits, asks for a token anew, and misses nothing."""
    after = await talk.alice.data("{ streamCursor }")
    more = {"short": talk.short_token(3), "after": after["streamCursor"]}
    async with talk.script(scripts / "graphql_ws_renewal.mjs", **more) as script:
        await talk.say("before")
        assert await script.tells("heard") == "before"
        assert await script.tells("closed") == [4403, "Token expired"]
        await talk.say("meanwhile")
        assert await script.tells("heard") == "meanwhile"
        await talk.say("after")
        assert await script.tells("heard") == "after"


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["graphql-transport-ws", "graphql-ws"])
async def test_gql_of_python(talk: Talk, protocol: str) -> None:
    async with talk.script(HERE / "gql_client.py", protocol) as script:
        await _check(talk, script, REFUSED[protocol])

"""gql on one of the two protocols: the same story as `story.mjs`."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportConnectionFailed, TransportServerError
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import ConnectionClosed

URL = os.environ["NEXUS_URL"].replace("http", "ws", 1)
POST = os.environ["NEXUS_POST"]
WHO = gql("{ me { username } streamCursor }")
SAY = """mutation ($postId: ID!) {
  createComment(input: {postId: $postId, text: "mine"}) { comment { text } userErrors { message } }
}"""
LISTEN = """subscription ($postId: ID!, $after: ID) {
  commentAdded(postId: $postId, after: $after) {
    ... on CommentAdded { eventId comment { text author { username } } }
    ... on StreamGap { eventId }
  }
}"""
WATCH = "subscription ($postId: ID!) { statsChanged(postId: $postId) { comments } }"
COUNT = "query ($postId: ID!) { post(id: $postId) { stats { comments } } }"


def client(token: str, protocol: str) -> Client:
    payload = {"authorization": f"Bearer {token}"}
    return Client(transport=WebsocketsTransport(URL, init_payload=payload, subprotocols=[protocol]))


async def events(token: str, protocol: str, after: str) -> AsyncIterator[dict[str, Any]]:
    """Yield comments, over as many connections as it takes."""
    while True:
        try:
            async with client(token, protocol) as session:
                variables = {"postId": POST, "after": after}
                request = GraphQLRequest(LISTEN, variable_values=variables)
                async for result in session.subscribe(request):
                    event = result["commentAdded"]
                    yield event
                    after = event["eventId"]
        except TransportConnectionFailed:
            await asyncio.sleep(0.05)


def tell(**line: Any) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201 - a test reads it


async def word() -> None:
    await asyncio.to_thread(sys.stdin.readline)


async def listen(token: str, protocol: str, after: str) -> None:
    async for event in events(token, protocol, after):
        comment = event.get("comment")
        tell(heard=f"{comment['author']['username']}: {comment['text']}" if comment else "gap")


async def play(token: str, protocol: str) -> None:
    try:
        async with client("not-a-token", protocol):
            tell(refused=None)
    except TransportConnectionFailed as error:
        closed = error.__cause__
        frame = closed.rcvd if isinstance(closed, ConnectionClosed) else None
        tell(refused=frame and [frame.code, frame.reason])
    except TransportServerError as error:
        tell(refused=[str(error)])

    async with client(token, protocol) as session:
        who = await session.execute(WHO)
        tell(me=who["me"]["username"])
        own = {"postId": POST}
        said = await session.execute(GraphQLRequest(SAY, variable_values=own))
        tell(said=said["createComment"]["comment"]["text"])

        listener = asyncio.create_task(listen(token, protocol, who["streamCursor"]))
        await word()
        listener.cancel()
        await asyncio.wait([listener])
        tell(stopped=True)

    await word()
    async with client(token, protocol) as session:
        counted = await session.execute(GraphQLRequest(COUNT, variable_values=own))
        tell(comments=counted["post"]["stats"]["comments"])
        watch = session.subscribe(GraphQLRequest(WATCH, variable_values=own))
        tell(watched=(await anext(watch))["statsChanged"]["comments"])
        await watch.aclose()


asyncio.run(play(os.environ["NEXUS_TOKEN"], sys.argv[1]))

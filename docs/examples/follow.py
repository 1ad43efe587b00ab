"""Shows a conversation and what is said in it, whatever happens to the line in between.

pip install "gql[websockets]"
NEXUS_TOKEN=<accessToken> NEXUS_POST=<id> python follow.py
"""

import asyncio
import os
import random
import sys
from typing import Any

from gql import Client, GraphQLRequest
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import ConnectionClosed

URL = os.environ.get("NEXUS_URL", "http://localhost:8000/graphql").replace("http", "ws", 1)
POST_ID = os.environ["NEXUS_POST"]
FINAL = {4400, 4401, 4403, 4406, 4409, 4429}
"""Codes of refusals that another try would only meet again."""

CURSOR = "{ streamCursor }"
PAGE = """query ($postId: ID!) {
  post(id: $postId) { thread { nodes { comment { id text author { username } } } } }
}"""
NEW_COMMENTS = """subscription ($postId: ID!, $after: ID) {
  commentAdded(postId: $postId, after: $after) {
    ... on CommentAdded { eventId comment { id text author { username } } }
    ... on StreamGap { eventId }
  }
}"""


def connect() -> Client:
    """Make a client for one connection.

    Programs that run longer than a token trade their refresh token here, for each connection.
    """
    authorization = f"Bearer {os.environ['NEXUS_TOKEN']}"
    return Client(
        transport=WebsocketsTransport(
            URL,
            init_payload={"authorization": authorization},
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        )
    )


def show(comment: dict[str, Any]) -> None:
    """Show one comment."""
    author = comment["author"]
    print(f"{author['username']}: {comment['text']}" if author else "(removed)", flush=True)


class Conversation:
    """What has been shown of a conversation, and up to which event."""

    def __init__(self) -> None:
        self.after: str | None = None
        self.page: set[str] = set()

    async def show_page(self, session: AsyncClientSession) -> None:
        """Show the conversation as it is now."""
        found = await session.execute(GraphQLRequest(PAGE, variable_values={"postId": POST_ID}))
        if not found["post"]:
            sys.exit("There is no such post, or you may not see it.")
        comments = [node["comment"] for node in found["post"]["thread"]["nodes"]]
        print(f"-- {len(comments)} comments", flush=True)
        for comment in comments:
            show(comment)
        self.page = {comment["id"] for comment in comments}

    async def follow(self, session: AsyncClientSession) -> None:
        """Show what is said, until the connection is lost."""
        if self.after is None:
            # First the position, then the page: what is said between the two comes as an event.
            cursor = (await session.execute(GraphQLRequest(CURSOR)))["streamCursor"]
            await self.show_page(session)
            self.after = cursor
        variables = {"postId": POST_ID, "after": self.after}
        async for result in session.subscribe(
            GraphQLRequest(NEW_COMMENTS, variable_values=variables)
        ):
            event = result["commentAdded"]
            if "comment" not in event:  # a gap: what was missed is not kept any more
                await self.show_page(session)
            elif event["comment"]["id"] not in self.page:
                show(event["comment"])
            self.after = event["eventId"]


def refusal(error: TransportConnectionFailed) -> str | None:
    """Say why another try cannot help; None where it can."""
    closed = error.__cause__
    frame = closed.rcvd if isinstance(closed, ConnectionClosed) else None
    return frame.reason if frame and frame.code in FINAL else None


async def main() -> None:
    """Follow a conversation over as many connections as it takes."""
    conversation = Conversation()
    pause_s = 0.1
    while True:
        try:
            async with connect() as session:
                pause_s = 0.1
                await conversation.follow(session)
        except TransportQueryError as error:
            sys.exit(str(error))
        except TransportConnectionFailed as error:
            if reason := refusal(error):
                sys.exit(reason)
        await asyncio.sleep(random.uniform(0, pause_s))  # noqa: S311 - jitter, not a secret
        pause_s = min(2 * pause_s, 30)


if __name__ == "__main__":
    asyncio.run(main())

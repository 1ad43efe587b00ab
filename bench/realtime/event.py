"""The one event that every candidate tells, so that all of them send the same bytes, or nearly."""

from typing import Any, Final

TEXT: Final = "n{number}"
"""What an event's comment says; clients read the number of the event in it."""

DOCUMENT: Final = """\
subscription ($postId: ID!) {
  commentAdded(postId: $postId) {
    __typename
    ... on CommentAdded {
      eventId
      occurredAt
      comment {
        id
        text
        depth
        createdAt
        author { id username displayName }
        stats { likes replies }
      }
    }
  }
}"""

SDL: Final = """\
type Query { hello: String }
type Subscription { commentAdded(postId: ID!): CommentEvent! }
union CommentEvent = CommentAdded
type CommentAdded { eventId: ID! occurredAt: String! comment: Comment! }
type Comment {
  id: ID! text: String! depth: Int! createdAt: String! author: User! stats: CommentStats!
}
type User { id: ID! username: String! displayName: String! }
type CommentStats { likes: Int! replies: Int! }
"""
"""As much of the schema as the document needs, for those who have none of their own."""


def payload_for(post_id: str) -> dict[str, Any]:
    """Make the payload of the subscription."""
    return {"query": DOCUMENT, "variables": {"postId": post_id}}


def comment_added(number: int) -> dict[str, Any]:
    """Make an event as long as those of Nexus are."""
    return {
        "__typename": "CommentAdded",
        "eventId": f"e_{number}",
        "occurredAt": "2026-01-01T00:00:00.000Z",
        "comment": {
            "id": "c_01M82XVZJZE6B5E0W1ZJCR4MP3",
            "text": TEXT.format(number=number),
            "depth": 1,
            "createdAt": "2026-01-01T00:00:00.000Z",
            "author": {"id": "u_author", "username": "author", "displayName": "The author"},
            "stats": {"likes": 0, "replies": 0},
        },
    }


def next_message(number: int) -> dict[str, Any]:
    """Make the message that tells a client of an event."""
    return {"type": "next", "id": "1", "payload": {"data": {"commentAdded": comment_added(number)}}}


def shape(value: Any) -> Any:
    """Give the names and types in an answer without its values, to hold answers against others."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in sorted(value.items())}
    return type(value).__name__

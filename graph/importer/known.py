"""What the graph already holds of the things that some lines name: one statement a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from graph.ids import Prefix
from graph.importer.lines import FollowLine, LikeLine, Line, ShareLine, UserLine
from graph.statement import Record, Statement

Pair = tuple[str, str]


def user_id(number: int) -> str:
    """Give the id of an imported user."""
    return f"{Prefix.USER}{number}"


def post_id(number: int) -> str:
    """Give the id of an imported post."""
    return f"{Prefix.POST}{number}"


def comment_id(number: int) -> str:
    """Give the id of an imported comment."""
    return f"{Prefix.COMMENT}{number}"


@dataclass(frozen=True, slots=True)
class Message:
    """What a line needs to know of the post or comment that it is about.

    Args:
        id: With the prefix that tells whether it is a post or a comment.
        post_id: The post at its root; its own id for a post.
        depth: 0 for a post, 1 for a reply to it.
        is_public: Whether it is a post that may be shared.
    """

    id: str
    post_id: str
    depth: int
    is_public: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What is there already: in the graph, and in the lines accepted since it was asked.

    Args:
        users: Ids of users.
        usernames: The id of the user who has a username.
        messages: Posts and comments by their number, of which each has its own.
        follows: Ids of follower and followee.
        likes: Ids of user and post or comment.
        shares: Ids of user and post.
    """

    users: set[str]
    usernames: dict[str, str]
    messages: dict[int, Message]
    follows: set[Pair]
    likes: set[Pair]
    shares: set[Pair]


_READ: LiteralString = """\
RETURN
  COLLECT { UNWIND $users AS id MATCH (:User {id: id}) RETURN id } AS users,
  COLLECT {
    UNWIND $usernames AS username MATCH (user:User {username: username})
    RETURN [username, user.id]
  } AS usernames,
  COLLECT {
    UNWIND $messages AS number MATCH (post:Post {id: $post_prefix + number})
    RETURN [number, post.id, post.id, 0, post.visibility = 'PUBLIC']
  } AS posts,
  COLLECT {
    UNWIND $messages AS number MATCH (comment:Comment {id: $comment_prefix + number})
    RETURN [number, comment.id, comment.post_id, comment.depth, false]
  } AS comments,
  COLLECT {
    UNWIND $follows AS pair MATCH ()-[follows:FOLLOWS]->()
    USING INDEX SEEK follows:FOLLOWS(follower_id, followee_id)
    WHERE follows.follower_id = pair[0] AND follows.followee_id = pair[1]
    RETURN pair
  } AS follows,
  COLLECT {
    UNWIND $likes AS pair MATCH ()-[liked:LIKED]->()
    USING INDEX SEEK liked:LIKED(user_id, subject_id)
    WHERE liked.user_id = pair[0] AND liked.subject_id = pair[1]
    RETURN pair
  } AS likes,
  COLLECT {
    UNWIND $shares AS pair MATCH ()-[shared:SHARED]->()
    USING INDEX SEEK shared:SHARED(user_id, post_id)
    WHERE shared.user_id = pair[0] AND shared.post_id = pair[1]
    RETURN pair
  } AS shares"""
"""Seeks are asked for: a plan made while there are few such edges would scan them all."""


def read_known(lines: Sequence[Line]) -> Statement[Known]:
    """Look up everything that some lines are about or name.

    Cost: one index seek for each, two for a post, comment or like.
    """
    likes = [line for line in lines if isinstance(line, LikeLine)]
    parameters = {
        "post_prefix": Prefix.POST,
        "comment_prefix": Prefix.COMMENT,
        "users": list({user_id(number) for line in lines for number in line.users()}),
        "usernames": [line.username for line in lines if isinstance(line, UserLine)],
        "messages": list({number for line in lines for number in line.messages()}),
        "follows": [
            (user_id(line.src), user_id(line.dst)) for line in lines if isinstance(line, FollowLine)
        ],
        "likes": [
            (user_id(line.user), subject)
            for line in likes
            for subject in (post_id(line.subject), comment_id(line.subject))
        ],
        "shares": [
            (user_id(line.user), post_id(line.post))
            for line in lines
            if isinstance(line, ShareLine)
        ],
    }
    return Statement(_READ, parameters, _decode)


def _decode(records: Sequence[Record]) -> Known:
    [record] = records
    return Known(
        users=set(record["users"]),
        usernames=dict(record["usernames"]),
        messages={
            number: Message(*message)
            for number, *message in (*record["posts"], *record["comments"])
        },
        follows={tuple(pair) for pair in record["follows"]},
        likes={tuple(pair) for pair in record["likes"]},
        shares={tuple(pair) for pair in record["shares"]},
    )

"""A selection becomes one Cypher text and its parameters: held as snapshots, without a database.

`NEXUS_RENEW=1` writes them anew; then read the difference.
"""

import os
import re
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from graph import comments, feed, ids, post_lists, posts, users
from graph.errors import InvalidInput
from graph.orders import CommentSort
from graph.pages import encode_cursor
from graph.selection import Field, Selection
from graph.statement import Access, Statement
from graph.viewer import Viewer
from tests.graph.people import AUTHOR, POST, below, edge_of, first, page_of, pick, thread

pytestmark = pytest.mark.unit

SNAPSHOTS: Final = Path(__file__).parent / "snapshots"
RENEW: Final = bool(os.environ.get("NEXUS_RENEW"))
VIEWER: Final = Viewer("u_alice", "s_alice")
COMMENTS = [
    page_of("comments", "Comment", "text", AUTHOR, key=sort, sort=sort) for sort in CommentSort
]
REPLIES = page_of(
    "replies",
    "Comment",
    "text",
    page_of("replies", "Comment", "id", sort="NEW"),
    sort="BEST",
    first=3,
)
SUBJECT = Field("subject", "subject", {}, {"Post": pick("id"), "Comment": pick("text", "stats")})

REASONS = Field(
    "reasons",
    "reasons",
    {},
    {
        "FollowsAuthor": pick(AUTHOR),
        "SharedByFollowed": pick(below("users", "User", "id")),
        "FollowsTag": pick(below("tag", "Tag", "name")),
    },
)


def _read(look: Statement[Any]) -> Statement[Any]:
    """Give the statement that reads a page of a feed, two posts having been found."""
    keys = {post: ids.key(at, post) for post, at in (("p_2", 2), ("p_1", 1))}
    found = [{"id": post, "k": k, "post_k": k} for post, k in keys.items()]
    answer = look.decode([{"value": [{"rows": found, "floor": ""}]}])
    assert isinstance(answer, Statement)
    return answer


STATEMENTS: Final[dict[str, Statement[Any]]] = {
    "feed_look": feed.read_page(VIEWER, first(5, encode_cursor("feed", ["k", ["k"]])), edge_of()),
    "feed_page": _read(
        feed.read_page(
            VIEWER,
            first(),
            pick(
                *edge_of(
                    *POST.fields,
                    page_of("comments", "Comment", "text", AUTHOR, sort="NEW", first=3),
                ).fields,
                REASONS,
            ),
        )
    ),
    "post_with_nothing": posts.find_post(VIEWER, "p_1", Selection()),
    "post_with_thread": posts.find_post(
        VIEWER, "p_1", pick(*POST.fields, thread("text", AUTHOR, "stats"))
    ),
    "post_with_thread_below_a_comment": posts.find_post(VIEWER, "p_1", pick(thread(root="c_1"))),
    "post_with_comments": posts.find_post(VIEWER, "p_1", pick(*COMMENTS)),
    "post_with_interactions": posts.find_post(
        VIEWER,
        "p_1",
        pick(
            page_of(
                "interactions",
                "Interaction",
                below("actor", "User", "id"),
                SUBJECT,
                kinds=["LIKE", "SHARE"],
            )
        ),
    ),
    "posts_of_an_author": post_lists.read_page(
        VIEWER, first(), pick("id"), post_lists.Scope("u_bob")
    ),
    "comment_with_replies": comments.find_comment(
        VIEWER,
        "c_1",
        pick(
            "stats",
            "viewer",
            below("post", "Post", "id"),
            below("parent", "Comment", "id"),
            REPLIES,
        ),
    ),
    "user": users.find_user_by_name(
        VIEWER,
        " Bob ",
        pick(
            "stats",
            "viewer",
            page_of("posts", "Post", "id"),
            page_of("followers", "User", "id"),
            page_of("following", "User", "id"),
        ),
    ),
}


def _shown(statement: Statement[Any]) -> str:
    parameters = orjson.dumps(
        dict(statement.parameters), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    )
    lines = re.sub(
        r" (?=(?:OPTIONAL )?MATCH |WHERE |WITH |ORDER BY |RETURN |UNION |CALL )",
        "\n",
        statement.text,
    )
    return f"{lines}\n\n// {statement.access.value}\n/* {parameters.decode()} */\n"


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_selection_reads_what_it_did(name: str) -> None:
    file = SNAPSHOTS / f"{name}.cypher"
    shown = _shown(STATEMENTS[name])
    if RENEW:
        file.write_text(shown)
    assert shown == file.read_text()


def test_there_is_no_snapshot_of_what_is_gone() -> None:
    assert {file.stem for file in SNAPSHOTS.glob("*.cypher")} == set(STATEMENTS)


def test_reads_say_that_they_read() -> None:
    assert {statement.access for statement in STATEMENTS.values()} == {Access.READ}


def test_texts_hold_nothing_of_what_a_client_sent() -> None:
    nasty = "'}) DETACH DELETE n //"
    alias = page_of("comments", "Comment", "text", key=nasty, sort="NEW", first=7)
    plain = page_of("comments", "Comment", "text", key="c", sort="NEW", first=9)

    one = posts.find_post(Viewer("u", nasty), nasty, pick(alias))
    two = posts.find_post(VIEWER, "p_1", pick(plain))

    assert one.text == two.text


def test_the_order_of_fields_makes_no_other_text() -> None:
    one = posts.find_post(VIEWER, "p_1", pick("stats", "viewer", AUTHOR))
    two = posts.find_post(VIEWER, "p_1", pick(AUTHOR, "viewer", "text", "stats"))
    assert one.text == two.text


@pytest.mark.parametrize("arguments", [{"first": 0}, {"first": 101}, {"after": "x"}])
@pytest.mark.parametrize("name", ["comments", "interactions", "followers"])
def test_a_bad_page_below_is_refused_before_anything_runs(
    name: str, arguments: dict[str, Any]
) -> None:
    node = {"comments": "Comment", "interactions": "Interaction", "followers": "User"}[name]
    used = page_of(name, node, "id", sort="OLD", kinds=None, **arguments)
    selection = pick(below("author", "User", used)) if name == "followers" else pick(used)
    with pytest.raises(InvalidInput):
        posts.find_post(VIEWER, "p_1", selection)

"""Four people who have signed up, what they want to read, and how to see what they did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from graph import ids
from graph.comments import NewComment, create_comment, find_comment
from graph.connections import Order
from graph.entities import TagName
from graph.ids import Prefix
from graph.importer.writes import write_rows
from graph.media import NewMedia, confirm_media, reserve_media
from graph.naming import tag_rows
from graph.pages import PageRequest, decode_cursor
from graph.posts import NewPost, create_post, find_post
from graph.runner import Graph
from graph.selection import Field, Selection
from graph.sessions import NewSession
from graph.statement import Statement
from graph.users import NewUser, sign_up
from graph.viewer import Viewer
from graph.words import searchable
from tests.graph.world import run

T = TypeVar("T")
Deed = tuple[str, str, str, str | None]
LIFETIME_S = 3600.0


def pick(*fields: str | Field) -> Selection:
    """Select fields; a name alone is a field without arguments and children."""
    return Selection(tuple(f if isinstance(f, Field) else Field(f, f) for f in fields))


def below(name: str, type_name: str, *fields: str | Field, **arguments: Any) -> Field:
    """Select an object's fields."""
    key = arguments.pop("key", name)
    return Field(name, key, arguments, {type_name: pick(*fields)})


def page_of(name: str, node: str, *fields: str | Field, **arguments: Any) -> Field:
    """Select the nodes of a connection."""
    edges = below("edges", node + "Edge", below("node", node, *fields))
    return below(name, node + "Connection", edges, **{"first": 20, "after": None} | arguments)


def edge_of(*fields: str | Field) -> Selection:
    """Select fields of the posts of a feed."""
    return pick(below("node", "Post", *fields))


def thread(*fields: str | Field, **arguments: Any) -> Field:
    """Select a thread, and of its comments these fields."""
    defaults = {"sort": "OLD", "max_depth": 50, "limit": 200, "root": None, "after": None}
    comment = (below("comment", "Comment", *fields),) if fields else ()
    nodes = below("nodes", "ThreadNode", "id", *comment)
    return below("thread", "Thread", nodes, "more", **defaults | arguments)


def sample(name: str, *fields: str | Field, **arguments: Any) -> Field:
    """Select a sample of people."""
    users = below("users", "User", *(fields or ("id",)))
    return below(name, "UserSample", "total_count", users, **{"first": 3} | arguments)


def page_of_root(node: str, *fields: str | Field) -> Selection:
    """Select the nodes of a connection at the root."""
    return page_of("page", node, *fields).children[node + "Connection"]


IMAGE: dict[str, Any] = {
    "key": "a" * 32 + ".png",
    "content_type": "image/png",
    "width": 4,
    "height": 3,
    "byte_count": 100,
    "content_hash": "hash",
}
AUTHOR = below("author", "User", "id", "username")
POST = pick("id", "text", AUTHOR, "stats", "viewer")
COMMENT = pick("id", "text", AUTHOR, "stats", "viewer")


def nodes_of(connection: Any) -> list[Any]:
    """Give the nodes of a page."""
    return [edge["node"] for edge in connection["edges"]]


def ids_of(connection: Any) -> list[str]:
    """Give the ids of a page's nodes."""
    return [str(node["id"]) for node in nodes_of(connection)]


def start_of(order: Order, cursor: str) -> list[Any]:
    """Give the position that a cursor of an order holds."""
    return decode_cursor(order.name, cursor)


@dataclass(frozen=True)
class World:
    """The four, and the graph in which they act."""

    graph: Graph
    alice: Viewer
    bob: Viewer
    carol: Viewer
    dan: Viewer

    @property
    def people(self) -> tuple[Viewer, ...]:
        """Everybody."""
        return self.alice, self.bob, self.carol, self.dan

    def run(self, statement: Statement[T]) -> T:
        """Run a statement of ours."""
        return self.graph.run(statement)

    def cypher(self, text: str, **parameters: object) -> list[dict[str, Any]]:
        """Run Cypher of a test's own."""
        return run(self.graph, text, **parameters)

    def value(self, expression: str, **parameters: object) -> Any:
        """Give the value of a Cypher expression, or of what follows MATCH."""
        (row,) = self.cypher(f"RETURN {expression} AS value", **parameters)
        return row["value"]

    def post(self, author: Viewer, text: str = "hello", media_ids: Sequence[str] = ()) -> str:
        """Write a post."""
        return self.run(create_post(author, NewPost.of(author, text, media_ids=media_ids)))

    def image(self, author: Viewer, alt_text: str | None = None, **image: Any) -> str:
        """Upload an image, but for its bytes."""
        reserved = self.run(reserve_media(author, NewMedia.of(author, alt_text, **IMAGE | image)))
        return self.run(confirm_media(author, reserved.id))

    def comment(
        self, author: Viewer, post_id: str, parent_id: str | None = None, text: str = "indeed"
    ) -> str:
        """Write a comment."""
        return self.run(create_comment(author, NewComment.of(author, post_id, parent_id, text)))

    def stats(self, subject_id: str) -> dict[str, int]:
        """Read the counts of a post or comment as a client does."""
        is_comment = subject_id.startswith(Prefix.COMMENT)
        find = find_comment if is_comment else find_post
        row = self.run(find(self.dan, subject_id, pick("stats")))
        assert row is not None
        stats: dict[str, int] = row["stats"]
        return stats

    def recount(self, subject_id: str) -> dict[str, int]:
        """Count the same from every edge and node that is there, degrees left aside."""
        (row,) = self.cypher(
            """\
MATCH (s {id: $id})
OPTIONAL MATCH (s)<-[:REPLY_TO|ONCE_REPLY_TO]-+(c:Comment) WHERE c.deleted_at IS NULL
WITH s, collect(DISTINCT c) AS comments
RETURN size([(s)<-[l:LIKED]-(:User) | l]) AS likes,
       size([(s)<-[r:SHARED]-(:User) | r]) AS shares,
       size([(s)<-[b:BOOKMARKED]-(:User) | b]) AS bookmarks,
       size(comments) AS comments,
       size([c IN comments WHERE c.parent_id = s.id]) AS replies""",
            id=subject_id,
        )
        names = ("likes", "replies") if subject_id.startswith("c_") else _POST_STATS
        return {name: row[name] for name in names}

    def news(self) -> list[Deed]:
        """Give (kind, actor, subject, post) of the events since the last call."""
        rows = self.cypher(
            """\
MATCH (e:Event)
WITH e, e.id AS id, e {.kind, .actor_id, .subject_id, .post_id, .pending} AS told
DELETE e
RETURN told, id ORDER BY id"""
        )
        assert all(row["told"]["pending"] == row["id"] for row in rows)
        return [
            (e["kind"], e["actor_id"], e["subject_id"], e["post_id"])
            for e in (row["told"] for row in rows)
        ]


_POST_STATS = ("likes", "comments", "shares", "bookmarks")


def new_person(graph: Graph, name: str) -> Viewer:
    """Sign somebody up."""
    user = NewUser.of(name, f"{name}@example.org", None, "hash")
    session = NewSession.of(user.id, LIFETIME_S)
    graph.run(sign_up(user, session))
    return Viewer(user.id, session.id)


def new_world(graph: Graph) -> World:
    """Sign up alice, bob, carol and dan."""
    return World(graph, *(new_person(graph, name) for name in ("alice", "bob", "carol", "dan")))


def add(graph: Graph, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many users, posts, comments, likes, shares or follows at once, without events."""
    graph.run(write_rows(kind, rows))


def user_row(name: str) -> dict[str, Any]:
    """Make a user without a session."""
    return {
        "id": f"u_{name}",
        "username": name,
        "display_name": name,
        "words": searchable(name),
        "role": "USER",
        "created_at": 1,
    }


def post_row(post_id: str, author_id: str, at: int, *tags: str) -> dict[str, Any]:
    """Make a post."""
    post = NewPost(post_id, author_id, f"text of {post_id}", at)
    return {"post": post.properties(), "tags": tag_rows(TagName.of(tag) for tag in tags)}


def comment_row(
    comment_id: str,
    author_id: str,
    post_id: str,
    at: int,
    parent: str | None = None,
    depth: int = 1,
) -> dict[str, Any]:
    """Make a comment."""
    comment = NewComment(comment_id, author_id, post_id, parent, f"text of {comment_id}", at)
    return {**comment.properties(), "depth": depth}


def like_row(user_id: str, subject_id: str, at: int) -> dict[str, Any]:
    """Make a like."""
    key = ids.key(at, f"l:{user_id}")
    return {"user_id": user_id, "subject_id": subject_id, "at": at, "k": key}


def share_row(user_id: str, post_id: str, at: int) -> dict[str, Any]:
    """Make a share."""
    key = ids.key(at, f"s:{user_id}")
    return {"user_id": user_id, "post_id": post_id, "at": at, "k": key}


def follow_row(follower_id: str, followee_id: str, at: int) -> dict[str, Any]:
    """Make a follow."""
    key = ids.key(at, f"{follower_id}:{followee_id}")
    return {"follower_id": follower_id, "followee_id": followee_id, "at": at, "k": key}


def first(count: int = 20, after: str | None = None) -> PageRequest:
    """Ask for a page."""
    return PageRequest(count, after)

"""Pages of every list join to the whole, whatever happens between them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, log10
from typing import Any, Final, LiteralString

import pytest
from graphql import GraphQLObjectType, get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.schema import build_schema
from graph import (
    accounts,
    audit,
    blocks,
    bookmarks,
    dead_letters,
    feed,
    ids,
    mutes,
    notifications,
    reports,
    search,
)
from graph.comments import delete_comment, find_comment
from graph.engagement import TimeWindow
from graph.orders import CommentSort
from graph.pages import PageRequest
from graph.post_lists import PostSort, Scope, read_page
from graph.posts import delete_post, find_post
from graph.projection import Row
from graph.runner import Graph
from graph.search import SearchKind
from graph.selection import Field, Selection
from graph.statement import Statement
from graph.tags import find_tag, follow_tag, read_followed, unfollow_tag
from graph.users import find_user
from graph.viewer import Role, Viewer
from tests.graph.people import (
    World,
    add,
    below,
    comment_row,
    edge_of,
    first,
    follow_row,
    like_row,
    new_world,
    page_of,
    page_of_root,
    pick,
    post_row,
    share_row,
    user_row,
)
from tests.graph.world import add_news, catch_up, empty

MOST: Final = 16
POST: Final = "p_root"
HIGH: Final = 10**15 - 1


@dataclass(frozen=True)
class Entry:
    """One thing to be listed: the n-th, at an instant that others may have too."""

    n: int
    at: int
    likes: int = 0

    @property
    def name(self) -> str:
        return f"{self.n:02d}"

    @property
    def user(self) -> str:
        return f"u_x{self.name}"


@dataclass(frozen=True)
class Listing:
    """A list: how its things come, go, are read, and in which order they are to stand.

    Args:
        key: Gives what the list is sorted by, ascending; None for what is not in it.
    """

    put: Callable[[World, Sequence[Entry]], None]
    take: Callable[[World, Entry], None]
    read: Callable[[World, PageRequest], Mapping[str, Any]]
    id_of: Callable[[Entry], str]
    key: Callable[[Entry], Any]
    keeps_what_is_taken: bool = False


def _newest(entry: Entry) -> tuple[int, int]:
    return -entry.at, -entry.n


def _nested(world: World, used: Field) -> Mapping[str, Any]:
    row = world.run(find_post(world.dan, POST, pick(used)))
    assert row is not None
    found: Mapping[str, Any] = row["@" + used.key]
    return found


def _arguments(page: PageRequest) -> dict[str, Any]:
    return {"first": page.first, "after": page.after}


def _post_id(entry: Entry) -> str:
    return f"p_{entry.name}"


def _put_posts(world: World, entries: Sequence[Entry]) -> None:
    authors = (world.alice, world.bob)
    add(
        world.graph,
        "post",
        [post_row(_post_id(e), authors[e.n % 2].user_id, e.at) for e in entries],
    )


def _take_post(world: World, entry: Entry) -> None:
    world.run(delete_post((world.alice, world.bob)[entry.n % 2], _post_id(entry)))


def _even(entry: Entry) -> Any:
    return None if entry.n % 2 else _newest(entry)


def _follows(names: tuple[str, str]) -> Listing:
    """Make the listing of one end of the follows of which alice is the other."""
    field, other = names

    def pair(world: World, entry: Entry) -> tuple[str, str]:
        ends = (entry.user, world.alice.user_id)
        return ends if other == "follower" else ends[::-1]

    def put(world: World, entries: Sequence[Entry]) -> None:
        add(world.graph, "follow", [follow_row(*pair(world, e), e.at) for e in entries])

    def take(world: World, entry: Entry) -> None:
        follower, followee = pair(world, entry)
        world.cypher(
            "MATCH ({id: $follower})-[f:FOLLOWS]->({id: $followee}) DELETE f",
            follower=follower,
            followee=followee,
        )

    def read(world: World, page: PageRequest) -> Mapping[str, Any]:
        used = page_of(field, "User", **_arguments(page))
        row = world.run(find_user(world.dan, world.alice.user_id, pick(used)))
        assert row is not None
        found: Mapping[str, Any] = row["@" + field]
        return found

    return Listing(put, take, read, lambda e: e.user, _newest)


def _comment_id(entry: Entry) -> str:
    return f"c_{entry.name}"


def _comments(sort: CommentSort, parent: str | None = None) -> Listing:
    """Make the listing of comments, or of replies; the post's author is the first to like one."""
    depth = 2 if parent else 1

    def put(world: World, entries: Sequence[Entry]) -> None:
        bob = world.bob.user_id
        if parent:
            add(world.graph, "comment", [comment_row(parent, bob, POST, 0)])
        rows = [comment_row(_comment_id(e), bob, POST, e.at, parent, depth) for e in entries]
        add(world.graph, "comment", rows)
        likers = [world.alice.user_id, "u_x00", "u_x01", "u_x02"]
        add(
            world.graph,
            "like",
            [
                like_row(liker, _comment_id(e), 1)
                for e in entries
                for liker in likers[-e.likes :]
                if e.likes
            ],
        )

    def take(world: World, entry: Entry) -> None:
        world.run(delete_comment(world.bob, _comment_id(entry)))

    def read(world: World, page: PageRequest) -> Mapping[str, Any]:
        if parent is None:
            return _nested(world, page_of("comments", "Comment", sort=sort, **_arguments(page)))
        used = page_of("replies", "Comment", sort=sort, **_arguments(page))
        row = world.run(find_comment(world.dan, parent, pick(used)))
        assert row is not None
        found: Mapping[str, Any] = row["@replies"]
        return found

    keys: dict[CommentSort, Callable[[Entry], Any]] = {
        CommentSort.NEW: _newest,
        CommentSort.OLD: lambda e: (e.at, e.n),
        CommentSort.TOP: lambda e: (-e.likes, e.at, e.n),
        CommentSort.BEST: lambda e: (-log(3 + e.likes) * (1.45 if e.likes == 4 else 1), e.at, e.n),
    }
    return Listing(put, take, read, _comment_id, keys[sort], keeps_what_is_taken=True)


def _put_away(
    kind: str,
    ends: tuple[str, str],
    page: Callable[[Viewer, PageRequest, Selection], Statement[Row]],
) -> Listing:
    """Make the listing of those whom dan blocks, or mutes."""
    by, whom = ends

    def put(world: World, entries: Sequence[Entry]) -> None:
        world.cypher(
            f"""\
UNWIND $rows AS row MATCH (by:User {{id: row.{by}}}) MATCH (whom:User {{id: row.{whom}}})
CREATE (by)-[r:{kind}]->(whom) SET r = row""",
            rows=[
                {by: world.dan.user_id, whom: e.user, "at": e.at, "k": ids.key(e.at, e.user)}
                for e in entries
            ],
        )

    def take(world: World, entry: Entry) -> None:
        world.cypher(f"MATCH ()-[r:{kind} {{{whom}: $id}}]->() DELETE r", id=entry.user)

    def read(world: World, request: PageRequest) -> Mapping[str, Any]:
        return world.run(page(world.dan, request, pick("id")))

    return Listing(put, take, read, lambda e: e.user, _newest)


def _put_bookmarks(world: World, entries: Sequence[Entry]) -> None:
    _put_posts(world, entries)
    world.cypher(
        """\
UNWIND $rows AS row MATCH (user:User {id: row.user_id}) MATCH (post:Post {id: row.post_id})
CREATE (user)-[r:BOOKMARKED]->(post) SET r = row""",
        rows=[
            {
                "user_id": world.dan.user_id,
                "post_id": _post_id(e),
                "at": e.at,
                "k": ids.key(e.at, _post_id(e)),
            }
            for e in entries
        ],
    )


def _take_bookmark(world: World, entry: Entry) -> None:
    world.run(bookmarks.unbookmark(world.dan, _post_id(entry)))


def _put_searched(world: World, entries: Sequence[Entry]) -> None:
    _put_posts(world, entries)
    catch_up(world.graph)


def _read_search(world: World, page: PageRequest) -> Mapping[str, Any]:
    found = pick(below("edges", "SearchEdge", below("node", "Post", "id")))
    return world.run(search.read_page(world.dan, "text", SearchKind.POSTS, page, found))


def _put_searched_people(world: World, entries: Sequence[Entry]) -> None:
    add(world.graph, "user", [user_row(f"y{e.name}") for e in entries])
    follows = [
        follow_row(f"u_x{n:02d}", f"u_y{e.name}", 1) for e in entries for n in range(e.likes)
    ]
    add(world.graph, "follow", follows)
    catch_up(world.graph)


def _put_searched_tags(world: World, entries: Sequence[Entry]) -> None:
    rows = [
        post_row(f"{_post_id(e)}_{n}", world.alice.user_id, e.at, f"y{e.name}")
        for e in entries
        for n in range(1 + e.likes)
    ]
    add(world.graph, "post", rows)
    catch_up(world.graph)


def _take_searched_tag(world: World, entry: Entry) -> None:
    world.cypher("MATCH (:Tag {name: $name})<-[r:TAGGED]-() DELETE r", name=f"y{entry.name}")


def _most_first(entry: Entry) -> tuple[int, int]:
    return -entry.likes, entry.n


def _searched(kind: SearchKind) -> Listing:
    """Make the listing of people, or tags, whose name begins alike: by how many follow or name."""
    type_name, name = ("User", "id") if kind is SearchKind.USERS else ("Tag", "name")

    def read(world: World, page: PageRequest) -> Mapping[str, Any]:
        found = pick(below("edges", "SearchEdge", below("node", type_name, name)))
        return world.run(search.read_page(world.dan, "y", kind, page, found))

    if kind is SearchKind.USERS:
        return Listing(_put_searched_people, _take_account, read, _account_id, _most_first)
    return Listing(
        _put_searched_tags, _take_searched_tag, read, lambda e: f"y{e.name}", _most_first
    )


_KINDS = ("LIKE", "SHARE", "COMMENT")


def _put_interactions(world: World, entries: Sequence[Entry]) -> None:
    of = {kind: [e for e in entries if _KINDS[e.n % 3] == kind] for kind in _KINDS}
    add(world.graph, "like", [like_row(e.user, POST, e.at) for e in of["LIKE"]])
    add(world.graph, "share", [share_row(e.user, POST, e.at) for e in of["SHARE"]])
    add(
        world.graph,
        "comment",
        [comment_row(_comment_id(e), e.user, POST, e.at) for e in of["COMMENT"]],
    )


def _take_interaction(world: World, entry: Entry) -> None:
    world.cypher(
        "MATCH (:User {id: $id})-[r:LIKED|SHARED]->(:Post {id: $post}) DELETE r",
        id=entry.user,
        post=POST,
    )
    world.cypher("MATCH (:Comment {id: $id})-[r:ON_POST]->() DELETE r", id=_comment_id(entry))


def _interaction_id(entry: Entry) -> str:
    kind = _KINDS[entry.n % 3]
    return f"i_{kind}_{entry.user}_{_comment_id(entry) if kind == 'COMMENT' else POST}"


def _interaction_key(entry: Entry) -> tuple[int, tuple[int, ...]]:
    unique = {"LIKE": "l:", "SHARE": "s:", "COMMENT": "c_"}[_KINDS[entry.n % 3]]
    tail = _comment_id(entry) if unique == "c_" else unique + entry.user
    return -entry.at, tuple(-ord(char) for char in tail)


_NEWS: Final = page_of_root("Notification", "id")


def _notifications(*, unread_only: bool) -> Listing:
    """Make the listing of what dan was told, by alice."""

    def put(world: World, entries: Sequence[Entry]) -> None:
        add_news(
            world.graph,
            [
                {
                    "id": f"n_{e.name}",
                    "k": ids.key(e.at, f"n_{e.name}"),
                    "to": world.dan.user_id,
                    "by": world.alice.user_id,
                    "kind": "LIKE",
                    "subject_id": POST,
                }
                for e in entries
            ],
        )

    def take(world: World, entry: Entry) -> None:
        match: LiteralString = "MATCH (n:Notification {id: $id}) "
        take: LiteralString = "REMOVE n.unread_k" if unread_only else "REMOVE n.k"
        world.cypher(match + take, id=f"n_{entry.name}")

    def read(world: World, page: PageRequest) -> Mapping[str, Any]:
        return world.run(notifications.read_page(world.dan, page, _NEWS, unread_only=unread_only))

    return Listing(put, take, read, lambda e: f"n_{e.name}", _newest)


def _read_own_posts(world: World, page: PageRequest) -> Mapping[str, Any]:
    used = page_of("posts", "Post", **_arguments(page))
    row = world.run(find_user(world.dan, world.alice.user_id, pick(used)))
    assert row is not None
    found: Mapping[str, Any] = row["@posts"]
    return found


def _revisions(field: str) -> Listing:
    """Make the listing of the former texts of alice's post, or of a comment of bob's on it."""
    subject = POST if field == "Post" else "c_revised"

    def put(world: World, entries: Sequence[Entry]) -> None:
        if field == "Comment":
            add(world.graph, "comment", [comment_row(subject, world.bob.user_id, POST, 0)])
        world.cypher(
            """\
MATCH (s:Post|Comment {id: $id}) UNWIND $rows AS row
CREATE (s)-[:HAS_REVISION]->(r:Revision {subject_id: s.id, text: 'x', created_at: 0})
SET r += row""",
            id=subject,
            rows=[
                {"id": _revision_id(e), "k": ids.key(e.at, _revision_id(e)), "replaced_at": e.at}
                for e in entries
            ],
        )

    def take(world: World, entry: Entry) -> None:
        world.cypher("MATCH (r:Revision {id: $id}) DETACH DELETE r", id=_revision_id(entry))

    def read(world: World, page: PageRequest) -> Mapping[str, Any]:
        find = find_post if field == "Post" else find_comment
        used = page_of("revisions", "Revision", **_arguments(page))
        row = world.run(find(world.dan, subject, pick(used)))
        assert row is not None
        found: Mapping[str, Any] = row["@revisions"]
        return found

    return Listing(put, take, read, _revision_id, _newest)


def _revision_id(entry: Entry) -> str:
    return f"v_{entry.name}"


def _put_tagged(world: World, entries: Sequence[Entry]) -> None:
    world.run(follow_tag(world.dan, "x"))
    authors = (world.alice, world.bob)
    add(
        world.graph,
        "post",
        [post_row(_post_id(e), authors[e.n % 2].user_id, e.at, "x") for e in entries],
    )


def _read_tagged(world: World, page: PageRequest) -> Mapping[str, Any]:
    row = world.run(find_tag(world.dan, "x", pick(page_of("posts", "Post", **_arguments(page)))))
    assert row is not None
    found: Mapping[str, Any] = row["@posts"]
    return found


def _tag_name(entry: Entry) -> str:
    return f"t{entry.name}"


def _put_followed_tags(world: World, entries: Sequence[Entry]) -> None:
    world.cypher(
        """\
MATCH (by:User {id: $id}) UNWIND $rows AS row
MERGE (tag:Tag {name: row.tag}) ON CREATE SET tag.display_name = row.tag
CREATE (by)-[r:FOLLOWS_TAG]->(tag) SET r = row""",
        id=world.dan.user_id,
        rows=[
            {
                "user_id": world.dan.user_id,
                "tag": _tag_name(e),
                "at": e.at,
                "k": ids.key(e.at, _tag_name(e)),
            }
            for e in entries
        ],
    )


def _take_followed_tag(world: World, entry: Entry) -> None:
    world.run(unfollow_tag(world.dan, _tag_name(entry)))


def _read_posts(
    scope: Callable[[World], Scope], sort: PostSort
) -> Callable[[World, PageRequest], Mapping[str, Any]]:
    def read(world: World, page: PageRequest) -> Mapping[str, Any]:
        return world.run(read_page(world.dan, page, pick("id"), scope(world), sort, TimeWindow.ALL))

    return read


def _put_liked(world: World, entries: Sequence[Entry]) -> None:
    _put_tagged(world, entries)
    likes = [like_row(f"u_x{n:02d}", _post_id(e), 1) for e in entries for n in range(e.likes)]
    add(world.graph, "like", likes)


def _hottest(entry: Entry) -> tuple[float, int, int]:
    rank = log10(max(entry.likes, 1)) + (entry.at / 1_000 - 1_134_028_003) / 45_000
    return -round(rank * 1e7), -entry.at, -entry.n


def _top(entry: Entry) -> tuple[int, int, int] | None:
    return (-entry.likes, -entry.at, -entry.n) if entry.likes else None


_SCOPES: Final[dict[str, Callable[[World], Scope]]] = {
    "everybody": lambda _: Scope(),
    "an author": lambda world: Scope(world.alice.user_id),
    "a tag": lambda _: Scope(tag="#X"),
    "an author under a tag": lambda world: Scope(world.alice.user_id, "x"),
}
_POST_KEYS: Final[dict[PostSort, Callable[[Entry], Any]]] = {
    PostSort.NEW: _newest,
    PostSort.HOT: _hottest,
    PostSort.TOP: _top,
}


def _posts(sort: PostSort, name: str) -> Listing:
    """Make the listing of posts in an order; of an author are the even ones."""
    key = _POST_KEYS[sort]

    def key_of(entry: Entry) -> Any:
        return None if "author" in name and entry.n % 2 else key(entry)

    return Listing(_put_liked, _take_post, _read_posts(_SCOPES[name], sort), _post_id, key_of)


_MODERATOR: Final = Viewer("u_mod", "s_mod", Role.MODERATOR)
_MAKE_MODERATOR: Final = """\
MERGE (u:User {id: 'u_mod'}) SET u.role = 'MODERATOR', u.username = 'mod'
MERGE (s:Session {id: 's_mod'}) SET s.user_id = u.id, s.expires_at = 9999999999999"""


def _account_id(entry: Entry) -> str:
    return f"u_y{entry.name}"


def _put_accounts(world: World, entries: Sequence[Entry]) -> None:
    """Sign up moderators who are suspended at once, so that they are in every list."""
    world.cypher(_MAKE_MODERATOR)
    names = [f"y{e.name}" for e in entries]
    add(world.graph, "user", [user_row(name) | {"role": "MODERATOR"} for name in names])
    world.cypher(
        "UNWIND $names AS name MATCH (u:User {username: name}) "
        "SET u.suspended_at = 1, u.suspended_name = name",
        names=names,
    )


def _take_account(world: World, entry: Entry) -> None:
    world.cypher("MATCH (u:User {id: $id}) DETACH DELETE u", id=_account_id(entry))


def _accounts(listed: accounts.AccountFilter) -> Listing:
    """Make the listing of the accounts of one filter."""

    def read(world: World, page: PageRequest) -> Mapping[str, Any]:
        return world.run(accounts.read_page(_MODERATOR, page, listed))

    return Listing(_put_accounts, _take_account, read, _account_id, lambda e: e.n)


def _kept(label: str, prefix: str, read: Callable[[PageRequest], Statement[Row]]) -> Listing:
    """Make the listing of reports, or of the audit log."""

    def put(world: World, entries: Sequence[Entry]) -> None:
        world.cypher(_MAKE_MODERATOR)
        world.cypher(
            f"""\
UNWIND $rows AS row CREATE (n:{label} {{subject_id: 'p_1', action: 'REMOVE_CONTENT', reason: 'SPAM',
                                       status: 'OPEN', reporter_id: 'u_x00', reported_id: 'u_x01'}})
SET n += row""",
            rows=[
                {"id": f"{prefix}{e.name}", "k": ids.key(e.at, f"{prefix}{e.name}"), "at": e.at}
                for e in entries
            ],
        )

    def take(world: World, entry: Entry) -> None:
        world.cypher(f"MATCH (n:{label} {{id: $id}}) DELETE n", id=f"{prefix}{entry.name}")

    return Listing(
        put, take, lambda w, page: w.run(read(page)), lambda e: f"{prefix}{e.name}", _newest
    )


def _reports(status: reports.ReportStatus | None) -> Listing:
    return _kept("Report", "r_", lambda p: reports.read_page(_MODERATOR, p, status, pick("id")))


LISTINGS: Final[dict[str, Listing]] = {
    "Post.revisions": _revisions("Post"),
    "Comment.revisions": _revisions("Comment"),
    **{f"Query.posts {s} of {name}": _posts(s, name) for s in PostSort for name in _SCOPES},
    "Tag.posts": Listing(_put_tagged, _take_post, _read_tagged, _post_id, _newest),
    "Query.followedTags": Listing(
        _put_followed_tags,
        _take_followed_tag,
        lambda world, page: world.run(read_followed(world.dan, page, pick("name"))),
        _tag_name,
        _newest,
    ),
    "User.posts": Listing(_put_posts, _take_post, _read_own_posts, _post_id, _even),
    "Query.feed of two authors": Listing(
        _put_posts,
        _take_post,
        lambda world, page: world.run(feed.read_page(world.carol, page, edge_of("id"))),
        _post_id,
        _newest,
    ),
    "Query.feed of one author": Listing(
        _put_posts,
        _take_post,
        lambda world, page: world.run(feed.read_page(world.dan, page, edge_of("id"))),
        _post_id,
        _even,
    ),
    "User.followers": _follows(("followers", "follower")),
    "User.following": _follows(("following", "followee")),
    **{f"Post.comments {sort}": _comments(sort) for sort in CommentSort},
    **{f"Comment.replies {sort}": _comments(sort, "c_root") for sort in CommentSort},
    "Post.interactions": Listing(
        _put_interactions,
        _take_interaction,
        lambda world, page: _nested(
            world, page_of("interactions", "Interaction", kinds=None, **_arguments(page))
        ),
        _interaction_id,
        _interaction_key,
    ),
    "Query.bookmarks": Listing(
        _put_bookmarks,
        _take_bookmark,
        lambda world, page: world.run(bookmarks.read_page(world.dan, page, pick("id"))),
        _post_id,
        _newest,
    ),
    "Query.search": Listing(_put_searched, _take_post, _read_search, _post_id, _newest),
    "Query.search of people": _searched(SearchKind.USERS),
    "Query.search of tags": _searched(SearchKind.TAGS),
    "Query.blockedUsers": _put_away("BLOCKS", ("blocker_id", "blocked_id"), blocks.read_page),
    "Query.mutedUsers": _put_away("MUTES", ("muter_id", "muted_id"), mutes.read_page),
    "Admin.users": _accounts(accounts.AccountFilter("Y")),
    "Admin.users of a role": _accounts(accounts.AccountFilter("y", Role.MODERATOR)),
    "Admin.users suspended": _accounts(
        accounts.AccountFilter("y", status=accounts.AccountStatus.SUSPENDED)
    ),
    "Admin.reports": _reports(None),
    "Admin.reports open": _reports(reports.ReportStatus.OPEN),
    "Admin.auditLog": _kept(
        "AuditEntry", "a_", lambda page: audit.read_page(_MODERATOR, page, pick("id"))
    ),
    "Admin.deadLetters": _kept(
        "DeadLetter", "d_", lambda page: dead_letters.read_page(_MODERATOR, page)
    ),
    "Query.notifications": _notifications(unread_only=False),
    "Query.notifications unread": _notifications(unread_only=True),
}
"""By the field that gives the list, and which of its lists it is."""
BY_PLACE: Final = {name for name in LISTINGS if name.startswith("Query.search")}
"""Lists whose cursors hold a place, and not what stands there: what fits best has no key."""
every_listing = pytest.mark.parametrize("listing", LISTINGS.values(), ids=list(LISTINGS))
every_keyed_listing = pytest.mark.parametrize(
    "listing",
    [pytest.param(each, id=name) for name, each in LISTINGS.items() if name not in BY_PLACE],
)

_RESET: Final = """\
MATCH (n:Post|Comment|Notification|Cause|Tag|Revision|Report|AuditEntry|DeadLetter|User)
WHERE n:Tag OR n:Cause OR (n.id <> $post AND (NOT n:User OR n.username STARTS WITH 'y'))
DETACH DELETE n
WITH count(*) AS _
MATCH (u:User) REMOVE u.last_post_k
WITH count(*) AS _
OPTIONAL MATCH (u:User)-[r:FOLLOWS|LIKED|SHARED|BLOCKS|MUTES]->()
WHERE NOT (u.username IN ['carol', 'dan'] AND type(r) = 'FOLLOWS')
DELETE r"""


@pytest.fixture(name="stage", scope="module")
def _stage(sync_graph: Graph) -> World:
    """Give a world of the four and of others; carol follows alice and bob, dan alice alone."""
    empty(sync_graph)
    world = new_world(sync_graph)
    add(sync_graph, "user", [user_row(f"x{n:02d}") for n in range(MOST)])
    alice, bob, carol, dan = (viewer.user_id for viewer in world.people)
    add(sync_graph, "follow", [follow_row(carol, alice, 1), follow_row(carol, bob, 1)])
    add(sync_graph, "follow", [follow_row(dan, alice, 1)])
    return world


def _reset(world: World, listing: Listing) -> None:
    world.cypher(_RESET, post=POST)
    if listing.put in (_put_posts, _put_liked, _put_searched, _put_searched_tags):
        world.cypher("MATCH (p:Post {id: $post}) DETACH DELETE p", post=POST)
    else:
        add(world.graph, "post", [post_row(POST, world.alice.user_id, 0)])


def _walk(world: World, listing: Listing, size: int) -> Iterator[list[str]]:
    after: str | None = None
    while True:
        page = listing.read(world, first(size, after))
        edges = page["edges"]
        assert len(edges) <= size
        yield [edge["node"].get("id") or edge["node"]["name"] for edge in edges]
        if not page["page_info"]["has_next_page"]:
            return
        assert len(edges) == size
        after = page["page_info"]["end_cursor"]


def _expected(listing: Listing, entries: Sequence[Entry]) -> list[str]:
    listed = [entry for entry in entries if listing.key(entry) is not None]
    return [listing.id_of(entry) for entry in sorted(listed, key=listing.key)]


def _without_followers_of_the_stage(world: World, told: list[str]) -> list[str]:
    stage = {viewer.user_id for viewer in world.people}
    return [each for each in told if each not in stage]


@every_listing
def test_pages_of_every_length_join_to_the_whole(stage: World, listing: Listing) -> None:
    entries = [Entry(n, (5, 5, 7, 5, 7, 9, 5)[n], (0, 1, 4, 1, 0, 3, 2)[n]) for n in range(7)]
    _reset(stage, listing)
    listing.put(stage, entries)
    expected = _expected(listing, entries)

    for size in range(1, len(entries) + 3):
        told = [each for page in _walk(stage, listing, size) for each in page]
        assert _without_followers_of_the_stage(stage, told) == expected


_ENTRIES = st.lists(
    st.tuples(st.integers(1, 3) | st.just(HIGH), st.integers(0, 4)), min_size=1, max_size=MOST
)


@every_keyed_listing
@settings(
    deadline=None,
    max_examples=6,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn=_ENTRIES, size=st.integers(1, 5), data=st.data())
def test_what_comes_and_goes_between_pages_moves_nothing_else(
    stage: World,
    listing: Listing,
    drawn: list[tuple[int, int]],
    size: int,
    data: st.DataObject,
) -> None:
    entries = [Entry(n, at, likes) for n, (at, likes) in enumerate(drawn)]
    split = data.draw(st.integers(0, len(entries)))
    there, coming = entries[:split], entries[split:]
    gone: list[Entry] = []
    _reset(stage, listing)
    listing.put(stage, there)

    told: list[str] = []
    for page in _walk(stage, listing, size):
        told += page
        comes, goes = data.draw(st.tuples(st.booleans(), st.booleans()))
        if coming and comes:
            listing.put(stage, [coming.pop()])
        if goes and len(gone) < len(there):
            gone.append(there[len(gone)])
            listing.take(stage, gone[-1])

    told = _without_followers_of_the_stage(stage, told)
    stayed = there if listing.keeps_what_is_taken else there[len(gone) :]
    expected = _expected(listing, stayed)
    assert len(told) == len(set(told))
    assert [each for each in told if each in expected] == expected
    assert told == [each for each in _expected(listing, entries) if each in told]


@pytest.mark.parametrize("name", sorted(BY_PLACE))
@settings(deadline=None, max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=_ENTRIES, size=st.integers(1, 5), data=st.data())
def test_what_only_comes_between_pages_by_place_hides_nothing_and_what_goes_repeats_nothing(
    stage: World, name: str, drawn: list[tuple[int, int]], size: int, data: st.DataObject
) -> None:
    """A place is a number, so what comes before it brings the last ones again."""
    listing = LISTINGS[name]
    entries = [Entry(n, at, likes) for n, (at, likes) in enumerate(drawn)]
    split = data.draw(st.integers(0, len(entries)))
    comes = data.draw(st.booleans())
    there, others = entries[:split], entries[split:]
    _reset(stage, listing)
    listing.put(stage, there if comes else entries)

    told: list[str] = []
    for page in _walk(stage, listing, size):
        told += page
        if others:
            other = others.pop()
            if comes:
                listing.put(stage, [other])
            else:
                listing.take(stage, other)
                catch_up(stage.graph)

    if comes:
        assert {*told} >= {listing.id_of(entry) for entry in there}
    else:
        assert len(told) == len({*told})
        assert told == [each for each in _expected(listing, entries) if each in told]


@pytest.mark.unit
def test_every_connection_of_the_schema_is_listed() -> None:
    connections = {
        f"{name}.{field}"
        for name, each in build_schema().type_map.items()
        if isinstance(each, GraphQLObjectType)
        for field, at in each.fields.items()
        if get_named_type(at.type).name.endswith("Connection")
    }
    listed = {name.partition(" ")[0] for name in LISTINGS}
    assert connections == listed


def test_an_instant_is_a_key_of_the_same_length() -> None:
    assert len(ids.key(0, "")) == len(ids.key(HIGH, ""))

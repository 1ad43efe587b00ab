"""A whole conversation in one request: its skeleton is read first, then the comments of a page.

The skeleton (parent, key, rank of every comment below the root) is put in order here, cut where
the client's limits say, and only what is left is read in full, by a second statement. A cut says
why, how much, and how to go on.

All threads of one statement together read at most a thousand comments. Which thread gets how many
is known only when skeletons are, so that it can be no fault of a query: the first have what they
ask for, and the later ones are cut.

A page goes on behind the last comment of the one before, wherever likes have moved it since: its
cursor holds the ranks that it and those above it had, and they are put in order by those.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, LiteralString

from graph import edges
from graph.errors import InvalidInput
from graph.orders import CommentSort
from graph.pages import decode_cursor, encode_cursor, no_cursor
from graph.projection import Pending, Projection, Row, response_key
from graph.selection import SLOTS, Field, Selection
from graph.thread_tree import NOTHING, Skeleton, Tree, Walk

DEEPEST: Final = 500
LARGEST: Final = 1_000
_CURSOR: Final = "thread"
_MOST: Final = 2**62
_OTHER_THREAD: Final = (
    "`after` is the cursor of another thread, or of one with another `maxDepth`. "
    "Go on with the arguments of the first page."
)


@dataclass(frozen=True, slots=True)
class Passed:
    """Where a page ended.

    Args:
        last: Id of its last comment.
        ranks: What the comments from the root's child down to that one were ordered by.
    """

    last: str
    ranks: list[int]


@dataclass(frozen=True, slots=True)
class ThreadRequest:
    """Which part of a conversation is wanted.

    Args:
        sort: Order of siblings, at every level.
        max_depth: Levels below the root, 1 to 500.
        limit: Comments in the answer, 1 to 1,000.
        root: Id of a comment, to read only what is below it.
        post_id: Of whose thread the cursor was given; None on the first page.
        passed: Where the page before ended, to go on behind it.
    """

    sort: CommentSort
    max_depth: int = 50
    limit: int = 200
    root: str | None = None
    post_id: str | None = None
    passed: Passed | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "ThreadRequest":
        """Read the arguments of `Post.thread`.

        Raises:
            InvalidInput: A number is out of range, or the cursor is not one of a thread.
        """
        _check("maxDepth", arguments["max_depth"], DEEPEST)
        _check("limit", arguments["limit"], LARGEST)
        request = cls(
            CommentSort(arguments["sort"]),
            arguments["max_depth"],
            arguments["limit"],
            arguments.get("root"),
        )
        after = arguments.get("after")
        return request if after is None else request._going_on(after)

    def _going_on(self, cursor: str) -> "ThreadRequest":
        post_id, root, sort, passed = _read_cursor(cursor)
        if self.root not in (None, root):
            raise InvalidInput(
                f"`root` is {self.root!r}, and the cursor was given for another root. "
                "Leave `root` out when going on.",
                ("root",),
            )
        if passed and sort != self.sort:
            raise InvalidInput(
                f"`sort` is {self.sort}, and the cursor was given for {sort}. "
                "Go on in the same order.",
                ("sort",),
            )
        return replace(self, root=root, post_id=post_id, passed=passed)


def _check(name: str, value: int, largest: int) -> None:
    if not 1 <= value <= largest:
        raise InvalidInput(f"`{name}` is {value}; give a number from 1 to {largest}.", (name,))


def _read_cursor(cursor: str) -> tuple[str, str | None, str, Passed | None]:
    match decode_cursor(_CURSOR, cursor):
        case [str(post_id), str() | None as root, str(sort)]:
            return post_id, root, sort, None
        case [str(post_id), str() | None as root, str(sort), str(last), [*ranks]] if all(
            type(rank) is int and 0 <= rank < _MOST for rank in ranks
        ):
            return post_id, root, sort, Passed(last, ranks)
        case _:
            raise no_cursor(cursor)


def _more(count: int, reason: str, *cursor: Any) -> Row | None:
    if not count:
        return None
    return {"cursor": encode_cursor(_CURSOR, cursor), "count": count, "reason": reason}


def arrange(skeleton: Skeleton, post_id: str, request: ThreadRequest, room: int = LARGEST) -> Row:
    """Make the `Thread` of a skeleton: nodes in order, without their comments.

    Args:
        skeleton: Of everything below the request's root.
        post_id: Whose conversation it is.
        request: Which part of it.
        room: How many comments it may have at most; with none, its cursor begins where it would.

    Raises:
        InvalidInput: The cursor is not one of this thread.
    """
    if request.post_id not in (None, post_id):
        raise InvalidInput(_OTHER_THREAD, ("after",))
    tree = Tree.grow(skeleton, request.root or post_id, request.sort)
    walk = Walk(tree, request.max_depth, _resume(tree, request))
    shown = walk.take(min(request.limit, room))
    position = (post_id, request.root, request.sort)
    return {
        "nodes": [
            _node(tree, each, skeleton.depth + level, post_id, is_last=level == request.max_depth)
            for each, level in shown
        ],
        "total_count": tree.below.get(tree.root, 0),
        "more": _more(walk.count_left(), "TOTAL_LIMIT", *position, *_passing(tree, shown, request)),
    }


def _resume(tree: Tree, request: ThreadRequest) -> list[str]:
    """Give the path behind which to go on; what is on it stands where it stood."""
    if request.passed is None:
        return []
    path = tree.path(request.passed.last)
    if not 1 <= len(path) <= request.max_depth:
        raise InvalidInput(_OTHER_THREAD, ("after",))
    tree.ranks.update(zip(path, request.passed.ranks, strict=False))
    return path


def _passing(
    tree: Tree, shown: list[tuple[str, int]], request: ThreadRequest
) -> tuple[str, list[int]] | tuple[()]:
    if not shown:
        return (request.passed.last, request.passed.ranks) if request.passed else ()
    last, _ = shown[-1]
    return last, [tree.ranks[each] for each in tree.path(last)] if tree.ranks else []


def _node(tree: Tree, each: str, depth: int, post_id: str, *, is_last: bool) -> Row:
    below = tree.below.get(each, 0)
    return {
        "id": each,
        "parent_id": tree.parents[each],
        "depth": depth,
        "descendant_count": below,
        "more": _more(below if is_last else 0, "DEPTH_LIMIT", post_id, each, tree.sort),
    }


def _room(pending: list[Pending], selection: Selection) -> int:
    """Give how many more comments may be read, beside those that others are to have."""
    places = {id(each.selection) for each in pending}
    if id(selection) not in places and len(places) == len(SLOTS):
        return 0
    return LARGEST - sum(len(each.ids) for each in pending)


def _rank(sort: CommentSort, c: LiteralString, post: LiteralString) -> LiteralString:
    """Give the clauses that bind `<c>_rank`; null for an order by time, which needs none."""
    likes: LiteralString = f"WITH *, COUNT {{ ({c})<-[:LIKED]-() }} AS {c}_likes "
    match sort:
        case CommentSort.BEST:
            liked: LiteralString = edges.likes(f"{post}.author_id", c + ".id")
            boost: LiteralString = f"CASE WHEN {c}_likes > 0 AND {liked} THEN 1 ELSE 0 END"
            return f"{likes}WITH *, {c}_likes * 2 + {boost} AS {c}_rank "
        case CommentSort.TOP:
            return f"{likes}WITH *, {c}_likes * 2 AS {c}_rank "
        case _:
            return f"WITH *, null AS {c}_rank "


def _skeleton(
    post: LiteralString, name: LiteralString, path: LiteralString, request: ThreadRequest
) -> LiteralString:
    """Give the expression of a `Skeleton`'s values; null when there is no such root.

    What is below a post is one range of an index; what is below a comment is followed, so that a
    small part of a large conversation costs what it holds. Columns are half as dear to receive.
    """
    c: LiteralString = f"{post}_{name}"
    bone: LiteralString = (
        f"{_rank(request.sort, c, post)}RETURN [{c}.parent_id, {c}.k, {c}_rank] AS bone"
    )
    columns: LiteralString = (
        "[b IN bones | b[0]], [b IN bones | b[1]], [b IN bones WHERE b[2] IS NOT NULL | b[2]]"
    )
    if request.root is None:
        return (
            f"head(COLLECT {{ UNWIND [COLLECT {{ MATCH ({c}:Comment) "
            f"USING INDEX {c}:Comment(post_id, k) "
            f"WHERE {c}.post_id = {post}.id AND {c}.k > '' {bone} }}] AS bones "
            f"RETURN [0, {columns}] AS skeleton }})"
        )
    return (
        f"head(COLLECT {{ MATCH ({c}_root:Comment {{id: {path}.root}}) "
        f"WHERE {c}_root.post_id = {post}.id WITH {c}_root, COLLECT {{ "
        f"MATCH ({c}_root)<-[:REPLY_TO|ONCE_REPLY_TO]-+({c}:Comment) {bone} }} AS bones "
        f"RETURN [{c}_root.depth, {columns}] AS skeleton }})"
    )


def add_thread(into: Projection, name: LiteralString, used: Field) -> None:
    """Add `Post.thread` as entry `name` of a post's projection.

    Raises:
        InvalidInput: An argument is out of range, or the cursor is not one of a thread.
    """
    request = ThreadRequest.of(used.arguments)
    nodes_selection = used.children["Thread"].child("nodes", "ThreadNode")
    selection = nodes_selection.child("comment", "Comment")
    if selection.mentions("thread"):
        raise InvalidInput(
            f"`{used.key}` reads a thread within a thread; read the posts in it by themselves."
        )

    is_read = "comment" in nodes_selection

    def finish(value: list[Any], pending: list[Pending]) -> Row:
        post_id, found = value
        room = _room(pending, selection) if is_read else LARGEST
        thread = arrange(Skeleton(*found) if found else NOTHING, post_id, request, room)
        nodes = thread["nodes"]

        def deliver(comments: Mapping[str, Row]) -> None:
            for node in nodes:
                node["comment"] = comments.get(node["id"])
            # A post that is no longer to be seen takes its whole conversation with it.
            thread["nodes"] = [node for node in nodes if node["comment"]]

        if nodes and is_read:
            pending.append(Pending([node["id"] for node in nodes], selection, deliver))
        return thread

    skeleton = _skeleton(into.node, name, f"{into.path}.{name}", request)
    into.add_child(
        name,
        f"[{into.node}.id, {skeleton}]",
        key=response_key(used),
        parameters={"root": request.root} if request.root else {},
        finish=finish,
    )

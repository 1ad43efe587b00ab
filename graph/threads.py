"""A whole conversation in one request: its skeleton is read first, then the comments of a page.

The skeleton (id, parent, key, rank of every comment below the root) is one traversal; it is put
in order here, cut where the client's limits say, and only what is left is read in full, by a
second statement. A cut says why, how much, and how to go on.

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
from graph.selection import Field
from graph.thread_tree import Bone, Tree

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


def arrange(bones: list[Bone], post_id: str, request: ThreadRequest) -> Row:
    """Make the `Thread` of a skeleton: nodes in order, without their comments.

    Raises:
        InvalidInput: The cursor is not one of this thread.
    """
    if request.post_id not in (None, post_id):
        raise InvalidInput(_OTHER_THREAD, ("after",))
    by_id = {bone.id: bone for bone in bones}
    if request.passed:
        by_id |= _as_they_were(by_id, request.passed)
    tree = Tree.grow(list(by_id.values()), request.sort)
    walked = list(tree.walk(request.root or post_id, request.max_depth))
    begin = _resume(walked, request.passed)
    shown = walked[begin : begin + request.limit]
    rest = walked[begin + request.limit :]
    count = len(rest) + sum(
        tree.below.get(bone.id, 0) for bone, level in rest if level == request.max_depth
    )
    position = (post_id, request.root, request.sort)
    return {
        "nodes": [_node(bone, level, tree, post_id, request) for bone, level in shown],
        "total_count": len(bones),
        "more": _more(count, "TOTAL_LIMIT", *position, *_passing(by_id, shown, request)),
    }


def _path(by_id: Mapping[str, Bone], last: str) -> list[Bone]:
    """Give a comment and those above it up to the root's child, that one first."""
    path: list[Bone] = []
    above = by_id.get(last)
    while above:
        path.append(above)
        above = by_id.get(above.parent_id)
    return path[::-1]


def _as_they_were(by_id: Mapping[str, Bone], passed: Passed) -> dict[str, Bone]:
    path = _path(by_id, passed.last)
    return {
        bone.id: replace(bone, likes=rank // 2, liked_by_author=bool(rank % 2))
        for bone, rank in zip(path, passed.ranks, strict=False)
    }


def _passing(
    by_id: Mapping[str, Bone], shown: list[tuple[Bone, int]], request: ThreadRequest
) -> tuple[str, list[int]]:
    if not shown:
        return "", []
    last = shown[-1][0].id
    if request.sort in (CommentSort.NEW, CommentSort.OLD):
        return last, []
    return last, [bone.likes * 2 + bone.liked_by_author for bone in _path(by_id, last)]


def _resume(walked: list[tuple[Bone, int]], passed: Passed | None) -> int:
    if passed is None:
        return 0
    for index, (bone, _) in enumerate(walked):
        if bone.id == passed.last:
            return index + 1
    raise InvalidInput(_OTHER_THREAD, ("after",))


def _node(bone: Bone, level: int, tree: Tree, post_id: str, request: ThreadRequest) -> Row:
    below = tree.below.get(bone.id, 0)
    cut = below if level == request.max_depth else 0
    return {
        "id": bone.id,
        "parent_id": bone.parent_id,
        "depth": bone.depth,
        "descendant_count": below,
        "more": _more(cut, "DEPTH_LIMIT", post_id, bone.id, request.sort),
    }


def _skeleton(
    post: LiteralString, name: LiteralString, path: LiteralString, *, below_comment: bool
) -> LiteralString:
    c: LiteralString = f"{post}_{name}"
    root: LiteralString = (
        f"MATCH ({c}_root:Comment {{id: {path}.root}}) WHERE {c}_root.post_id = {post}.id "
        if below_comment
        else f"MATCH ({c}_root:Post {{id: {post}.id}}) "
    )
    return (
        f"COLLECT {{ OPTIONAL MATCH ({c}_author:User {{id: {post}.author_id}}) {root}"
        f"MATCH ({c}_root)<-[:REPLY_TO|ONCE_REPLY_TO]-+({c}:Comment) "
        f"RETURN [{c}.id, {c}.parent_id, {c}.k, COUNT {{ ({c})<-[:LIKED]-() }}, "
        f"{edges.likes(f'{c}_author.id', c + '.id')}, {c}.depth] AS bone }}"
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

    def finish(value: list[Any], pending: list[Pending]) -> Row:
        post_id, rows = value
        thread = arrange([Bone(*row) for row in rows], post_id, request)
        nodes = thread["nodes"]

        def deliver(comments: Mapping[str, Row]) -> None:
            for node in nodes:
                node["comment"] = comments.get(node["id"])
            # A post that is no longer to be seen takes its whole conversation with it.
            thread["nodes"] = [node for node in nodes if node["comment"]]

        if nodes and "comment" in nodes_selection:
            pending.append(Pending([node["id"] for node in nodes], selection, deliver))
        return thread

    path: LiteralString = f"{into.path}.{name}"
    skeleton = _skeleton(into.node, name, path, below_comment=request.root is not None)
    into.add_child(
        name,
        f"[{into.node}.id, {skeleton}]",
        key=response_key(used),
        parameters={"root": request.root} if request.root else {},
        finish=finish,
    )

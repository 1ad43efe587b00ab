"""A whole conversation in one request: its skeleton is read first, then the comments of a page.

The skeleton (id, parent, key, rank of every comment below the root) is one traversal; it is put
in order here, cut where the client's limits say, and only what is left is read in full, by a
second statement. A cut says why, how much, and how to go on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import log
from typing import Any, Final, LiteralString

from graph import edges
from graph.errors import InvalidInput
from graph.orders import CommentSort
from graph.pages import decode_cursor, encode_cursor
from graph.projection import Pending, Projection, Row, response_key
from graph.selection import Field

DEEPEST: Final = 500
LARGEST: Final = 1_000
_CURSOR: Final = "thread"
_AUTHOR_BOOST: Final = 1.45


@dataclass(frozen=True, slots=True)
class Bone:
    """What the order of a thread needs to know of one comment."""

    id: str
    parent_id: str
    k: str
    likes: int
    liked_by_author: bool
    depth: int


def best(bone: Bone) -> float:
    """Rank a comment by its likes and its post's author's approval.

    Source: the published formula of Bluesky's thread view.
    """
    return log(3 + bone.likes) * (_AUTHOR_BOOST if bone.liked_by_author else 1.0)


def siblings(bones: Iterable[Bone], sort: CommentSort) -> list[Bone]:
    """Put comments with one parent in order."""
    oldest_first = sorted(bones, key=lambda bone: bone.k)
    match sort:
        case CommentSort.OLD:
            return oldest_first
        case CommentSort.NEW:
            return oldest_first[::-1]
        case CommentSort.TOP:
            return sorted(oldest_first, key=lambda bone: -bone.likes)
        case CommentSort.BEST:
            return sorted(oldest_first, key=lambda bone: -best(bone))


@dataclass(frozen=True, slots=True)
class ThreadRequest:
    """Which part of a conversation is wanted.

    Args:
        sort: Order of siblings, at every level.
        max_depth: Levels below the root, 1 to 500.
        limit: Comments in the answer, 1 to 1,000.
        root: Id of a comment, to read only what is below it.
        last: Id of the last comment of the page before, to go on behind it.
    """

    sort: CommentSort
    max_depth: int = 50
    limit: int = 200
    root: str | None = None
    last: str | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "ThreadRequest":
        """Read the arguments of `Post.thread`.

        Raises:
            InvalidInput: A number is out of range, or the cursor is not one of a thread.
        """
        _check("maxDepth", arguments["max_depth"], DEEPEST)
        _check("limit", arguments["limit"], LARGEST)
        root, last = arguments.get("root"), None
        if arguments.get("after") is not None:
            cursor_root, last = decode_cursor(_CURSOR, arguments["after"])
            if root not in (None, cursor_root):
                raise InvalidInput(
                    f"`root` is {root!r}, and the cursor was given for another root. "
                    "Leave `root` out when going on.",
                    ("root",),
                )
            root = cursor_root
        sort = CommentSort(arguments["sort"])
        return cls(sort, arguments["max_depth"], arguments["limit"], root, last)


def _check(name: str, value: int, largest: int) -> None:
    if not 1 <= value <= largest:
        raise InvalidInput(f"`{name}` is {value}; give a number from 1 to {largest}.", (name,))


@dataclass(slots=True)
class _Tree:
    """A skeleton with its order: children in place, and how many are below each."""

    children: dict[str, list[Bone]]
    below: dict[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def grow(cls, bones: list[Bone], sort: CommentSort) -> "_Tree":
        children: dict[str, list[Bone]] = {}
        for bone in bones:
            children.setdefault(bone.parent_id, []).append(bone)
        tree = cls({parent: siblings(each, sort) for parent, each in children.items()})
        for bone in sorted(bones, key=lambda bone: -bone.depth):
            tree.below[bone.parent_id] = (
                tree.below.get(bone.parent_id, 0) + 1 + tree.below.get(bone.id, 0)
            )
        return tree

    def walk(self, root_id: str, max_depth: int) -> Iterator[tuple[Bone, int]]:
        """Yield comments depth-first, parents before children, with their level below the root."""
        stack = [(bone, 1) for bone in reversed(self.children.get(root_id, []))]
        while stack:
            bone, level = stack.pop()
            yield bone, level
            if level < max_depth:
                below = self.children.get(bone.id, [])
                stack.extend((child, level + 1) for child in reversed(below))


def _more(root: str | None, last: str | None, count: int, reason: str) -> Row | None:
    if not count:
        return None
    return {"cursor": encode_cursor(_CURSOR, [root, last]), "count": count, "reason": reason}


def arrange(bones: list[Bone], post_id: str, request: ThreadRequest) -> Row:
    """Make the `Thread` of a skeleton: nodes in order, without their comments.

    Raises:
        InvalidInput: The comment that the cursor names is not in this thread.
    """
    root_id = request.root or post_id
    tree = _Tree.grow(bones, request.sort)
    walked = list(tree.walk(root_id, request.max_depth))
    begin = _resume(walked, request)
    shown = walked[begin : begin + request.limit]
    rest = walked[begin + request.limit :]
    nodes = [_node(bone, level, tree, request.max_depth) for bone, level in shown]
    last = shown[-1][0].id if shown else request.last
    count = len(rest) + sum(
        tree.below.get(bone.id, 0) for bone, level in rest if level == request.max_depth
    )
    return {
        "nodes": nodes,
        "total_count": len(bones),
        "more": _more(request.root, last, count, "TOTAL_LIMIT"),
    }


def _resume(walked: list[tuple[Bone, int]], request: ThreadRequest) -> int:
    if request.last is None:
        return 0
    for index, (bone, _) in enumerate(walked):
        if bone.id == request.last:
            return index + 1
    raise InvalidInput("`after` is the cursor of another thread.", ("after",))


def _node(bone: Bone, level: int, tree: _Tree, max_depth: int) -> Row:
    below = tree.below.get(bone.id, 0)
    cut = below if level == max_depth else 0
    return {
        "id": bone.id,
        "parent_id": bone.parent_id,
        "depth": bone.depth,
        "descendant_count": below,
        "more": _more(bone.id, None, cut, "DEPTH_LIMIT"),
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
        f"{edges.likes(f'{c}_author', c)}, {c}.depth] AS bone }}"
    )


def add_thread(into: Projection, name: LiteralString, used: Field) -> None:
    """Add `Post.thread` as entry `name` of a post's projection.

    Raises:
        InvalidInput: An argument is out of range, or the cursor is not one of a thread.
    """
    request = ThreadRequest.of(used.arguments)
    selection = used.children["Thread"].child("nodes", "ThreadNode").child("comment", "Comment")

    def finish(value: list[Any], pending: list[Pending]) -> Row:
        post_id, rows = value
        thread = arrange([Bone(*row) for row in rows], post_id, request)
        nodes = thread["nodes"]

        def deliver(comments: Mapping[str, Row]) -> None:
            for node in nodes:
                node["comment"] = comments.get(node["id"])

        if selection.fields and nodes:
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

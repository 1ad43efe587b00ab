"""The tree of a conversation: siblings in order, and how many comments stand below each.

A skeleton may be of ten thousand comments, and the event loop waits while its tree is made. So
it comes in columns, is held in plain dictionaries, and only siblings that a page meets are put
in order.
"""

from dataclasses import dataclass
from math import log
from typing import Final

from graph.ids import unique_of
from graph.orders import CommentSort

_AUTHOR_BOOST: Final = 1.45


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What the order of a conversation needs to know of each comment below its root.

    Args:
        depth: How deep the root stands: 0 for a post.
        parents: Id of what each comment replies to.
        keys: The comments' keyset keys, in the same order.
        ranks: Twice the likes of each, and one more where the post's author is among them; empty
            for orders by time.
    """

    depth: int
    parents: list[str]
    keys: list[str]
    ranks: list[int]


NOTHING: Final = Skeleton(0, [], [], [])


def best(rank: int) -> float:
    """Weigh a comment by its likes and its post's author's approval.

    Source: the published formula of Bluesky's thread view.
    """
    return log(3 + rank // 2) * (_AUTHOR_BOOST if rank % 2 else 1.0)


@dataclass(frozen=True, slots=True)
class Tree:
    """A skeleton as a tree.

    Args:
        sort: Order of siblings.
        root: Id of what all of it is below.
        parents: Id of what each comment replies to.
        ranks: Rank of each comment; empty for orders by time.
        children: Ids of each one's direct replies, oldest first; nothing for one without.
        below: How many comments are below each one that has any.
    """

    sort: CommentSort
    root: str
    parents: dict[str, str]
    ranks: dict[str, int]
    children: dict[str, list[str]]
    below: dict[str, int]

    @classmethod
    def grow(cls, skeleton: Skeleton, root: str, sort: CommentSort) -> "Tree":
        """Make the tree of a skeleton."""
        ids = [unique_of(key) for key in skeleton.keys]
        parents = dict(zip(ids, skeleton.parents, strict=True))
        ranks = dict(zip(ids, skeleton.ranks, strict=False))
        children: dict[str, list[str]] = {}
        for _, each, parent in sorted(zip(skeleton.keys, ids, skeleton.parents, strict=True)):
            children.setdefault(parent, []).append(each)
        return cls(sort, root, parents, ranks, children, _count_below(children, parents, root))

    def replies(self, parent: str) -> list[str]:
        """Give the direct replies to a comment, or to the post, in order."""
        oldest_first = self.children.get(parent, [])
        match self.sort:
            case CommentSort.OLD:
                return oldest_first
            case CommentSort.NEW:
                return oldest_first[::-1]
            case CommentSort.TOP:
                return sorted(oldest_first, key=self.ranks.__getitem__, reverse=True)
            case CommentSort.BEST:
                return sorted(oldest_first, key=lambda each: best(self.ranks[each]), reverse=True)

    def path(self, last: str) -> list[str]:
        """Give a comment and those above it up to the root's child, that one first.

        Empty for one that is not below the root.
        """
        path: list[str] = []
        above: str | None = last
        while above != self.root:
            if above is None:
                return []
            path.append(above)
            above = self.parents.get(above)
        return path[::-1]


def _count_below(
    children: dict[str, list[str]], parents: dict[str, str], root: str
) -> dict[str, int]:
    """Count what is below each parent: those far from the root first, and so upwards."""
    found = [root] if root in children else []
    for each in found:
        found.extend(filter(children.__contains__, children[each]))
    below = {each: len(children[each]) for each in found}
    for each in found[:0:-1]:
        below[parents[each]] += below[each]
    return below


class Walk:
    """A way through a tree, depth-first, parents before children."""

    def __init__(self, tree: Tree, max_depth: int, behind: list[str]) -> None:
        """Stand before the first comment, or behind the last one of a path."""
        self._tree = tree
        self._max_depth = max_depth
        self._ahead: list[list[str]] = []
        """For each level the siblings that are still to come, the next one last."""
        self._descend(tree.root)
        for each in behind:
            siblings = self._ahead[-1]
            del siblings[siblings.index(each) :]
            self._descend(each)

    def _descend(self, parent: str) -> None:
        if len(self._ahead) < self._max_depth:
            self._ahead.append(self._tree.replies(parent)[::-1])

    def take(self, count: int) -> list[tuple[str, int]]:
        """Go on by at most so many comments; give each with its level below the root."""
        taken: list[tuple[str, int]] = []
        while self._ahead and len(taken) < count:
            if not self._ahead[-1]:
                self._ahead.pop()
                continue
            each = self._ahead[-1].pop()
            taken.append((each, len(self._ahead)))
            self._descend(each)
        return taken

    def count_left(self) -> int:
        """Count what is still to come, with all that is below it."""
        below = self._tree.below
        return sum(1 + below.get(each, 0) for siblings in self._ahead for each in siblings)

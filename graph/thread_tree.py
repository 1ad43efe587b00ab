"""The tree of a conversation: siblings in order, and how many comments stand below each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import log
from typing import Final

from graph.orders import CommentSort

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


@dataclass(slots=True)
class Tree:
    """A skeleton with its order: children in place, and how many are below each."""

    children: dict[str, list[Bone]]
    below: dict[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def grow(cls, bones: list[Bone], sort: CommentSort) -> "Tree":
        """Make the tree of a skeleton, its siblings in order."""
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

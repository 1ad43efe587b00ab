"""Who follows a channel, kept so that an event costs nothing for each of them but to be told."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from heapq import nlargest
from itertools import chain
from typing import Final

from app.realtime.buffer import Buffer
from app.realtime.edition import Share
from graph.audience import Judge

_MOST_GROUPS: Final = 50
"""Of subscribers of one channel, that are read for together; smaller ones read alone."""
_NOBODY: Final = frozenset[Buffer]()


class Presence:
    """The subscribers of one channel, by what they share and by whom they are of."""

    def __init__(self) -> None:
        self._groups = dict[Hashable, set[Buffer]]()
        self._viewers = Counter[str]()

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    @property
    def buffers(self) -> list[Buffer]:
        """All that collect, as of now."""
        return [*chain.from_iterable(self._groups.values())]

    @property
    def groups(self) -> dict[Hashable, set[Buffer]]:
        """All that collect, as of now, by the group that is told alike; None for those alone."""
        return {group: buffers.copy() for group, buffers in self._groups.items()}

    def staying(self, group: Hashable, buffers: set[Buffer]) -> set[Buffer]:
        """Give those of a group that have not left."""
        return buffers & self._groups.get(group, _NOBODY)

    @property
    def viewer_ids(self) -> list[str]:
        """Ids of those who share what they are told."""
        return list(self._viewers)

    @property
    def judge(self) -> Judge | None:
        """What tells who may be told, of a channel on which somebody shares what they are told."""
        return next((share.judge for share in self._shares(self._groups.values())), None)

    @property
    def largest_groups(self) -> list[Share]:
        """One member of each group that is worth a reading of its own."""
        shared = (buffers for group, buffers in self._groups.items() if group is not None)
        return [*self._shares(nlargest(_MOST_GROUPS, shared, key=len))]

    def add(self, buffer: Buffer) -> None:
        """Count a subscriber in."""
        self._groups.setdefault(_group_of(buffer), set()).add(buffer)
        if buffer.share:
            self._viewers[buffer.share.viewer_id] += 1

    def discard(self, buffer: Buffer) -> None:
        """Count a subscriber out, if it is in."""
        group = _group_of(buffer)
        members = self._groups.get(group)
        if members is None or buffer not in members:
            return
        members.remove(buffer)
        if not members:
            del self._groups[group]
        if share := buffer.share:
            self._viewers[share.viewer_id] -= 1
            if not self._viewers[share.viewer_id]:
                del self._viewers[share.viewer_id]

    @staticmethod
    def _shares(groups: Iterable[set[Buffer]]) -> Iterator[Share]:
        """Yield what a member of each group shares, if anything."""
        return (share for members in groups if (share := next(iter(members)).share))


def _group_of(buffer: Buffer) -> Hashable:
    return buffer.share and buffer.share.group

"""Who follows a channel, kept so that an event costs nothing for each of them but to be told."""

from collections import Counter
from collections.abc import Hashable
from heapq import nlargest
from typing import Final

from app.realtime.buffer import Buffer
from app.realtime.edition import Share

_MOST_GROUPS: Final = 50
"""Of subscribers of one channel, that are read for together; smaller ones read alone."""


class Presence:
    """The subscribers of one channel, by what they share and by whom they are of."""

    def __init__(self) -> None:
        self._buffers = set[Buffer]()
        self._groups = dict[Hashable, set[Share]]()
        self._viewers = Counter[str]()

    def __len__(self) -> int:
        return len(self._buffers)

    @property
    def buffers(self) -> set[Buffer]:
        """All that collect, as of now."""
        return self._buffers.copy()

    @property
    def viewer_ids(self) -> list[str]:
        """Ids of those who share what they are told."""
        return list(self._viewers)

    @property
    def largest_groups(self) -> list[Share]:
        """One member of each group that is worth a reading of its own."""
        largest = nlargest(_MOST_GROUPS, self._groups.values(), key=len)
        return [next(iter(group)) for group in largest]

    def add(self, buffer: Buffer) -> None:
        """Count a subscriber in."""
        self._buffers.add(buffer)
        if share := buffer.share:
            self._groups.setdefault(share.group, set()).add(share)
            self._viewers[share.viewer_id] += 1

    def discard(self, buffer: Buffer) -> None:
        """Count a subscriber out, if it is in."""
        if buffer not in self._buffers:
            return
        self._buffers.remove(buffer)
        if share := buffer.share:
            self._groups[share.group].discard(share)
            if not self._groups[share.group]:
                del self._groups[share.group]
            self._viewers[share.viewer_id] -= 1
            if not self._viewers[share.viewer_id]:
                del self._viewers[share.viewer_id]

"""Read what a mutation changed, for its payload."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.context import Info, RequestContext
from app.errors import as_fault_of_query
from app.selection import select_child
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer

Find = Callable[[Viewer, str, Selection], Statement[Row | None]]
_ANYBODY: Final = Viewer("", "")


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Reads one object with what the client selected of it.

    It is made before the command runs: a selection that cannot be read (a malformed cursor, too
    long a page) is refused before anything is written, and as the program's fault, not as
    something that a user can mend.
    """

    context: RequestContext
    selection: Selection
    find: Find

    @classmethod
    def of(cls, info: Info, field: str, type_name: str, find: Find) -> "ReadBack":
        """Make what reads a payload's field.

        Raises:
            ApiError: The selection cannot be read.
        """
        with as_fault_of_query():
            selection = select_child(info, field, type_name)
            find(_ANYBODY, "", selection)
        return cls(info.context, selection, find)

    async def read(self, object_id: str, viewer: Viewer | None = None) -> Row | None:
        """Read the object as its viewer sees it now.

        Args:
            object_id: Which object.
            viewer: Who reads; the request's when left out.

        Raises:
            ApiError: A thread's cursor is that of another post.
        """
        reader = viewer or self.context.viewer
        with as_fault_of_query():
            return await self.context.run(self.find(reader, object_id, self.selection))

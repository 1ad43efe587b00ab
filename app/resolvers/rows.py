"""Rows that a root field has read whole: below it, values are only handed on."""

from typing import Any

from app.context import Info
from graph.projection import Row


def resolve_selected(row: Row, info: Info, **_: Any) -> Any:
    """Give what was read for this use of a field with arguments."""
    return row[f"@{info.path.key}"]

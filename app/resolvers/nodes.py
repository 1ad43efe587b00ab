"""Things by their ids, of whatever kind."""

from collections.abc import Sequence
from typing import Any

from ariadne import QueryType

from app.context import Info
from app.selection import select
from graph.lookup import KINDS, find_nodes, group_by_kind
from graph.projection import Row

query = QueryType()


async def _find(info: Info, ids: Sequence[str]) -> list[Row | None]:
    groups = group_by_kind(ids)
    selections = {prefix: select(info, KINDS[prefix].type_name) for prefix in groups}
    found = await info.context.run(find_nodes(info.context.viewer, groups, selections))
    return [found.get(each) for each in ids]


@query.field("node")
async def resolve_node(_: Any, info: Info, **arguments: str) -> Row | None:
    """Read one thing."""
    (found,) = await _find(info, [arguments["id"]])
    return found


@query.field("nodes")
async def resolve_nodes(_: Any, info: Info, ids: list[str]) -> list[Row | None]:
    """Read things, in the order of their ids."""
    return await _find(info, ids)


BINDABLES = [query]

"""How two people are connected: by whom they are followed, and whom they follow."""

from typing import LiteralString

from graph import projections
from graph.projection import Pending, Row
from graph.reads import read_value
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer
from graph.visibility import blocked_people, visible_besides

_FIND: LiteralString = f"""\
CALL (viewer) {{
  WITH viewer WHERE viewer.id = $id
  RETURN [viewer] AS people
  UNION ALL
  MATCH (other:User {{id: $id}}) WHERE other.id <> viewer.id
  WITH viewer, other, {blocked_people()} AS blocked
  MATCH path = shortestPath((viewer)-[:FOLLOWS*..6]-(other))
  WHERE all(person IN nodes(path) WHERE {visible_besides("person", "blocked")})
  RETURN nodes(path) AS people
}}
"""


def find_path(viewer: Viewer, user_id: str, selection: Selection) -> Statement[list[Row] | None]:
    """Read a shortest chain of people from the viewer to a user, both included.

    A follow counts in either direction, and nobody stands in it whom the viewer may not see. There
    is none of more than six steps.

    Cost: searched from both ends at once: at most the follows of everybody within three steps.
    """
    projection = projections.user(selection, "person", "$s")
    value: LiteralString = (
        f"head(COLLECT {{ {_FIND} RETURN COLLECT {{ "
        f"UNWIND range(0, size(people) - 1) AS step "
        f"WITH step, people[step] AS person ORDER BY step "
        f"RETURN {projection.text} AS row }} AS rows }})"
    )

    def finish(rows: list[Row] | None, pending: list[Pending]) -> list[Row] | None:
        return rows and [projection.finish(row, pending) for row in rows]

    return read_value(viewer, value, {"s": projection.parameters, "id": user_id}, finish)

"""How much there is of everything, from the count store."""

from collections.abc import Mapping

from graph.statement import Statement


def read_totals() -> Statement[Mapping[str, int]]:
    """Count users, posts and comments, deleted ones too, and likes, follows and shares.

    Cost: the same for any graph: Neo4j keeps these counts.
    """
    return Statement(
        """\
RETURN
  COUNT { (:User) } AS users, COUNT { (:Post) } AS posts, COUNT { (:Comment) } AS comments,
  COUNT { ()-[:LIKED]->() } AS likes, COUNT { ()-[:FOLLOWS]->() } AS follows,
  COUNT { ()-[:SHARED]->() } AS shares""",
        {},
        lambda records: dict(records[0]),
    )

"""Figures by the hour: as they are stored, and counted in Python from every edge that is there."""

from collections import defaultdict

from graph.outbox import number_pending
from graph.ranks import hot_key
from graph.recount import fill_hours
from graph.runner import Graph
from graph.tally import tally
from tests.graph.world import run

HOUR = 3_600_000
Hours = dict[tuple[str, str, int], tuple[int, ...]]
"""Figures that are not all 0, by label, whose they are, and when the hour begins."""

_PLACES = {
    "PostHour": ("likes", "comments", "shares"),
    "UserHour": ("posts", "comments", "likes_given", "likes_received", "shares"),
    "PlatformHour": ("posts", "comments", "likes", "shares"),
}
_EDGES = """\
CALL () {
  MATCH (user:User)-[r:LIKED]->(subject)
  RETURN 'likes' AS what, user.id AS user, subject.id AS subject, subject.author_id AS author,
         r.at AS at
  UNION ALL
  MATCH (user:User)-[r:SHARED]->(post)
  RETURN 'shares' AS what, user.id AS user, post.id AS subject, null AS author, r.at AS at
  UNION ALL
  MATCH (user:User)-[:COMMENTED]->(comment)-[:ON_POST]->(post)
  RETURN 'comments' AS what, user.id AS user, post.id AS subject, null AS author,
         comment.created_at AS at
  UNION ALL
  MATCH (user:User)-[:POSTED]->(post)
  RETURN 'posts' AS what, user.id AS user, post.id AS subject, null AS author,
         post.created_at AS at
}
RETURN what, user, subject, author, at"""
_STORED = """\
MATCH (hour:PostHour|UserHour|PlatformHour)
RETURN labels(hour)[0] AS label, coalesce(hour.post_id, hour.user_id, '') AS id, hour.at AS at,
       properties(hour) AS figures"""


def counted(graph: Graph) -> Hours:
    """Count every edge in its hour."""
    found: dict[tuple[str, str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in run(graph, _EDGES):
        what, at = str(row["what"]), int(str(row["at"])) // HOUR * HOUR
        found["PlatformHour", "", at][what] += 1
        found["UserHour", str(row["user"]), at]["likes_given" if what == "likes" else what] += 1
        if what == "likes":
            found["UserHour", str(row["author"]), at]["likes_received"] += 1
        if what != "posts" and str(row["subject"]).startswith("p_"):
            found["PostHour", str(row["subject"]), at][what] += 1
    return {
        place: tuple(figures[name] for name in _PLACES[place[0]])
        for place, figures in found.items()
    }


def stored(graph: Graph) -> Hours:
    """Give the figures that the tally keeps, but for hours of nothing."""
    found: Hours = {}
    for row in run(graph, _STORED):
        label, figures = str(row["label"]), row["figures"]
        assert isinstance(figures, dict)
        values = tuple(figures[name] for name in _PLACES[label])
        if any(values):
            found[label, str(row["id"]), int(str(row["at"]))] = values
    return found


def recount(graph: Graph) -> None:
    """Count all hours from the edges, as it is done where rows were written without events."""
    for statement in fill_hours():
        graph.run(statement)


def badly_ranked(graph: Graph) -> list[object]:
    """Give the posts whose rank is not that of their likes."""
    found = run(graph, f"MATCH (p:Post) WHERE p.hot_k <> {hot_key('p')} RETURN p.id AS id")
    return [row["id"] for row in found]


def settle(graph: Graph, limit: int = 100) -> None:
    """Number what is pending, and let the tally come as far as that."""
    while graph.run(number_pending(1_000, now=10, due_at=1)):
        pass
    while not graph.run(tally(limit)).is_last:
        pass

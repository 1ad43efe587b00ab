"""People whom one may want to follow: those whom the people that one follows follow.

What is looked at is bounded, so that somebody who follows thousands, or one person who follows
50,000, costs no more than that: newest follows first, for these say most of what somebody likes
now. Friends of friends are counted with nothing else asked about them; then one after the other,
best first, is asked whether the viewer follows them, or may not see them, until there are enough.
"""

from typing import Final, LiteralString

from graph import edges, projections
from graph.pages import PageRequest
from graph.projection import Pending, Projection, Row
from graph.reads import read_value
from graph.samples import add_sample
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer
from graph.visibility import visible_user, welcome_user

_MOST_FRIENDS: Final = 1_000
_MOST_OF_EACH: Final = 500
_MOST_FOLLOWS: Final = 50_000

_FIND: LiteralString = f"""\
CALL (viewer) {{
  MATCH ()-[own:FOLLOWS]->(friend)
  WHERE own.follower_id = viewer.id AND own.k > '' AND {visible_user("friend")}
  RETURN friend ORDER BY own.follower_id DESC, own.k DESC LIMIT $most_friends
}}
CALL (friend) {{
  MATCH ()-[follows:FOLLOWS]->(person)
  WHERE follows.follower_id = friend.id AND follows.k > ''
  RETURN person ORDER BY follows.follower_id DESC, follows.k DESC LIMIT $most_of_each
}}
WITH friend, person LIMIT $most_follows
WITH person, collect(friend) AS friends
WITH person, friends ORDER BY size(friends) DESC, person.username
WITH person, friends
WHERE person.id <> viewer.id AND NOT {edges.follows("viewer.id", "person.id")}
  AND {welcome_user("person")}
WITH person, friends ORDER BY size(friends) DESC, person.username LIMIT $first
"""


def read_suggestions(viewer: Viewer, first: int, selection: Selection) -> Statement[list[Row]]:
    """Read whom the viewer may want to follow, with the most people who explain it first.

    Args:
        viewer: Who reads.
        first: How many people at most.
        selection: What is read of each: `user`, and `mutuals`.

    Raises:
        InvalidInput: `first` is out of range.

    Cost: linear in the follows of those whom the viewer follows, 50,000 at most.
    """
    page, projection = PageRequest(first), _projection(selection)

    def finish(rows: list[Row], pending: list[Pending]) -> list[Row]:
        return [projection.finish(row, pending) for row in rows]

    parameters = {
        "s": projection.parameters,
        "first": page.first,
        "most_friends": _MOST_FRIENDS,
        "most_of_each": _MOST_OF_EACH,
        "most_follows": _MOST_FOLLOWS,
    }
    value: LiteralString = f"COLLECT {{ {_FIND} RETURN {projection.text} AS row }}"
    return read_value(viewer, value, parameters, finish)


def _projection(selection: Selection) -> Projection:
    into = Projection("person", "$s")
    user = projections.user(selection.child("user", "User"), "person", "$s.user")
    into.add_child("user", user.text, key="user", parameters=user.parameters, finish=user.finish)
    for slot, used in selection.slotted("mutuals"):
        name: LiteralString = f"mutuals{slot}"
        everybody: LiteralString = (
            "COLLECT { UNWIND friends AS friend RETURN friend ORDER BY friend.username }"
        )
        shown = used.children["UserSample"].child("users", "User")
        add_sample(
            into, name, used, everybody, projections.user(shown, f"friend{slot}", f"$s.{name}")
        )
    return into

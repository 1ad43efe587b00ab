"""A few people of many, and how many they are: of those whom the viewer follows, above all.

Who follows a celebrity and who likes a post may be a hundred thousand, and whom a viewer follows
a few thousand. Of the two the fewer are read, by their degree, and each is sought in the index of
pairs; so neither a busy post nor a busy viewer alone makes it dear.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, LiteralString

from graph import edges
from graph.pages import PageRequest
from graph.projection import Pending, Projection, Row, response_key
from graph.selection import Field
from graph.visibility import visible_user


@dataclass(frozen=True, slots=True)
class Deed:
    """What people did with the end of an edge.

    Args:
        kind: Type of the edge.
        exists: Gives the condition that it is there between two ids.
    """

    kind: LiteralString
    exists: Callable[[LiteralString, LiteralString], LiteralString]


FOLLOW: Final = Deed("FOLLOWS", edges.follows)
LIKE: Final = Deed("LIKED", edges.likes)


def add_known(
    into: Projection, name: LiteralString, used: Field, deed: Deed, people: Projection
) -> None:
    """Add a `UserSample` of whom the viewer follows and who did something with `into.node`.

    Raises:
        InvalidInput: `first` is out of range.

    Cost: a seek for each whom the viewer follows, or for each who did it, whichever are fewer.
    """
    add_sample(into, name, used, _known(deed, people.node, into.node), people)


def _known(deed: Deed, person: LiteralString, end: LiteralString) -> LiteralString:
    followed: LiteralString = "COUNT { (viewer)-[:FOLLOWS]->() }"
    all_who_did: LiteralString = f"COUNT {{ ({end})<-[:{deed.kind}]-() }}"
    return (
        f"COLLECT {{ CALL (viewer, {end}) {{ "
        f"WITH * WHERE {followed} <= {all_who_did} "
        f"MATCH (viewer)-[:FOLLOWS]->({person}:User) "
        f"WHERE {deed.exists(f'{person}.id', f'{end}.id')} RETURN {person} "
        f"UNION ALL WITH * WHERE {followed} > {all_who_did} "
        f"MATCH ({person}:User)-[:{deed.kind}]->({end}) "
        f"WHERE {edges.follows('viewer.id', f'{person}.id')} RETURN {person} }} "
        f"WITH {person} WHERE {visible_user(person)} RETURN {person} ORDER BY {person}.username }}"
    )


def add_sample(
    into: Projection,
    name: LiteralString,
    used: Field,
    everybody: LiteralString,
    people: Projection,
) -> None:
    """Add a `UserSample` as entry `name`: the first of some people, and how many they are.

    Args:
        into: What it is added to.
        name: The entry's name.
        used: The field, with its `first`.
        everybody: A Cypher expression for the list of all of them, in order.
        people: What is read of each who is shown.

    Raises:
        InvalidInput: `first` is out of range.
    """
    first = PageRequest(used.arguments["first"]).first
    found: LiteralString = f"{people.node}_all"
    value: LiteralString = (
        f"head(COLLECT {{ UNWIND [{everybody}] AS {found} "
        f"RETURN {{total_count: size({found}), users: COLLECT {{ "
        f"UNWIND {found}[..{into.path}.{name}.first] AS {people.node} "
        f"RETURN {people.text} AS row }}}} AS row }})"
    )

    def finish(sample: Row, pending: list[Pending]) -> Row:
        for row in sample["users"]:
            people.finish(row, pending)
        return sample

    parameters = {**people.parameters, "first": first}
    into.add_child(name, value, key=response_key(used), parameters=parameters, finish=finish)

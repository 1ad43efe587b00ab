"""Who of those present may be told of an event: one statement for a batch, whoever is there.

Where many people follow one channel, nearly all of them are shown the same. This tells who is
not, by the rule of `graph.visibility` turned round: from the people that an event tells of to
those of the present whom it is hidden from. The others share what is read without a viewer, by
`Shared`; those who are `apart` see something of their own, and are to be read for one by one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from graph.events import EventKind
from graph.statement import Record, Statement
from graph.streams import StreamEvent
from graph.visibility import followers_among, muters_among, parted_among, standing

Judge = Callable[[Sequence[StreamEvent], Collection[str]], "Statement[list[Audience]]"]
"""Makes the statement that gives the audience of each of some events, of the people present."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told of an event.

    Args:
        only: Ids of those who may be told; None for all who are neither hidden from nor apart.
        hidden: Ids of those from whom it is hidden.
        apart: Ids of those who are shown something else than the others.
    """

    only: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()

    def shares(self, user_id: str) -> bool:
        """Tell whether somebody is shown what the others are shown."""
        return (
            (self.only is None or user_id in self.only)
            and user_id not in self.hidden
            and user_id not in self.apart
        )

    def sees_apart(self, user_id: str) -> bool:
        """Tell whether somebody is shown something of their own."""
        return user_id in self.apart and user_id not in self.hidden


NOBODY: Final = Audience(only=frozenset())


def standing_posts(more: LiteralString = "") -> LiteralString:
    """Give the list of those of `$posts` that are there for anybody, each for `post_audience`.

    Args:
        more: Entries to read of each `post` besides, with a comma before each.
    """
    return (
        f"COLLECT {{ UNWIND $posts AS id MATCH (post:Post {{id: id}}) WHERE {standing('post')} "
        "MATCH (author:User {id: post.author_id}) WHERE author.suspended_at IS NULL "
        "RETURN {id: post.id, author_id: author.id, "
        f"parted: {parted_among('author')}, "
        "followers: CASE WHEN post.visibility <> 'PUBLIC' OR $is_home "
        f"THEN {followers_among('author')} END, "
        f"muters: CASE WHEN $is_home THEN {muters_among('author')} ELSE [] END{more}}} AS row }}"
    )


def post_audience(row: Mapping[str, Any]) -> Audience:
    """Tell who may see a post of `standing_posts`."""
    post = _Post.of(row)
    return Audience(post.readers, post.parted)


_PEOPLE: LiteralString = (
    "COLLECT { UNWIND $people AS id MATCH (person:User {id: id}) "
    "RETURN {id: person.id, is_suspended: person.suspended_at IS NOT NULL, "
    f"parted: {parted_among('person')}}} AS row }}"
)


def judge_posts(
    events: Sequence[StreamEvent], present: Collection[str]
) -> Statement[list[Audience]]:
    """Tell who may be told of new posts of one author.

    Rows: an audience for each event, in their order.
    Cost: for each post and each person, the smaller of their blocks (and followers, for a post
    that is for these alone) and of those present.
    """
    return _judge(events, present, _of_post)


def judge_home(
    events: Sequence[StreamEvent], present: Collection[str]
) -> Statement[list[Audience]]:
    """Tell who may be told of new posts as posts of those whom they follow, and do not mute."""
    return _judge(events, present, _of_home_post, is_home=True)


def judge_comments(
    events: Sequence[StreamEvent], present: Collection[str]
) -> Statement[list[Audience]]:
    """Tell who may be told of new comments; apart is who sees one as a tombstone."""
    return _judge(events, present, _of_comment)


def judge_interactions(
    events: Sequence[StreamEvent], present: Collection[str]
) -> Statement[list[Audience]]:
    """Tell who may be told of what people did with a post."""
    return _judge(events, present, _of_interaction)


@dataclass(frozen=True, slots=True)
class _Post:
    """What hides a post.

    Args:
        followers: When each of those present began to follow its author, in ms since 1970 UTC;
            None where it does not matter.
    """

    author_id: str
    parted: frozenset[str]
    followers: Mapping[str, int] | None
    muters: frozenset[str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "_Post":
        followers = row["followers"]
        return cls(
            row["author_id"],
            frozenset(row["parted"]),
            None if followers is None else {each["id"]: each["at"] for each in followers},
            frozenset(row["muters"]),
        )

    @property
    def readers(self) -> frozenset[str] | None:
        return None if self.followers is None else frozenset({*self.followers, self.author_id})


@dataclass(frozen=True, slots=True)
class _Person:
    is_suspended: bool
    parted: frozenset[str]


_Rule = Callable[[StreamEvent, _Post, _Person], Audience]


def _of_post(_: StreamEvent, post: _Post, __: _Person) -> Audience:
    return Audience(post.readers, post.parted)


def _of_home_post(event: StreamEvent, post: _Post, _: _Person) -> Audience:
    followers = post.followers or {}
    since = frozenset(each for each, at in followers.items() if at <= event.occurred_at)
    return Audience(since, post.parted | post.muters)


def _of_comment(_: StreamEvent, post: _Post, author: _Person) -> Audience:
    return Audience(post.readers, post.parted, _within(post, author.parted))


def _within(post: _Post, parted: frozenset[str]) -> frozenset[str]:
    readers = post.readers
    return parted if readers is None else parted & readers


def _of_interaction(_: StreamEvent, post: _Post, actor: _Person) -> Audience:
    if actor.is_suspended:
        return NOBODY
    return Audience(post.readers, post.parted | actor.parted)


def _judge(
    events: Sequence[StreamEvent],
    present: Collection[str],
    rule: _Rule,
    *,
    is_home: bool = False,
) -> Statement[list[Audience]]:
    def decode(records: Sequence[Record]) -> list[Audience]:
        found = records[0]
        posts = {row["id"]: _Post.of(row) for row in found["posts"]}
        people = {
            row["id"]: _Person(row["is_suspended"], frozenset(row["parted"]))
            for row in found["people"]
        }

        def audience(event: StreamEvent) -> Audience:
            post, actor = posts.get(_post_of(event)), people.get(event.actor_id)
            return rule(event, post, actor) if post and actor else NOBODY

        return [audience(event) for event in events]

    return Statement(
        f"RETURN {standing_posts()} AS posts, {_PEOPLE} AS people",
        {
            "posts": [*{_post_of(event) for event in events}],
            "people": [*{event.actor_id for event in events}],
            "viewers": [*present],
            "is_home": is_home,
        },
        decode,
    )


def _post_of(event: StreamEvent) -> str:
    return event.subject_id if event.kind == EventKind.POST_CREATED else event.post_id or ""

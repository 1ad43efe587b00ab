"""Who of those present may be told of an event: one statement for a batch, whoever is there.

Where many people follow one channel, nearly all of them are shown the same. This tells who is
not, by the rule of `graph.visibility` turned round: from the people that an event tells of to
those of the present whom it is hidden from. The others share what is read without a viewer, by
`Shared`; those who are `apart` see something of their own, and are to be read for one by one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString, Protocol

from graph.events import EventKind
from graph.statement import Record, Statement
from graph.streams import EVENTS_AFTER, StreamEvent, StreamPage, page_of
from graph.visibility import followers_among, muters_among, parted_among, standing


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


@dataclass(frozen=True, slots=True)
class JudgedPage:
    """Some of a channel's events, and who may be told of them.

    Args:
        page: The events.
        audiences: Of each of them, in their order; None where that was not asked.
    """

    page: StreamPage
    audiences: Sequence[Audience] | None


class Judge(Protocol):
    """Makes the statements that tell who may be told of one kind of event, of the people present.

    Cost: for each event's post and person, the smaller of their blocks (and followers, for a post
    that is for these alone) and of those present.
    """

    def __call__(
        self, events: Sequence[StreamEvent], present: Collection[str]
    ) -> Statement[list[Audience]]:
        """Tell of events that were read; an audience for each, in their order."""
        ...

    def page(
        self, channel: str, after: int, limit: int, present: Collection[str]
    ) -> Statement[JudgedPage]:
        """Read a channel's events after a position, at most `limit`, and tell of these at once."""
        ...


def standing_posts(ids: LiteralString = "$posts", more: LiteralString = "") -> LiteralString:
    """Give the list of those posts that are there for anybody, each for `post_audience`.

    Args:
        ids: The list of their ids.
        more: Entries to read of each `post` besides, with a comma before each.
    """
    return (
        f"COLLECT {{ UNWIND {ids} AS id MATCH (post:Post {{id: id}}) WHERE {standing('post')} "
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


def _people(ids: LiteralString) -> LiteralString:
    return (
        f"COLLECT {{ UNWIND {ids} AS id MATCH (person:User {{id: id}}) "
        "RETURN {id: person.id, is_suspended: person.suspended_at IS NOT NULL, "
        f"parted: {parted_among('person')}}} AS row }}"
    )


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


@dataclass(frozen=True, slots=True)
class _Judge:
    """A judge by a rule.

    Args:
        rule: Tells who may be told of an event, by its post and who did it.
        is_home: Whether only those are told who follow the post's author and do not mute them.
    """

    rule: _Rule
    is_home: bool = False

    def __call__(
        self, events: Sequence[StreamEvent], present: Collection[str]
    ) -> Statement[list[Audience]]:
        return Statement(
            f"RETURN {standing_posts()} AS posts, {_people('$people')} AS people",
            {
                "posts": [*{_post_of(event) for event in events}],
                "people": [*{event.actor_id for event in events}],
                **self._parameters(present),
            },
            lambda records: self._audiences(events, records[0]),
        )

    def page(
        self, channel: str, after: int, limit: int, present: Collection[str]
    ) -> Statement[JudgedPage]:
        def decode(records: Sequence[Record]) -> JudgedPage:
            page = page_of(records[0], limit)
            return JudgedPage(page, self._audiences(page.events, records[0]))

        return Statement(
            _JUDGED_PAGE,
            {"channel": channel, "after": after, "limit": limit, **self._parameters(present)},
            decode,
        )

    def _parameters(self, present: Collection[str]) -> dict[str, Any]:
        return {"viewers": [*present], "is_home": self.is_home}

    def _audiences(self, events: Sequence[StreamEvent], found: Record) -> list[Audience]:
        posts = {row["id"]: _Post.of(row) for row in found["posts"]}
        people = {
            row["id"]: _Person(row["is_suspended"], frozenset(row["parted"]))
            for row in found["people"]
        }

        def audience(event: StreamEvent) -> Audience:
            post, actor = posts.get(_post_of(event)), people.get(event.actor_id)
            return self.rule(event, post, actor) if post and actor else NOBODY

        return [audience(event) for event in events]


judge_posts: Final[Judge] = _Judge(_of_post)
"""Tells who may be told of new posts of one author."""
judge_home: Final[Judge] = _Judge(_of_home_post, is_home=True)
"""Tells who may be told of new posts as posts of those whom they follow, and do not mute."""
judge_comments: Final[Judge] = _Judge(_of_comment)
"""Tells who may be told of new comments; apart is who sees one as a tombstone."""
judge_interactions: Final[Judge] = _Judge(_of_interaction)
"""Tells who may be told of what people did with a post."""


def _post_of(event: StreamEvent) -> str:
    return event.subject_id if event.kind == EventKind.POST_CREATED else event.post_id or ""


_JUDGED_PAGE: Final[LiteralString] = f"""\
WITH {EVENTS_AFTER} AS events
WITH events,
  COLLECT {{
    UNWIND events AS event
    RETURN DISTINCT
      CASE event.kind WHEN 'PostCreated' THEN event.subject_id ELSE event.post_id END
  }} AS post_ids,
  COLLECT {{ UNWIND events AS event RETURN DISTINCT event.actor_id }} AS person_ids
WITH events,
  {standing_posts("post_ids")} AS posts,
  {_people("person_ids")} AS people
MATCH (c:Counter {{name: 'events'}})
RETURN events, posts, people, c.floor AS oldest, c.value AS newest"""
"""Whom a block parts is read after the event, so a block from before it holds for it."""

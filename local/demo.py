"""The demo world: some 200 people and sixty days of their conversations, always the same.

It comes as the JSON lines that `python -m graph import` reads. Activity, popularity and followers
follow power laws and the hours of the day follow waking hours. Time never runs backwards: nobody
likes or shares what is not yet written, and every comment is later than its parent.
"""

import json
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.demo_texts import (
    DEBATE,
    FIRST_NAMES,
    LAST_NAMES,
    REPLIES,
    TOPICS,
    phrase,
    post_text,
)

USER = "ana"
ADMIN = "ada"
PASSWORD = "nexus-demo"  # noqa: S105 - printed at every start; only development imports the demo

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS
_SPAN_MS = 60 * _DAY_MS
_POSTS = 1_500
_COMMENTS = 3_050  # and those of the popular post and of the debates
_POPULAR = 320
_DEBATES = (41, 36, 33, 31)  # how deep two people went, each under a post of its own
_LIKES = 9_000
_SHARES = 900
_DIRECT = 0.4  # of the comments answer the post whatever else was said
# What is written in each hour of the day, UTC: little at night, most in the evening.
_HOURS = (2, 1, 1, 1, 1, 2, 4, 8, 12, 12, 11, 12, 15, 13, 11, 10, 11, 13, 16, 20, 22, 20, 13, 6)

Line = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody with favourite topics, who is `active` and `popular` by more or less."""

    id: int
    username: str
    display_name: str
    created_at_ms: int
    active: float
    popular: float
    topics: Sequence[str]


@dataclass(eq=False)
class Message:
    """A post, or a comment when it has a parent; ids are given in order of time at the end."""

    author: Person
    text: str
    at_ms: int
    popular: float = 0
    tags: Sequence[str] = ()
    post: "Message | None" = None
    parent: "Message | None" = None
    id: int = 0


class World:
    """Everything that happened in the sixty days before `now_ms`."""

    def __init__(self, now_ms: int, seed: int = 7) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - the same world every time is the point
        self._now_ms = now_ms
        self._start_ms = now_ms - _SPAN_MS
        self._people_from_ms = self._start_ms + 3 * _HOUR_MS  # three are there to talk by then
        self.people = self._make_people()
        self._active = [person.active for person in self.people]
        self.posts = sorted((self._post() for _ in range(_POSTS)), key=_when)
        self.comments = sorted(self._conversations(), key=_when)
        for number, message in enumerate(sorted([*self.posts, *self.comments], key=_when), 1):
            message.id = number

    def lines(self) -> Iterator[Line]:
        """Yield the world in the importer's form: users, follows, posts, comments, likes, shares.

        Each kind is in order of time.
        """
        yield from map(_user_line, self.people)
        yield from self._follows()
        yield from map(_post_line, self.posts)
        yield from map(_comment_line, self.comments)
        likes = self._reactions([*self.posts, *self.comments], _LIKES)
        yield from (_line("like", user=who, subject=what, at_ms=at) for at, who, what in likes)
        shares = self._reactions(self.posts, _SHARES)
        yield from (_line("share", user=who, post=what, at_ms=at) for at, who, what in shares)

    def _make_people(self) -> list[Person]:
        """Make one person per first name; those of the demo logins come first and early."""
        firsts = [self._start_ms, self._start_ms + _HOUR_MS, self._start_ms + 2 * _HOUR_MS]
        count = len(FIRST_NAMES) - len(firsts)
        rest = sorted(self._start_ms + self._early(40 * _DAY_MS) for _ in range(count))
        return [
            self._person(number, name, at)
            for number, (name, at) in enumerate(zip(FIRST_NAMES, firsts + rest, strict=True), 1)
        ]

    def _person(self, number: int, name: str, created_at_ms: int) -> Person:
        return Person(
            id=number,
            username=name.lower(),
            display_name=f"{name} {self._rng.choice(LAST_NAMES)}",
            created_at_ms=created_at_ms,
            active=6 if name.lower() in {USER, ADMIN} else self._rng.paretovariate(1.2),
            popular=12 if name.lower() == USER else self._rng.paretovariate(1.1),
            topics=self._rng.sample(sorted(TOPICS), 3),
        )

    def _follows(self) -> Iterator[Line]:
        follows = sorted(
            (self._moment(max(one.created_at_ms, other.created_at_ms)), one.id, other.id)
            for one in self.people
            for other in self._followees(one)
        )
        yield from (_line("follow", src=one, dst=other, at_ms=at) for at, one, other in follows)

    def _followees(self, one: Person) -> Iterable[Person]:
        others = [other for other in self.people if other is not one]
        weights = [
            other.popular * (1 + 3 * len({*one.topics} & {*other.topics})) for other in others
        ]
        least = 30 if one.username in {USER, ADMIN} else 8
        tries = min(150, int(least * self._rng.paretovariate(1.3)))
        return dict.fromkeys(self._rng.choices(others, weights, k=tries))

    def _post(self) -> Message:
        author = self._somebody()
        topic = self._rng.choice(author.topics)
        tags = [topic, *self._rng.sample(sorted(TOPICS), self._rng.choice((0, 0, 0, 1)))]
        return Message(
            author=author,
            text=post_text(self._rng, topic),
            at_ms=self._moment(max(author.created_at_ms, self._people_from_ms)),
            popular=self._rng.paretovariate(0.9) + author.popular / 10,
            tags=tuple(dict.fromkeys(tags)),
        )

    def _conversations(self) -> Iterator[Message]:
        """Yield the popular thread, the debates, and comments here and there."""
        settled = [post for post in self.posts if post.at_ms < self._now_ms - 10 * _DAY_MS]
        popular, *debated = sorted(settled, key=lambda post: -post.popular)
        yield from self._discussion([popular], _POPULAR)
        for depth, post in zip(_DEBATES, debated, strict=False):
            yield from self._debate(post, depth)
        rest = [post for post in self.posts if post is not popular]
        yield from self._discussion(rest, _COMMENTS)

    def _discussion(self, posts: Sequence[Message], count: int) -> Iterator[Message]:
        """Yield `count` comments under the posts, the popular ones getting the most."""
        threads = [[post] for post in posts]
        weights = [min(post.popular, 60) for post in posts]
        while count:
            thread = self._rng.choices(threads, weights)[0]
            parent = thread[0] if self._rng.random() < _DIRECT else self._rng.choice(thread)
            if comment := self._reply(thread[0], parent, REPLIES):
                thread.append(comment)
                count -= 1
                yield comment

    def _debate(self, post: Message, depth: int) -> Iterator[Message]:
        """Yield a chain of replies between the author and one other."""
        other = self._somebody(post.at_ms, but=post.author)
        parent = post
        while depth and (
            comment := self._reply(post, parent, DEBATE, post.author if depth % 2 else other, 12)
        ):
            yield comment
            parent = comment
            depth -= 1

    def _reply(
        self,
        post: Message,
        parent: Message,
        texts: Sequence[str],
        author: Person | None = None,
        typical_minutes: float = 40,
    ) -> Message | None:
        """Make a comment, or none when it would be written after now."""
        at_ms = parent.at_ms + self._delay(typical_minutes)
        if at_ms >= self._now_ms:
            return None
        author = author or self._somebody(at_ms, but=parent.author)
        text = phrase(self._rng, self._rng.choice(texts))
        return Message(author, text, at_ms, self._rng.paretovariate(1.5), (), post, parent)

    def _reactions(self, subjects: Sequence[Message], count: int) -> list[tuple[int, int, int]]:
        """Return (instant, user, subject) of distinct pairs, in order of time."""
        weights = [min(subject.popular, 300) for subject in subjects]
        found: dict[tuple[int, int], int] = {}
        while len(found) < count:
            subject = self._rng.choices(subjects, weights)[0]
            at_ms = subject.at_ms + self._delay(180)
            if at_ms < self._now_ms:
                person = self._somebody(at_ms, but=subject.author)
                found.setdefault((person.id, subject.id), at_ms)
        return sorted((at_ms, person, subject) for (person, subject), at_ms in found.items())

    def _somebody(self, before_ms: int | None = None, but: Person | None = None) -> Person:
        """Pick one of the people of that time; the active ones more often."""
        limit_ms = self._now_ms if before_ms is None else before_ms
        while True:
            person = self._rng.choices(self.people, self._active)[0]
            if person is not but and person.created_at_ms < limit_ms:
                return person

    def _moment(self, after_ms: int) -> int:
        """Pick an instant of some waking hour between then and now."""
        while True:
            at_ms = self._rng.randrange(after_ms + 1, self._now_ms)
            if self._rng.random() * max(_HOURS) < _HOURS[at_ms // _HOUR_MS % 24]:
                return at_ms

    def _delay(self, typical_minutes: float) -> int:
        return 1 + int(_MINUTE_MS * self._rng.lognormvariate(math.log(typical_minutes), 1.3))

    def _early(self, span_ms: int) -> int:
        return 3 * _HOUR_MS + int(span_ms * self._rng.random() ** 2)


def write(path: Path, now_ms: int) -> int:
    """Write the world to a file of JSON lines and return how many there are.

    The file appears by a rename when it is complete.
    """
    lines = [json.dumps(line, ensure_ascii=False) for line in World(now_ms).lines()]
    part = path.with_name(f"{path.name}.part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.rename(path)
    return len(lines)


def _when(message: Message) -> int:
    return message.at_ms


def _line(kind: str, **fields: object) -> Line:
    return {"kind": kind, **fields}


def _user_line(person: Person) -> Line:
    return _line(
        "user",
        id=person.id,
        username=person.username,
        display_name=person.display_name,
        created_at_ms=person.created_at_ms,
    )


def _post_line(post: Message) -> Line:
    return _line("post", **_written(post), tags=list(post.tags))


def _comment_line(comment: Message) -> Line:
    root, parent = comment.post, comment.parent
    return _line("comment", **_written(comment), post=root and root.id, parent=parent and parent.id)


def _written(message: Message) -> Line:
    return {
        "id": message.id,
        "author": message.author.id,
        "text": message.text,
        "created_at_ms": message.at_ms,
    }

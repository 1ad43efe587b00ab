"""An audience is the rule of visibility turned round: it tells of each person what their own read
would show, in every state of a post, of a comment, and of the people who made them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import pytest

from graph.audience import (
    Audience,
    Judge,
    judge_comments,
    judge_home,
    judge_interactions,
    judge_posts,
)
from graph.blocks import block
from graph.comments import find_comment, find_shared_comment
from graph.events import EventKind
from graph.follows import follow
from graph.interactions import find_interaction, find_shared_interaction
from graph.likes import like
from graph.mutes import mute
from graph.posts import NewPost, create_post, find_followed_post, find_post, find_shared_post
from graph.projection import Row
from graph.runner import Graph
from graph.statement import Statement
from graph.streams import StreamEvent
from graph.viewer import Viewer
from tests.graph.people import AUTHOR, World, below, new_person, new_world, pick

AT: Final = 2**42
POST: Final = pick("id", "text", AUTHOR, "stats")
COMMENT: Final = pick("id", "text", AUTHOR, "stats", below("post", "Post", "id", "text"))
INTERACTION: Final = pick(
    below("actor", "User", "id"), below("subject", "Post", "text"), below("subject", "Comment")
)
VISIBILITIES: Final = ("PUBLIC", "FOLLOWERS")
STATES: Final = {
    "all is well": "RETURN 1",
    "the post is deleted": "MATCH (p:Post) SET p.deleted_at = 1",
    "the post is removed": "MATCH (p:Post) SET p.removed_at = 1",
    "the comment is deleted": "MATCH (c:Comment) SET c.deleted_at = 1",
    "the comment is removed": "MATCH (c:Comment) SET c.removed_at = 1",
    "the author is suspended": "MATCH (u:User {username: 'alice'}) SET u.suspended_at = 1",
    "the other is suspended": "MATCH (u:User {username: 'bob'}) SET u.suspended_at = 1",
    "the like is undone": "MATCH ()-[l:LIKED]->() DELETE l",
}
"""What may become of alice's post, and of bob's comment and like."""


_CHANNEL: Final = """\
MERGE (entry:StreamEntry {channel: 'channel', position: $event.position})
SET entry.event_id = $event.event_id
MERGE (event:Event {id: $event.event_id})
WITH event, $event AS it
SET event += it {.kind, .occurred_at, .actor_id, .subject_id, .post_id}"""
"""A channel in which there is one event."""


@dataclass(frozen=True)
class Telling:
    """A kind of event, who is told of it, and how they would read it themselves."""

    event: StreamEvent
    judge: Judge
    read: Callable[[Viewer], Statement[Row | None]]
    shared: Statement[Row | None] | None


@dataclass(frozen=True)
class Place:
    """Alice has posted, bob has commented and liked; others have their reasons to see it or not."""

    world: World
    people: dict[str, Viewer]
    post_id: str
    comment_id: str

    def tellings(self) -> Iterator[Telling]:
        """Yield every kind of event that people are told of together."""
        alice, bob = self.world.alice.user_id, self.world.bob.user_id
        posted = self._event(EventKind.POST_CREATED, alice, self.post_id)
        commented = self._event(EventKind.COMMENT_CREATED, bob, self.comment_id)
        liked = self._event(EventKind.POST_LIKED, bob, self.post_id)
        yield Telling(
            posted,
            judge_posts,
            lambda viewer: find_post(viewer, self.post_id, POST),
            find_shared_post(posted, POST),
        )
        yield Telling(
            posted,
            judge_home,
            lambda viewer: find_followed_post(viewer, posted, POST),
            find_shared_post(posted, POST),
        )
        yield Telling(
            commented,
            judge_comments,
            lambda viewer: find_comment(viewer, self.comment_id, COMMENT),
            find_shared_comment(commented, COMMENT),
        )
        for deed in (commented, liked):
            yield Telling(
                deed,
                judge_interactions,
                lambda viewer, deed=deed: find_interaction(viewer, deed, self.post_id, INTERACTION),
                find_shared_interaction(deed, self.post_id, INTERACTION),
            )

    def read_judged(
        self, telling: Telling, present: list[str]
    ) -> tuple[Sequence[StreamEvent], Sequence[Audience] | None]:
        """Read the event from a channel, and with it who may be told."""
        self.world.cypher(_CHANNEL, event=asdict(telling.event))
        found = self.world.run(telling.judge.page("channel", 0, 10, present))
        return found.page.events, found.audiences

    def _event(self, kind: EventKind, actor_id: str, subject_id: str) -> StreamEvent:
        return StreamEvent(1, "e_1", kind, AT, actor_id, subject_id, self.post_id)


@pytest.fixture(params=VISIBILITIES)
def place(clean: None, sync_graph: Graph, request: pytest.FixtureRequest) -> Place:  # noqa: ARG001
    world = new_world(sync_graph)
    alice, bob = world.alice, world.bob
    names = ("stranger", "follower", "late", "muter", "foe", "enemy", "critic", "shunned")
    people = {name: new_person(sync_graph, name) for name in names}
    post = NewPost.of(alice, "hello", request.param)
    for each in ("follower", "muter", "late", "critic", "shunned"):
        world.run(follow(people[each], alice.user_id))
    world.run(follow(bob, alice.user_id))
    world.run(create_post(alice, post))
    place = Place(world, people, post.id, world.comment(bob, post.id))
    world.run(like(bob, post.id))
    world.run(mute(people["muter"], alice.user_id))
    world.run(block(people["foe"], alice.user_id))
    world.run(block(alice, people["enemy"].user_id))
    world.run(block(people["critic"], bob.user_id))
    world.run(block(bob, people["shunned"].user_id))
    people |= {"alice": alice, "bob": bob}
    world.cypher("MATCH ()-[r:LIKED]->() SET r.at = $at", at=AT)
    world.cypher("MATCH (:User {username: 'late'})-[f:FOLLOWS]->() SET f.at = $at", at=AT + 1)
    return place


def _is_tombstone(row: Row) -> bool:
    return row.get("tombstone") is not None


@pytest.mark.parametrize("state", STATES)
def test_everybody_is_told_what_they_would_read(place: Place, state: str) -> None:
    place.world.cypher(STATES[state])
    suspended = place.world.cypher("MATCH (u:User) WHERE u.suspended_at > 0 RETURN u.id AS id")
    live = {
        name: viewer
        for name, viewer in place.people.items()
        if viewer.user_id not in {row["id"] for row in suspended}
    }
    outcomes: set[str] = set()
    for telling in place.tellings():
        present = [viewer.user_id for viewer in live.values()]
        (audience,) = place.world.run(telling.judge([telling.event], present))
        assert place.read_judged(telling, present) == ([telling.event], [audience])
        assert telling.shared is not None
        shared = place.world.run(telling.shared)
        for name, viewer in live.items():
            own = place.world.run(telling.read(viewer))
            at = (telling.judge, telling.event.kind, name)
            if audience.shares(viewer.user_id):
                assert own == shared, at
                outcomes.add("shared")
            elif audience.sees_apart(viewer.user_id):
                assert own is None or _is_tombstone(own), at
                outcomes.add("apart")
            else:
                assert own is None, at
                outcomes.add("hidden")
    if state == "all is well":
        assert outcomes == {"shared", "apart", "hidden"}


def test_the_fewer_are_asked_whoever_they_are(place: Place) -> None:
    """A person with many blocks is looked for among those present, and the other way round."""
    world = place.world
    crowd = [new_person(world.graph, f"crowd{n}") for n in range(12)]
    for each in crowd:
        world.run(block(each, world.alice.user_id))
    (posted, *_) = place.tellings()
    expected: dict[str, bool] = {
        viewer.user_id: world.run(posted.read(viewer)) is not None
        for viewer in [*place.people.values(), *crowd]
    }
    for present in (list(expected)[:3], list(expected)):
        (audience,) = world.run(posted.judge([posted.event], present))
        assert {each: audience.shares(each) for each in present} == {
            each: expected[each] for each in present
        }


def test_what_depends_on_who_reads_is_not_shared(place: Place) -> None:
    (posted, *_) = place.tellings()
    dependent: list[Any] = [
        "viewer",
        below("author", "User", "viewer"),
        below("mentions", "User", "id"),
        below("quote_of", "Post", "id"),
    ]
    for field in dependent:
        assert find_shared_post(posted.event, pick("id", field)) is None
    for field in ("media", "tags", below("author", "User", "stats", "avatar")):
        assert find_shared_post(posted.event, pick("id", field)) is not None

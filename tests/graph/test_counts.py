"""Counts equal a recount after any interleaving of what people and moderators do.

A model in plain Python does the same deeds as the graph; after each, every count of every person,
post and comment is what the model counts, and a refusal is one that the model expects. In the end
the figures by the hour are those of the edges.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from graph.blocks import block, unblock
from graph.bookmarks import bookmark, unbookmark
from graph.comments import (
    NewComment,
    create_comment,
    delete_comment,
    find_comment,
    update_comment,
)
from graph.errors import Conflict, Forbidden, NotFound
from graph.follows import follow, unfollow
from graph.likes import like, unlike
from graph.moderation import remove_content, restore_content
from graph.outbox import number_pending
from graph.posts import NewPost, create_post, delete_post, find_post, update_post
from graph.runner import Graph
from graph.sessions import NewSession, create_session
from graph.shares import share, unshare
from graph.statement import Statement
from graph.suspensions import reinstate_user, suspend_user
from graph.tally import tally
from graph.users import find_user
from graph.viewer import Role, Viewer
from tests.graph.hours import counted, settle, stored
from tests.graph.people import new_person, pick
from tests.graph.world import empty, run

NAMES: Final = ("alice", "bob", "carol", "dan")
WHO = st.integers(0, len(NAMES) - 1)
WHICH = st.integers(0, 2**16)
TEXT = st.sampled_from(["x", "#a", "#b #a", "#c y"])

_COUNTED: Final = """\
MATCH (n:User|Post|Comment|Tag) WHERE n.username IS NULL OR n.username <> 'mod'
RETURN coalesce(n.id, n.name) AS id, CASE
  WHEN n:User THEN {
    followers: COUNT { (n)<-[:FOLLOWS]-() }, following: COUNT { (n)-[:FOLLOWS]->() },
    posts: COUNT { (n)-[:POSTED]->() }, comments: COUNT { (n)-[:COMMENTED]->() },
    newest: n.last_post_k}
  WHEN n:Tag THEN {posts: COUNT { (n)<-[:TAGGED]-() }}
  WHEN n:Post THEN {
    likes: COUNT { (n)<-[:LIKED]-() }, comments: COUNT { (n)<-[:ON_POST]-() },
    shares: COUNT { (n)<-[:SHARED]-() }, bookmarks: COUNT { (n)<-[:BOOKMARKED]-() }}
  ELSE {likes: COUNT { (n)<-[:LIKED]-() }, replies: COUNT { (n)<-[:REPLY_TO]-() }}
END AS stats"""


@dataclass
class Said:
    """A post or comment of the model."""

    id: str
    author: int
    post: str
    parent: str | None = None
    key: str = ""
    text: str = ""
    is_public: bool = True
    is_deleted: bool = False
    is_removed: bool = False

    @property
    def stands(self) -> bool:
        return not (self.is_deleted or self.is_removed)


def _tags(text: str) -> set[str]:
    return {word[1:] for word in text.split() if word.startswith("#")}


class Counts(RuleBasedStateMachine):
    """The graph and the model, side by side."""

    graph: ClassVar[Graph]

    @initialize()
    def begin(self) -> None:
        empty(self.graph)
        self.people = [new_person(self.graph, name) for name in NAMES]
        mod = new_person(self.graph, "mod")
        run(self.graph, "MATCH (u:User {id: $id}) SET u.role = 'MODERATOR'", id=mod.user_id)
        self.moderator = Viewer(mod.user_id, mod.session_id, Role.MODERATOR)
        self.said: dict[str, Said] = {}
        self.pairs: dict[str, set[tuple[int, int]]] = {"follows": set(), "blocks": set()}
        self.edges: dict[str, set[tuple[int, str]]] = {
            "likes": set(),
            "shares": set(),
            "bookmarks": set(),
        }
        self.suspended: set[int] = set()
        self.tags: set[str] = set()
        for who in range(len(NAMES)):
            self.write_a_post(who, is_public=True, text="#a")
            self.reply((who + 1) % len(NAMES), who)

    # What the model expects.

    def _shown(self, viewer: int, author: int) -> bool:
        blocked = {(viewer, author), (author, viewer)} & self.pairs["blocks"]
        return viewer == author or (author not in self.suspended and not blocked)

    def _sees(self, viewer: int, said: Said) -> bool:
        if said.parent is not None and not self._sees(viewer, self.said[said.post]):
            return False
        is_for = said.is_public or said.author == viewer
        is_for = is_for or (viewer, said.author) in self.pairs["follows"]
        return said.stands and is_for and self._shown(viewer, said.author)

    def _do(self, statement: Statement[Any], may: bool) -> bool:
        """Run a command; it is refused if and only if the model refuses it."""
        try:
            self.graph.run(statement)
        except (NotFound, Forbidden, Conflict):
            assert not may
            return False
        assert may
        return True

    def _pick(self, which: int, *, posts: bool = False) -> Said | None:
        found = [s for s in self.said.values() if not posts or s.parent is None]
        return found[which % len(found)] if found else None

    def _acts(self, who: int) -> bool:
        return who not in self.suspended

    # What people do.

    @rule(who=WHO, is_public=st.booleans(), text=TEXT)
    def write_a_post(self, who: int, is_public: bool, text: str) -> None:
        if not self._acts(who):
            return
        viewer = self.people[who]
        post = NewPost.of(viewer, text, "PUBLIC" if is_public else "FOLLOWERS")
        self.graph.run(create_post(viewer, post))
        key = str(post.properties()["k"])
        self.said[post.id] = Said(post.id, who, post.id, None, key, text, is_public=is_public)
        self.tags.update(_tags(text))

    @precondition(lambda self: self.said)
    @rule(who=WHO, which=WHICH)
    def reply(self, who: int, which: int) -> None:
        above = self._pick(which)
        if above is None or not self._acts(who):
            return
        viewer = self.people[who]
        new = NewComment.of(viewer, above.post, above.id, "x")
        if self._do(create_comment(viewer, new), self._sees(who, above)):
            self.said[new.id] = Said(new.id, who, above.post, above.id)

    @precondition(lambda self: self.said)
    @rule(who=WHO, which=WHICH)
    def delete(self, who: int, which: int) -> None:
        said = self._pick(which)
        if said is None or not self._acts(who):
            return
        command = delete_post if said.parent is None else delete_comment
        if self._do(command(self.people[who], said.id), said.author == who):
            said.is_deleted = True

    @precondition(lambda self: self.said)
    @rule(which=WHICH, text=TEXT, is_own=st.sampled_from([True, True, False]))
    def edit(self, which: int, text: str, is_own: bool) -> None:
        said = self._pick(which)
        if said is None:
            return
        who = said.author if is_own else (said.author + 1) % len(NAMES)
        if not self._acts(who):
            return
        command = update_post if said.parent is None else update_comment
        may = said.author == who and self._sees(who, said)
        if self._do(command(self.people[who], said.id, text), may):
            said.text = text
            self.tags.update(_tags(text) if said.parent is None else ())

    def _mark(
        self,
        name: str,
        who: int,
        said: Said | None,
        commands: tuple[Callable[[Viewer, str], Statement[Any]], ...],
        *,
        may: bool,
        undo: bool,
    ) -> None:
        if said is None or not self._acts(who):
            return
        make, take = commands
        if undo:
            self.graph.run(take(self.people[who], said.id))
            self.edges[name].discard((who, said.id))
        elif self._do(make(self.people[who], said.id), may):
            self.edges[name].add((who, said.id))

    @precondition(lambda self: self.said)
    @rule(who=WHO, which=WHICH, undo=st.booleans())
    def like(self, who: int, which: int, undo: bool) -> None:
        said = self._pick(which)
        may = said is not None and self._sees(who, said)
        self._mark("likes", who, said, (like, unlike), may=may, undo=undo)

    @precondition(lambda self: self.said)
    @rule(who=WHO, which=WHICH, undo=st.booleans())
    def share(self, who: int, which: int, undo: bool) -> None:
        said = self._pick(which, posts=True)
        may = said is not None and said.is_public and self._sees(who, said)
        self._mark("shares", who, said, (share, unshare), may=may, undo=undo)

    @precondition(lambda self: self.said)
    @rule(who=WHO, which=WHICH, undo=st.booleans())
    def keep(self, who: int, which: int, undo: bool) -> None:
        said = self._pick(which, posts=True)
        may = said is not None and self._sees(who, said)
        self._mark("bookmarks", who, said, (bookmark, unbookmark), may=may, undo=undo)

    @rule(who=WHO, whom=WHO, undo=st.booleans())
    def follow(self, who: int, whom: int, undo: bool) -> None:
        if who == whom or not self._acts(who):
            return
        command = unfollow if undo else follow
        is_hidden = whom in self.suspended or (whom, who) in self.pairs["blocks"]
        if undo:
            may = (who, whom) in self.pairs["follows"] or not is_hidden
        else:
            may = not is_hidden and (who, whom) not in self.pairs["blocks"]
        if self._do(command(self.people[who], self.people[whom].user_id), may):
            (set.discard if undo else set.add)(self.pairs["follows"], (who, whom))

    @rule(who=WHO, whom=WHO, undo=st.booleans())
    def block(self, who: int, whom: int, undo: bool) -> None:
        if who == whom or not self._acts(who):
            return
        command = unblock if undo else block
        is_hidden = whom in self.suspended or (whom, who) in self.pairs["blocks"]
        may = not is_hidden or (undo and (who, whom) in self.pairs["blocks"])
        if self._do(command(self.people[who], self.people[whom].user_id), may):
            (set.discard if undo else set.add)(self.pairs["blocks"], (who, whom))

    # What moderators do.

    @precondition(lambda self: self.said)
    @rule(which=WHICH, undo=st.booleans())
    def moderate(self, which: int, undo: bool) -> None:
        said = self._pick(which)
        if said is None:
            return
        if undo:
            statement = restore_content(self.moderator, said.id)
        else:
            statement = remove_content(self.moderator, said.id, "spam")
        may = said.is_removed or not said.is_deleted
        if self._do(statement, may):
            said.is_removed = not undo

    @rule(whom=WHO)
    def suspend(self, whom: int) -> None:
        self.graph.run(suspend_user(self.moderator, self.people[whom].user_id, "spam"))
        self.suspended.add(whom)

    @precondition(lambda self: self.suspended)
    @rule()
    def reinstate_all(self) -> None:
        for whom in sorted(self.suspended):
            user_id = self.people[whom].user_id
            self.graph.run(reinstate_user(self.moderator, user_id))
            session = NewSession.of(user_id, 3_600)
            self.graph.run(create_session(session))
            self.people[whom] = Viewer(user_id, session.id)
        self.suspended.clear()

    @rule()
    def tally_some(self) -> None:
        """Let the tally fall behind, and take up what people did in pieces."""
        self.graph.run(number_pending(5, 1, 1))
        self.graph.run(tally(3))

    # What must hold.

    def _expected(self) -> dict[str, dict[str, int | str | None]]:
        def to(name: str, subject: str) -> int:
            return sum(1 for _, other in self.edges[name] if other == subject)

        found: dict[str, dict[str, int | str | None]] = {}
        standing = [said for said in self.said.values() if said.stands]
        posts = [said for said in standing if said.parent is None]
        for tag in self.tags:
            found[tag] = {"posts": sum(1 for said in posts if tag in _tags(said.text))}
        for number, person in enumerate(self.people):
            own = [said for said in standing if said.author == number]
            found[person.user_id] = {
                "followers": sum(1 for _, whom in self.pairs["follows"] if whom == number),
                "following": sum(1 for who, _ in self.pairs["follows"] if who == number),
                "posts": sum(1 for said in own if said.parent is None),
                "comments": sum(1 for said in own if said.parent is not None),
                "newest": max((said.key for said in own if said.parent is None), default=None),
            }
        for said in self.said.values():
            replies = [each for each in standing if each.parent is not None]
            if said.parent is None:
                found[said.id] = {
                    "likes": to("likes", said.id),
                    "comments": sum(1 for each in replies if each.post == said.id),
                    "shares": to("shares", said.id),
                    "bookmarks": to("bookmarks", said.id),
                }
            else:
                found[said.id] = {
                    "likes": to("likes", said.id),
                    "replies": sum(1 for each in replies if each.parent == said.id),
                }
        return found

    @invariant()
    def the_graph_counts_what_the_model_counts(self) -> None:
        if hasattr(self, "people"):
            counted = {row["id"]: row["stats"] for row in run(self.graph, _COUNTED)}
            assert counted == self._expected()

    def teardown(self) -> None:
        """Restore all, and read every count as its author reads it."""
        if not hasattr(self, "people"):
            return
        self.reinstate_all()
        for said in self.said.values():
            if said.is_removed:
                self.graph.run(restore_content(self.moderator, said.id))
                said.is_removed = False
        self.the_graph_counts_what_the_model_counts()
        settle(self.graph)
        assert stored(self.graph) == counted(self.graph)
        expected = self._expected()
        for said in self.said.values():
            viewer = self.people[said.author]
            find = find_post if said.parent is None else find_comment
            row = self.graph.run(find(viewer, said.id, pick("stats")))
            assert (row is not None) >= self._sees(said.author, said)
            assert row is None or row["stats"] == expected[said.id]
        for person in self.people:
            row = self.graph.run(find_user(person, person.user_id, pick("stats")))
            assert row is not None
            assert row["stats"].items() <= expected[person.user_id].items()


def _check(graph: Graph, examples: int, steps: int) -> None:
    class Bound(Counts):
        pass

    Bound.graph = graph
    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_counts_hold_after_some_dozens_of_deeds(sync_graph: Graph) -> None:
    _check(sync_graph, 6, 30)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_counts_hold_after_thousands_of_deeds(sync_graph: Graph) -> None:
    _check(sync_graph, 100, 60)

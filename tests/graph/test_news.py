"""What people are told equals what a model in plain Python tells them, whatever came in between.

People write, like, share, follow, block, mute and undo all that; jobs run late, twice and in any
order; people mark what they see. After each step somebody's list, with who is named in it and how
many, and the counts of it, are what the model says.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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
from graph.comments import NewComment, create_comment, delete_comment, update_comment
from graph.conversation_mutes import mute_conversation, unmute_conversation
from graph.errors import Conflict, Forbidden, NotFound
from graph.events import EventKind
from graph.follows import follow, unfollow
from graph.likes import like, unlike
from graph.moderation import remove_content, restore_content
from graph.mutes import mute, unmute
from graph.notifications import mark_read, mark_seen, read_page
from graph.notify import NOTIFY, notify
from graph.outbox import number_pending
from graph.pages import PageRequest
from graph.posts import NewPost, create_post, delete_post, update_post
from graph.preferences import NotificationKind, set_preference
from graph.runner import Graph
from graph.selection import Field
from graph.sessions import NewSession, create_session
from graph.shares import share, unshare
from graph.statement import Statement
from graph.suspensions import reinstate_user, suspend_user
from graph.viewer import Role, Viewer
from tests.graph.people import new_person, page_of_root, pick, sample
from tests.graph.world import empty, run

NAMES: Final = ("alice", "bob", "carol", "dan")
WHO = st.integers(0, len(NAMES) - 1)
WHICH = st.integers(0, 2**16)
UNDO = st.sampled_from([False, False, False, True])
KINDS = st.sampled_from([kind.value for kind in NotificationKind if kind != "MODERATION"])
_IDS: Final = {"Post": pick("id"), "Comment": pick("id")}
NEWS: Final = pick(
    *page_of_root("Notification", sample("actors"), Field("subject", "subject", {}, _IDS)).fields,
    "unread_count",
    "unseen_count",
)
_EDGES: Final = {
    EventKind.POST_LIKED: ("LIKE", "likes"),
    EventKind.POST_UNLIKED: ("LIKE", "likes"),
    EventKind.COMMENT_LIKED: ("LIKE", "likes"),
    EventKind.COMMENT_UNLIKED: ("LIKE", "likes"),
    EventKind.POST_SHARED: ("SHARE", "shares"),
    EventKind.POST_UNSHARED: ("SHARE", "shares"),
    EventKind.USER_FOLLOWED: ("FOLLOW", "follows"),
    EventKind.USER_UNFOLLOWED: ("FOLLOW", "follows"),
}

_SAYING: Final = {
    EventKind.POST_CREATED: False,
    EventKind.COMMENT_CREATED: False,
    EventKind.POST_EDITED: True,
    EventKind.COMMENT_EDITED: True,
}
"""Whether it is an edit."""


@dataclass
class Said:
    """A post or comment of the model."""

    id: str
    author: str
    post: str
    parent: str | None = None
    quotes: str | None = None
    names: dict[str, int | None] = field(default_factory=dict[str, int | None])
    """Whom it names, and since which edit; None from the beginning."""
    is_deleted: bool = False
    removed_at: int | None = None

    @property
    def stands(self) -> bool:
        return not self.is_deleted and self.removed_at is None


@dataclass(eq=False)
class News:
    """A notification of the model: when it was told of whom, and for whom that holds."""

    kind: str
    to: str
    subject: str | None
    told: dict[str | None, int] = field(default_factory=dict[str | None, int])
    holding: set[str | None] = field(default_factory=set[str | None])
    is_seen: bool = False
    is_read: bool = False

    @property
    def at(self) -> int:
        return max(self.told[actor] for actor in self.holding)


class Model:
    """Who should be told what."""

    def __init__(self) -> None:
        self.said: dict[str, Said] = {}
        self.pairs: dict[str, set[tuple[str, str]]] = {
            name: set()
            for name in ("likes", "shares", "follows", "blocks", "mutes", "quiet", "unwanted")
        }
        self.suspended: set[str] = set()
        self.news: list[News] = []
        self.known: dict[tuple[str | None, ...], News] = {}

    def shown(self, who: str, to: str) -> bool:
        blocked = {(who, to), (to, who)} & self.pairs["blocks"]
        return who == to or (who not in self.suspended and not blocked)

    def welcome(self, who: str, to: str) -> bool:
        return self.shown(who, to) and (to, who) not in self.pairs["mutes"]

    def sees(self, to: str, subject: str) -> bool:
        said = self.said[subject]
        root = self.said[said.post]
        return said.stands and root.stands and self.shown(root.author, to)

    def is_told(self, to: str, kind: str, by: str, subject: str | None) -> bool:
        quiet = {(to, self.said[subject].post)} & self.pairs["quiet"] if subject else set()
        is_seen = subject is None or self.sees(to, subject)
        is_wanted = (to, kind) not in self.pairs["unwanted"]
        return is_wanted and is_seen and not quiet and self.welcome(by, to)

    # What a job does.

    def work(self, event: dict[str, Any], now: int) -> None:
        kind, by, subject = EventKind(event["kind"]), event["actor_id"], event["subject_id"]
        if kind in _EDGES:
            self._edge(*_EDGES[kind], by, subject, now)
        elif kind in _SAYING:
            edited_at = event["occurred_at"] if _SAYING[kind] else None
            self._say(self.said[subject], edited_at, now)
        elif kind == EventKind.USER_BLOCKED and (by, subject) in self.pairs["blocks"]:
            for news, (who, to) in itertools.product(self.news, ((by, subject), (subject, by))):
                if news.to == to:
                    news.holding.discard(who)
        elif kind in (EventKind.CONTENT_REMOVED, EventKind.CONTENT_RESTORED):
            at = event["occurred_at"] if kind == EventKind.CONTENT_REMOVED else None
            said = self.said[subject]
            if said.removed_at == at and not said.is_deleted:
                self._join(None, News("MODERATION", said.author, subject), now)

    def _edge(self, kind: str, edges: str, by: str, subject: str, now: int) -> None:
        about = None if kind == "FOLLOW" else subject
        to = subject if about is None else self.said[subject].author
        if by == to:
            return
        news = self.known.get((kind, by, about, to))
        holds = (by, subject) in self.pairs[edges]
        if news and not holds:
            news.holding.discard(by)
        elif holds and self.is_told(to, kind, by, about):
            if news:
                news.holding.add(by)
            else:
                self.known[kind, by, about, to] = self._open(kind, to, about)
                self._join(by, self.known[kind, by, about, to], now)

    def _open(self, kind: str, to: str, about: str | None) -> News:
        for news in self.news:
            if (news.kind, news.to, news.subject) == (kind, to, about) and not news.is_seen:
                return news
        return News(kind, to, about)

    def _join(self, by: str | None, news: News, now: int) -> None:
        news.told[by] = now
        news.holding.add(by)
        if news not in self.news:
            self.news.append(news)

    def _said_news(self, said: Said, to: str) -> News | None:
        return self.known.get(("SAID", said.id, to))

    def _reasons(self, said: Said) -> list[tuple[str, str]]:
        reasons: list[tuple[str, str]] = []
        if said.parent in self.said and self.said[said.parent].parent is not None:
            above = self.said[said.parent]
            reasons += [(above.author, "REPLY")] if above.stands else []
        if said.quotes is not None:
            reasons.append((self.said[said.quotes].author, "QUOTE"))
        reasons += [(name, "MENTION") for name in said.names]
        if said.parent is not None:
            reasons.append((self.said[said.post].author, "COMMENT"))
        return [(to, kind) for to, kind in reasons if to != said.author]

    def _wanted(self, said: Said, to: str) -> str | None:
        unwanted = self.pairs["unwanted"]
        kinds = [kind for each, kind in self._reasons(said) if each == to]
        return next((kind for kind in kinds if (to, kind) not in unwanted), None)

    def _say(self, said: Said, edited_at: int | None, now: int) -> None:
        if edited_at is not None:
            self._edit(said, edited_at, now)
            return
        for to in {to for to, _ in self._reasons(said)}:
            if self._said_news(said, to) is None:
                self._tell_of(said, to, now)

    def _tell_of(self, said: Said, to: str, now: int) -> None:
        kind = self._wanted(said, to)
        is_quiet = said.quotes is not None and (to, said.quotes) in self.pairs["quiet"]
        if not kind or is_quiet or not self.is_told(to, kind, said.author, said.id):
            return
        news = self._said_news(said, to)
        if news is None:
            news = self.known["SAID", said.id, to] = News(kind, to, said.id)
            self._join(said.author, news, now)
        else:
            news.kind = kind
            news.holding.add(said.author)

    def _edit(self, said: Said, at: int, now: int) -> None:
        told = {str(to) for _, about, to, *_ in self.known if about == said.id}
        for to in (told | {*said.names}) - {said.author}:
            news, kind = self._said_news(said, to), self._wanted(said, to)
            if news and news.holding:
                if news.kind == "MENTION" and to not in said.names and kind:
                    news.kind = kind
                elif news.kind == "MENTION" and to not in said.names:
                    news.holding.discard(said.author)
            elif said.names.get(to) == at:
                self._tell_of(said, to, now)

    # What a person does and sees.

    def mark(self, to: str, up_to: int, *, is_read: bool) -> None:
        for news in self.news:
            if news.to == to and news.holding and news.at <= up_to:
                news.is_seen = True
                news.is_read |= is_read

    def list_of(self, to: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for news in self.news:
            if news.to != to or not news.holding:
                continue
            by = sorted(
                (who for who in news.holding if who and self.welcome(who, to)),
                key=lambda who: -news.told[who],
            )
            is_seen = news.subject is None or self.sees(to, news.subject)
            if news.kind == "MODERATION" or (by and is_seen):
                states = (news.is_seen, news.is_read)
                rows.append((news.at, news.kind, news.subject, len(by), by[:3], *states))
        return sorted(rows, reverse=True, key=lambda row: row[0])


class Told(RuleBasedStateMachine):
    """The graph and the model, side by side."""

    graph: ClassVar[Graph]

    @initialize()
    def begin(self) -> None:
        empty(self.graph)
        self.model = Model()
        self.people = [new_person(self.graph, name) for name in NAMES]
        mod = new_person(self.graph, "mod")
        run(self.graph, "MATCH (u:User {id: $id}) SET u.role = 'MODERATOR'", id=mod.user_id)
        self.moderator = Viewer(mod.user_id, mod.session_id, Role.MODERATOR)
        self.clock = itertools.count(1_000)
        self.jobs: list[dict[str, Any]] = []
        self.done: list[dict[str, Any]] = []
        self.step = 0
        self.write_a_post(0, 1, 0)
        self.write_a_post(1, 0, 0)
        self.comment(2, 0, 1)
        for who in range(1, len(NAMES)):
            self.like(who, 0, undo=False)
            self.share(who, 0, undo=False)
        self.work_through()

    def _do(self, statement: Statement[Any]) -> bool:
        """Run a command, and take up the jobs that it asks for."""
        try:
            self.graph.run(statement)
        except (NotFound, Forbidden, Conflict):
            return False
        while numbered := self.graph.run(number_pending(100, 1, 2)):
            ids = [each.event_id for each in numbered if NOTIFY in each.jobs]
            rows = run(
                self.graph,
                "UNWIND $ids AS id MATCH (e:Event {id: id}) RETURN properties(e) AS event",
                ids=ids,
            )
            self.jobs += [dict(row["event"]) for row in rows]  # type: ignore[call-overload]
        return True

    def _acts(self, who: int) -> bool:
        return self.people[who].user_id not in self.model.suspended

    def _pick(self, which: int, *, posts: bool = False) -> Said:
        """Choose something that was said: half of the time what most look at."""
        found = [s for s in self.model.said.values() if not posts or s.parent is None]
        standing = [s for s in found if s.stands] or found
        return found[which // 2 % len(found)] if which % 2 else standing[0]

    def _toggle(
        self,
        name: str,
        who: int,
        what: str,
        commands: tuple[Callable[[Viewer, str], Statement[Any]], ...],
        *,
        undo: bool,
    ) -> None:
        if self._acts(who) and self._do(commands[undo](self.people[who], what)):
            change = set.discard if undo else set.add
            change(self.model.pairs[name], (self.people[who].user_id, what))

    # What people do.

    @rule(who=WHO, whom=WHO, which=WHICH)
    def write_a_post(self, who: int, whom: int, which: int) -> None:
        if not self._acts(who):
            return
        author = self.people[who]
        posts = [s.id for s in self.model.said.values() if s.parent is None]
        quotes = self._pick(which, posts=True).id if posts and which % 3 else None
        post = NewPost.of(author, f"so @{NAMES[whom]}", quote_of_id=quotes)
        if self._do(create_post(author, post)):
            names = self._names([whom])
            self.model.said[post.id] = Said(post.id, author.user_id, post.id, None, quotes, names)

    @rule(who=WHO, which=WHICH, whom=WHO)
    def comment(self, who: int, which: int, whom: int) -> None:
        above = self._pick(which)
        if not self._acts(who):
            return
        author = self.people[who]
        named = which % 3 == 0
        text = f"so @{NAMES[whom]}" if named else "so"
        new = NewComment.of(author, above.post, above.id, text)
        if self._do(create_comment(author, new)):
            names = self._names([whom] if named else [])
            said = Said(new.id, author.user_id, above.post, above.id, None, names)
            self.model.said[new.id] = said

    def _names(self, whom: Iterable[int]) -> dict[str, int | None]:
        return dict.fromkeys(self.people[each].user_id for each in whom)

    @rule(which=WHICH, whom=st.lists(WHO, max_size=2, unique=True))
    def edit(self, which: int, whom: list[int]) -> None:
        said, known = self._pick(which), len(self.jobs)
        who = [each.user_id for each in self.people].index(said.author)
        text = " ".join(["so", *(f"@{NAMES[each]}" for each in whom)])
        command = update_post if said.parent is None else update_comment
        statement = command(self.people[who], said.id, text)
        if self._acts(who) and self._do(statement) and len(self.jobs) > known:
            at = self.jobs[-1]["occurred_at"]
            names = self._names(whom)
            said.names = {each: said.names.get(each, at) for each in names}

    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        said = self._pick(which | 1)
        who = [each.user_id for each in self.people].index(said.author)
        command = delete_post if said.parent is None else delete_comment
        is_last = sum(s.stands for s in self.model.said.values()) < 3
        if self._acts(who) and not is_last and self._do(command(self.people[who], said.id)):
            said.is_deleted = True

    @rule(who=WHO, which=WHICH, undo=UNDO)
    def like(self, who: int, which: int, undo: bool) -> None:
        self._toggle("likes", who, self._pick(which).id, (like, unlike), undo=undo)

    @rule(who=WHO, which=WHICH, undo=UNDO)
    def share(self, who: int, which: int, undo: bool) -> None:
        post = self._pick(which, posts=True).id
        self._toggle("shares", who, post, (share, unshare), undo=undo)

    @rule(who=WHO, which=WHICH, undo=st.booleans())
    def silence(self, who: int, which: int, undo: bool) -> None:
        post = self._pick(which, posts=True).id
        self._toggle("quiet", who, post, (mute_conversation, unmute_conversation), undo=undo)

    @rule(
        who=WHO,
        whom=WHO,
        name=st.sampled_from(["follows", "follows", "blocks", "mutes"]),
        undo=st.booleans(),
    )
    def relate(self, who: int, whom: int, name: str, undo: bool) -> None:
        commands = {
            "follows": (follow, unfollow),
            "blocks": (block, unblock),
            "mutes": (mute, unmute),
        }
        if who != whom:
            self._toggle(name, who, self.people[whom].user_id, commands[name], undo=undo)

    @rule(who=WHO, kind=KINDS, enabled=UNDO.map(lambda is_rare: not is_rare))
    def prefer(self, who: int, kind: str, enabled: bool) -> None:
        if self._acts(who) and self._do(set_preference(self.people[who], kind, enabled=enabled)):
            change = set.discard if enabled else set.add
            change(self.model.pairs["unwanted"], (self.people[who].user_id, kind))

    # What moderators do.

    @rule(which=WHICH, undo=st.booleans())
    def moderate(self, which: int, undo: bool) -> None:
        said = self._pick(which)
        known = len(self.jobs)
        if undo:
            statement = restore_content(self.moderator, said.id)
        else:
            statement = remove_content(self.moderator, said.id, "spam")
        if self._do(statement) and len(self.jobs) > known:
            said.removed_at = None if undo else self.jobs[-1]["occurred_at"]

    @rule(whom=WHO, rarely=UNDO)
    def suspend(self, whom: int, rarely: bool) -> None:
        if not rarely:
            return
        self.graph.run(suspend_user(self.moderator, self.people[whom].user_id, "spam"))
        self.model.suspended.add(self.people[whom].user_id)

    @precondition(lambda self: self.model.suspended)
    @rule()
    def reinstate_all(self) -> None:
        for whom, person in enumerate(self.people):
            if person.user_id in self.model.suspended:
                self.graph.run(reinstate_user(self.moderator, person.user_id))
                session = NewSession.of(person.user_id, 3_600)
                self.graph.run(create_session(session))
                self.people[whom] = Viewer(person.user_id, session.id)
        self.model.suspended.clear()

    # What workers do.

    @precondition(lambda self: self.jobs)
    @rule(which=WHICH)
    def work(self, which: int) -> None:
        event, now = self.jobs.pop(which % len(self.jobs)), next(self.clock)
        assert self.graph.run(notify(event["id"], now))
        self.model.work(event, now)
        self.done.append(event)

    @precondition(lambda self: self.jobs)
    @rule()
    def work_through(self) -> None:
        for _ in range(len(self.jobs)):
            self.work(0)

    @precondition(lambda self: self.done)
    @rule(which=WHICH)
    def work_twice(self, which: int) -> None:
        event = self.done[which % len(self.done)]
        assert not self.graph.run(notify(event["id"], next(self.clock)))

    # What people see.

    @rule(who=WHO, which=WHICH, is_read=st.booleans())
    def mark(self, who: int, which: int, is_read: bool) -> None:
        viewer = self.people[who]
        if not self._acts(who):
            return
        edges = self.graph.run(read_page(viewer, PageRequest(100), NEWS))["edges"]
        if edges:
            edge = edges[which % len(edges)]
            command = mark_read if is_read else mark_seen
            counts = self.graph.run(command(viewer, edge["cursor"]))
            self.model.mark(viewer.user_id, edge["node"]["updated_at"], is_read=is_read)
            assert counts == _counts(self.model.list_of(viewer.user_id))

    @rule(who=WHO)
    def see_all(self, who: int) -> None:
        self.mark(who, 0, is_read=False)

    @invariant()
    def somebody_is_told_what_the_model_tells(self) -> None:
        if hasattr(self, "people"):
            self.step += 1
            if self.step % 3 == 0 and self.jobs:
                self.work_through()
            self._look(self.step % len(NAMES))

    def _look(self, who: int) -> None:
        if not self._acts(who):
            return
        viewer = self.people[who]
        expected = self.model.list_of(viewer.user_id)
        page = self.graph.run(read_page(viewer, PageRequest(100), NEWS))
        assert [_row(edge["node"]) for edge in page["edges"]] == expected
        counts = {name: page[name] for name in ("unread_count", "unseen_count")}
        assert counts == _counts(expected)

    def teardown(self) -> None:
        """Do what is left to do, and look through everybody's eyes."""
        if hasattr(self, "people"):
            self.work_through()
            self.reinstate_all()
            for who in range(len(NAMES)):
                self._look(who)


def _row(node: dict[str, Any]) -> tuple[Any, ...]:
    actors = node["@actors"]
    about = node["moderation"]["subject_id"] if node["moderation"] else node["subject"]
    subject = about["id"] if isinstance(about, dict) else about
    by = [user["id"] for user in actors["users"]]
    states = (node["seen"], node["read"])
    return node["updated_at"], node["kind"], subject, actors["total_count"], by, *states


def _counts(rows: Iterable[tuple[Any, ...]]) -> dict[str, int]:
    states = [row[-2:] for row in rows]
    return {
        "unread_count": sum(not is_read for _, is_read in states),
        "unseen_count": sum(not is_seen for is_seen, _ in states),
    }


def _check(graph: Graph, examples: int, steps: int) -> None:
    class Bound(Told):
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


def test_people_are_told_what_they_should_be_after_some_dozens_of_deeds(sync_graph: Graph) -> None:
    _check(sync_graph, 10, 50)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_people_are_told_what_they_should_be_after_thousands_of_deeds(sync_graph: Graph) -> None:
    _check(sync_graph, 100, 60)

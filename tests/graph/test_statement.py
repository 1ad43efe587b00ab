"""Every statement enters the graph by an index, and the hot reads stay as cheap as they are.

A world of 1,000 people and 3,000 posts is made once. Each statement that `graph` can make runs
on it (what its decoder asks for too) and is undone; the plan is looked at, and the db hits of
reads and hot commands are held against `snapshots/db_hits.json`, which `NEXUS_RENEW=1` renews.
"""

import contextlib
import importlib
import inspect
import json
import os
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest

import graph as package
from graph import (
    accounts,
    analytics,
    attempts,
    audience,
    audit,
    backfill,
    blocks,
    bookmarks,
    cascades,
    comments,
    conversation_mutes,
    conversations,
    ddl,
    dead_letters,
    deliveries,
    feed,
    follows,
    health,
    interactions,
    jobs,
    leases,
    likes,
    live_stats,
    lookup,
    media,
    moderated,
    moderation,
    mutes,
    notifications,
    notify,
    outbox,
    paths,
    post_lists,
    posts,
    preferences,
    previews,
    profiles,
    ranks,
    reconcile,
    recount,
    reports,
    retention,
    roles,
    search,
    series,
    sessions,
    shares,
    streams,
    suggestions,
    suspensions,
    tags,
    tally,
    top_posts,
    totals,
    trending,
    users,
    verdicts,
    webhooks,
)
from graph.accounts import AccountFilter, AccountStatus
from graph.attempts import Attempt, Failure
from graph.dead_letters import LostMessage
from graph.engagement import TimeWindow, TopBy, Weights
from graph.errors import GraphError
from graph.events import CREATE_EVENT, Event, EventKind, jobs_of, new_event
from graph.ids import Prefix
from graph.importer import known, writes
from graph.importer.lines import (
    CommentLine,
    FollowLine,
    LikeLine,
    Line,
    PostLine,
    ShareLine,
    UserLine,
)
from graph.notify import NOTIFY
from graph.pages import PageRequest
from graph.post_lists import PostSort, Scope
from graph.reports import ReportReason, ReportStatus
from graph.runner import Graph
from graph.selection import Field, Selection
from graph.settings import GraphSettings
from graph.statement import Statement
from graph.streams import StreamEvent
from graph.viewer import Role, Viewer
from tests.graph.hours import recount as recount_hours
from tests.graph.people import (
    AUTHOR,
    IMAGE,
    POST,
    add,
    below,
    comment_row,
    edge_of,
    first,
    follow_row,
    like_row,
    new_person,
    page_of,
    page_of_root,
    pick,
    post_row,
    sample,
    share_row,
    thread,
    user_row,
)
from tests.graph.world import catch_up, empty, run

HITS_FILE: Final = Path(__file__).parent / "snapshots" / "db_hits.json"
RENEW: Final = bool(os.environ.get("NEXUS_RENEW"))
PEOPLE: Final = 1_000
POSTS: Final = 3_000

ACTOR = below("actor", "User", "id", "username")
SUBJECT = below("subject", "Post", "id")
INTERACTION = pick("id", ACTOR, SUBJECT)
SHARED = pick("text", "media", "tags", "stats", below("author", "User", "username", "avatar"))
NAMED = (below("tags", "Tag", "stats", "viewer"), below("mentions", "User", "id"))
REVISIONS = page_of("revisions", "Revision")
CARD = (*POST.fields, *NAMED, page_of("comments", "Comment", "text", AUTHOR, sort="NEW", first=3))
COMMENT = pick("text", AUTHOR, NAMED[1], "stats", "viewer", below("post", "Post", "id", "stats"))
WITH_IMAGES = pick("media", below("author", "User", "username", "avatar"))
WHOLE_POST = pick(
    *CARD,
    REVISIONS,
    below("quote_of", "Post", "text", AUTHOR),
    "media",
    *(
        page_of("comments", "Comment", *COMMENT.fields, key=s, sort=s)
        for s in ("BEST", "TOP", "OLD")
    ),
    page_of("interactions", "Interaction", ACTOR, SUBJECT, kinds=None),
    thread("text", AUTHOR, "stats", "viewer", sort="BEST"),
    thread("text", AUTHOR, sort="NEW", limit=10, key="newest"),
    sample("known_likers", "stats", "viewer"),
)
REASONS = Field(
    "reasons",
    "reasons",
    {},
    {
        "FollowsAuthor": pick(AUTHOR),
        "SharedByFollowed": pick(below("users", "User", "id", "username")),
        "FollowsTag": pick(below("tag", "Tag", "stats", "viewer")),
    },
)
FEED_EDGE = pick(below("node", "Post", *WHOLE_POST.fields), REASONS)
WHOLE_COMMENT = pick(
    *COMMENT.fields,
    REVISIONS,
    below("parent", "Comment", "text", AUTHOR),
    *(page_of("replies", "Comment", "text", key=s, sort=s) for s in ("BEST", "TOP", "OLD", "NEW")),
    sample("known_likers", "stats", "viewer"),
)
WHOLE_USER = pick(
    "stats",
    "viewer",
    "avatar",
    page_of("posts", "Post", *CARD),
    page_of("followers", "User", "stats", "viewer"),
    page_of("following", "User", "stats", "viewer"),
    sample("mutuals", "stats", "viewer", page_of("posts", "Post", *CARD)),
)
WHOLE_TAG = pick("stats", "viewer", page_of("posts", "Post", *CARD))
SUGGESTED = pick(below("user", "User", "stats", "viewer"), sample("mutuals", "stats"))
MODERATED: Final = {
    "Account": pick("id"),
    "ModeratedContent": pick("text", "media", below("author", "Account", "id")),
}
ERROR: Final = {"error_type": "NotRegistered", "error_message": "x"}
REPORT = pick(
    "text",
    below("reporter", "Account", "id"),
    below("resolved_by", "Account", "id"),
    Field("subject", "subject", {}, MODERATED),
)
AUDITED = pick(
    below("actor", "Account", "id"),
    Field("subject", "subject", {}, {**MODERATED, "Report": REPORT}),
)
MODERATOR: Final = Viewer("u_mod", "s_mod", Role.MODERATOR)
ADMIN: Final = Viewer("u_admin", "s_admin", Role.ADMIN)
NOTIFICATION = pick(sample("actors"), SUBJECT)
NEWS = pick(
    *page_of_root("Notification", *NOTIFICATION.fields).fields, "unread_count", "unseen_count"
)
CASCADE: Final = pick(
    below("post", "Post", "id"), below("shares", "CascadeShare", below("user", "User", "stats"))
)
CONVERSATION: Final = pick(
    below("post", "Post", "id"),
    below("most_replied", "MostReplied", below("comment", "Comment", *COMMENT.fields)),
)


@dataclass(frozen=True)
class Samples:
    """Whom and what sample statements are about; `post` and `comment` are the viewer's own."""

    viewer: Viewer
    user_id: str
    post: str
    comment: str
    event: str = "e_1"
    image: str = "m_loose"
    report: str = "r_1"
    after: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True

    def want(self, selection: Selection) -> Selection:
        """Give a selection, or next to nothing where plans are not what it is about."""
        return selection if self.whole else pick("id")

    def page(self, name: str) -> PageRequest:
        return PageRequest(20, self.after.get(name))


_NOTIFYING: Final = [kind for kind in EventKind if NOTIFY in jobs_of(Event("e", kind, 1, "u", "p"))]

Make = Callable[[Samples], "list[Statement[Any]]"]


def _found(statement: Statement[Any] | None) -> list[Statement[Any]]:
    assert statement is not None
    return [statement]


def _deed(s: Samples, kind: EventKind, subject: str) -> StreamEvent:
    return StreamEvent(1, s.event, kind.value, 1, s.user_id, subject, s.post)


def _top(s: Samples, by: TopBy) -> Statement[Any]:
    span = series.Span(0, 2**60)
    return top_posts.read_top_posts(s.viewer, span, by, 10, Weights(), s.want(POST))


def _axis() -> series.Axis:
    return series.Axis(series.Span(0, 2**50), is_open=True)


def _results(type_name: str, selection: Selection) -> Field:
    return below("edges", "SearchEdge", below("node", type_name, *selection.fields))


def _lines() -> list[Line]:
    return [
        UserLine(kind="user", id=1, username="one", display_name="One", created_at_ms=1),
        FollowLine(kind="follow", src=1, dst=2, at_ms=1),
        PostLine(kind="post", id=1, author=1, text="x", created_at_ms=1),
        CommentLine(kind="comment", id=2, author=1, post=1, parent=1, text="x", created_at_ms=1),
        LikeLine(kind="like", user=1, subject=1, at_ms=1),
        ShareLine(kind="share", user=1, post=1, at_ms=1),
    ]


_WHOLE: Final[Mapping[str, Selection]] = {
    Prefix.USER: WHOLE_USER,
    Prefix.POST: WHOLE_POST,
    Prefix.COMMENT: WHOLE_COMMENT,
    Prefix.NOTIFICATION: NOTIFICATION,
    Prefix.MEDIA: pick("id"),
    Prefix.REPORT: REPORT,
}


def _id_of(s: Samples, prefix: str) -> str:
    return {
        Prefix.USER: s.user_id,
        Prefix.POST: s.post,
        Prefix.COMMENT: s.comment,
        Prefix.NOTIFICATION: "n_1",
        Prefix.MEDIA: s.image,
        Prefix.REPORT: s.report,
    }[Prefix(prefix)]


def _attempt(s: Samples, name: str, most: int) -> Attempt:
    key = f"{s.event}:{name}" if name == "notify" else f"schedule:{name}"
    return Attempt("x_new", key, 5, 10, most, "d_new")


def _begun(s: Samples, name: str) -> Attempt:
    return replace(_attempt(s, name, 1), id="x_1")


def _session(s: Samples) -> sessions.NewSession:
    return sessions.NewSession.of(s.user_id, 60)


VIEWERS: Final[dict[str, Make]] = {
    "accounts.read_page": lambda s: [
        accounts.read_page(MODERATOR, s.page("accounts"), AccountFilter(query, role, status))
        for query in (None, "user_1")
        for role in (None, Role.MODERATOR)
        for status in (None, *AccountStatus)
    ],
    "audit.read_page": lambda s: [audit.read_page(MODERATOR, first(), s.want(AUDITED))],
    "analytics.find_post": lambda s: [
        analytics.find_post(s.viewer, s.post, _axis(), Weights(), s.want(POST))
    ],
    "analytics.find_user": lambda s: [
        analytics.find_user(s.viewer, s.viewer.user_id, _axis(), s.want(pick("stats", "viewer")))
    ],
    "analytics.read_platform": lambda s: [analytics.read_platform(s.viewer, _axis())],
    "cascades.find_cascade": lambda s: [cascades.find_cascade(s.viewer, "p_1", s.want(CASCADE))],
    "conversations.find_conversation": lambda s: [
        conversations.find_conversation(s.viewer, "p_thread", s.want(CONVERSATION))
    ],
    "blocks.block": lambda s: [blocks.block(s.viewer, s.user_id)],
    "blocks.read_page": lambda s: [
        blocks.read_page(s.viewer, first(), s.want(pick("stats", "viewer")))
    ],
    "blocks.unblock": lambda s: [blocks.unblock(s.viewer, s.user_id)],
    "bookmarks.bookmark": lambda s: [bookmarks.bookmark(s.viewer, s.post)],
    "bookmarks.read_page": lambda s: [bookmarks.read_page(s.viewer, first(), s.want(WHOLE_POST))],
    "conversation_mutes.mute_conversation": lambda s: [
        conversation_mutes.mute_conversation(s.viewer, s.post)
    ],
    "conversation_mutes.unmute_conversation": lambda s: [
        conversation_mutes.unmute_conversation(s.viewer, s.post)
    ],
    "bookmarks.unbookmark": lambda s: [bookmarks.unbookmark(s.viewer, s.post)],
    "comments.create_comment": lambda s: [
        comments.create_comment(
            s.viewer, comments.NewComment.of(s.viewer, s.post, parent, "@user_1"), key
        )
        for parent, key in ((None, None), (s.comment, "k"))
    ],
    "comments.delete_comment": lambda s: [comments.delete_comment(s.viewer, s.comment)],
    "comments.find_comment": lambda s: [
        comments.find_comment(s.viewer, s.comment, s.want(WHOLE_COMMENT))
    ],
    "comments.update_comment": lambda s: [comments.update_comment(s.viewer, s.comment, "@user_1")],
    "dead_letters.find_letter": lambda s: [
        dead_letters.find_letter(ADMIN, "d_1", s.want(pick("id")))
    ],
    "dead_letters.read_page": lambda s: [dead_letters.read_page(ADMIN, s.page("dead-letters"))],
    "dead_letters.replay": lambda _: [dead_letters.replay(ADMIN, each) for each in ("d_1", "d_x")],
    "dead_letters.discard": lambda _: [
        dead_letters.discard(ADMIN, each) for each in ("d_1", "d_x")
    ],
    "feed.read_page": lambda s: [
        feed.read_page(s.viewer, PageRequest(20, after), s.want(FEED_EDGE))
        for after in {None, s.after.get("feed")}
    ],
    "follows.follow": lambda s: [follows.follow(s.viewer, s.user_id)],
    "follows.unfollow": lambda s: [follows.unfollow(s.viewer, s.user_id)],
    "health.read_health": lambda _: [health.read_health(ADMIN)],
    "interactions.find_interaction": lambda s: [
        interactions.find_interaction(
            s.viewer, _deed(s, kind, subject), s.post, s.want(INTERACTION)
        )
        for kind, subject in (
            (EventKind.POST_LIKED, s.post),
            (EventKind.POST_SHARED, s.post),
            (EventKind.COMMENT_CREATED, s.comment),
        )
    ],
    "likes.like": lambda s: [likes.like(s.viewer, subject) for subject in (s.post, s.comment)],
    "likes.unlike": lambda s: [likes.unlike(s.viewer, subject) for subject in (s.post, s.comment)],
    "lookup.find_nodes": lambda s: [
        *(
            lookup.find_nodes(s.viewer, {p: [_id_of(s, p)] * 2}, {p: s.want(_WHOLE[p])})
            for p in lookup.KINDS
        ),
        lookup.find_nodes(
            s.viewer,
            {p: [_id_of(s, p)] for p in lookup.KINDS},
            dict.fromkeys(lookup.KINDS, pick("id")),
        ),
    ],
    "media.confirm_media": lambda s: [media.confirm_media(s.viewer, s.image)],
    "media.find_media": lambda s: [media.find_media(s.viewer, s.image, pick("url"))],
    "media.reserve_media": lambda s: [
        media.reserve_media(s.viewer, media.NewMedia.of(s.viewer, "x", **IMAGE), key)
        for key in (None, "k")
    ],
    "moderated.find_content": lambda s: [
        moderated.find_content(MODERATOR, subject, s.want(MODERATED["ModeratedContent"]))
        for subject in (s.post, s.comment)
    ],
    "moderation.remove_content": lambda s: [
        moderation.remove_content(s.viewer, subject, "spam") for subject in (s.post, s.comment)
    ],
    "moderation.restore_content": lambda s: [
        moderation.restore_content(s.viewer, subject) for subject in ("p_removed", "c_removed")
    ],
    "mutes.mute": lambda s: [mutes.mute(s.viewer, s.user_id)],
    "mutes.read_page": lambda s: [
        mutes.read_page(s.viewer, first(), s.want(pick("stats", "viewer")))
    ],
    "mutes.unmute": lambda s: [mutes.unmute(s.viewer, s.user_id)],
    "notifications.find_notification": lambda s: [
        notifications.find_notification(s.viewer, "n_1", s.want(NOTIFICATION))
    ],
    "notifications.mark_read": lambda s: [
        notifications.mark_read(s.viewer, s.after["notifications"])
    ],
    "notifications.mark_seen": lambda s: [
        notifications.mark_seen(s.viewer, s.after["notifications"])
    ],
    "webhooks.delete_webhook": lambda s: [webhooks.delete_webhook(s.viewer, "w_1")],
    "webhooks.read_webhooks": lambda s: [webhooks.read_webhooks(s.viewer)],
    "webhooks.register_webhook": lambda s: [
        webhooks.register_webhook(
            s.viewer,
            webhooks.NewWebhook.of(s.viewer, "https://example.org", ["LIKE"], seal=str.upper),
        )
    ],
    "preferences.read_preferences": lambda s: [preferences.read_preferences(s.viewer)],
    "preferences.set_preference": lambda s: [
        preferences.set_preference(s.viewer, "LIKE", enabled=False)
    ],
    "notifications.read_page": lambda s: [
        notifications.read_page(s.viewer, first(), s.want(NEWS), unread_only=only)
        for only in (False, True)
    ],
    "paths.find_path": lambda s: [
        paths.find_path(s.viewer, person, s.want(pick("stats", "viewer")))
        for person in (s.viewer.user_id, "u_user_999")
    ],
    "posts.create_post": lambda s: [
        posts.create_post(
            s.viewer, posts.NewPost.of(s.viewer, "#x @user_1", "PUBLIC", quoted, images), key
        )
        for quoted, images, key in ((None, (), None), (s.post, (), "k"), (None, (s.image,), None))
    ],
    "posts.delete_post": lambda s: [posts.delete_post(s.viewer, s.post)],
    "posts.find_followed_post": lambda s: [
        posts.find_followed_post(
            s.viewer, _deed(s, EventKind.POST_CREATED, s.post), s.want(WHOLE_POST)
        )
    ],
    "posts.find_post": lambda s: [
        posts.find_post(s.viewer, s.post, s.want(WHOLE_POST)),
        posts.find_post(s.viewer, s.post, pick(thread("text", root=s.comment))),
    ],
    "post_lists.read_page": lambda s: [
        post_lists.read_page(
            s.viewer,
            s.page(f"posts-{sort.lower()}"),
            s.want(WHOLE_POST if sort is PostSort.NEW else POST),
            scope,
            sort,
            TimeWindow.ALL,
        )
        for sort in PostSort
        for scope in (Scope(), Scope(s.user_id), Scope(None, "#x"), Scope(s.user_id, "x"))
    ],
    "search.read_page": lambda s: [
        search.read_page(s.viewer, text, kind, first(), s.want(pick(edge)))
        for text, kind, edge in (
            ("p_17", search.SearchKind.POSTS, _results("Post", WHOLE_POST)),
            ("user_1", search.SearchKind.USERS, _results("User", pick("stats", "viewer"))),
            ("#x", search.SearchKind.TAGS, _results("Tag", WHOLE_TAG)),
        )
    ],
    "profiles.update_profile": lambda s: [
        profiles.update_profile(s.viewer, {"display_name": "x", "bio": None}),
        *(profiles.update_profile(s.viewer, {"avatar_id": each}) for each in (None, s.image)),
    ],
    "posts.update_post": lambda s: [posts.update_post(s.viewer, s.post, "#y @user_1")],
    "reports.find_report": lambda s: [reports.find_report(MODERATOR, s.report, s.want(REPORT))],
    "reports.read_page": lambda s: [
        reports.read_page(MODERATOR, first(), status, s.want(REPORT))
        for status in (None, ReportStatus.OPEN)
    ],
    "reports.report": lambda s: [
        reports.report(s.viewer, reports.NewReport.of(s.viewer, subject, ReportReason.SPAM), key)
        for subject in ("p_1", "c_1", s.user_id)
        for key in (None, "k")
    ],
    "verdicts.resolve_report": lambda s: [
        verdicts.resolve_report(MODERATOR, s.report, verdicts.ReportOutcome.DISMISSED, "fine")
    ],
    "shares.share": lambda s: [shares.share(s.viewer, s.post, via) for via in (None, s.user_id)],
    "shares.unshare": lambda s: [shares.unshare(s.viewer, s.post)],
    "streams.read_newest": lambda s: [streams.read_newest(s.viewer)],
    "suspensions.reinstate_user": lambda s: [suspensions.reinstate_user(s.viewer, s.user_id)],
    "suspensions.suspend_user": lambda s: [suspensions.suspend_user(s.viewer, s.user_id, "spam")],
    "tags.find_tag": lambda s: [tags.find_tag(s.viewer, "x", s.want(WHOLE_TAG))],
    "tags.follow_tag": lambda s: [tags.follow_tag(s.viewer, "tag 1")],
    "tags.read_followed": lambda s: [
        tags.read_followed(s.viewer, s.page("followed-tags"), s.want(WHOLE_TAG))
    ],
    "trending.read_trending_tags": lambda s: [
        trending.read_trending_tags(s.viewer, window, 10, 3_600_000, s.want(WHOLE_TAG))
        for window in (TimeWindow.ALL, TimeWindow.DAY)
    ],
    "top_posts.read_top_posts": lambda s: [_top(s, by) for by in TopBy],
    "tags.unfollow_tag": lambda s: [tags.unfollow_tag(s.viewer, "tag 1")],
    "suggestions.read_suggestions": lambda s: [
        suggestions.read_suggestions(s.viewer, 10, s.want(SUGGESTED))
    ],
    "users.find_user": lambda s: [users.find_user(s.viewer, s.user_id, s.want(WHOLE_USER))],
    "users.find_user_by_name": lambda s: [
        users.find_user_by_name(s.viewer, "user_1", s.want(WHOLE_USER))
    ],
    "roles.set_role": lambda s: [roles.set_role(s.viewer, s.user_id, Role.USER)],
}
"""Every statement of a viewer's, by the function that makes it."""

_JUDGES: Final[dict[str, audience.Judge]] = {
    name: judge for name, judge in vars(audience).items() if name.startswith("judge_")
}
OTHERS: Final[dict[str, Make]] = {
    **{
        f"audience.{name}": lambda s, judge=_JUDGES[name], kind=kind, of=of: [
            statement
            for present in ([s.viewer.user_id, "u_user_5"], [f"u_user_{n}" for n in range(500)])
            for statement in (
                judge([_deed(s, kind, of(s))], present),
                judge.page("c_1", 0, 10, present),
            )
        ]
        for name, kind, of in (
            ("judge_posts", EventKind.POST_CREATED, lambda s: s.post),
            ("judge_home", EventKind.POST_CREATED, lambda s: s.post),
            ("judge_comments", EventKind.COMMENT_CREATED, lambda s: s.comment),
            ("judge_interactions", EventKind.POST_LIKED, lambda s: s.post),
        )
    },
    "attempts.begin": lambda s: [attempts.begin(_attempt(s, "notify", most)) for most in (0, 3)],
    "attempts.begin_slot": lambda s: [
        attempts.begin_slot(_attempt(s, name, 0), name, 15 * 10**11) for name in ("prune", "new")
    ],
    "attempts.close_slot": lambda s: [attempts.close_slot(_begun(s, "prune"), 1, 2)],
    "attempts.fail": lambda s: [
        attempts.fail(_begun(s, "notify"), Failure("Unavailable", "x", 9, since), 5)
        for since in (None, 2)
    ],
    "dead_letters.bury": lambda _: [
        dead_letters.bury(LostMessage.of("1", job, event, "[]", **ERROR), 1)
        for job, event in ((None, None), ("dance", "e_1"))
    ],
    "dead_letters.list_letters": lambda s: [dead_letters.list_letters(s.page("dead-letters"))],
    "dead_letters.prune_dead_letters": lambda _: [dead_letters.prune_dead_letters(2, 5)],
    "dead_letters.replay_as_operator": lambda _: [dead_letters.replay_as_operator("d_1")],
    "dead_letters.discard_as_operator": lambda _: [dead_letters.discard_as_operator("d_1")],
    "dead_letters.show_letter": lambda _: [dead_letters.show_letter("d_1")],
    "comments.find_shared_comment": lambda s: _found(
        comments.find_shared_comment(_deed(s, EventKind.COMMENT_CREATED, s.comment), SHARED)
    ),
    "interactions.find_shared_interaction": lambda s: [
        statement
        for kind, subject in (
            (EventKind.POST_LIKED, s.post),
            (EventKind.POST_SHARED, s.post),
            (EventKind.COMMENT_CREATED, s.comment),
        )
        for statement in _found(
            interactions.find_shared_interaction(_deed(s, kind, subject), s.post, INTERACTION)
        )
    ],
    "posts.find_shared_post": lambda s: _found(
        posts.find_shared_post(_deed(s, EventKind.POST_CREATED, s.post), SHARED)
    ),
    "backfill.fill_words": lambda _: backfill.fill_words(),
    "live_stats.read_live_stats": lambda s: [
        live_stats.read_live_stats([s.post, "p_hot", "p_none"], [s.viewer.user_id, "u_user_5"])
    ],
    "ddl.read_version": lambda _: [ddl.read_version()],
    "importer.known.read_known": lambda _: [known.read_known(_lines())],
    "importer.writes.write_rows": lambda s: [
        writes.write_rows("user", [user_row("imported")]),
        writes.write_rows("follow", [follow_row("u_user_2", s.user_id, 1)]),
        writes.write_rows("post", [post_row("p_imported", s.user_id, 1, "x")]),
        writes.write_rows("comment", [comment_row("c_imported", s.user_id, s.post, 1)]),
        writes.write_rows("like", [like_row(s.user_id, s.post, 1)]),
        writes.write_rows("share", [share_row(s.user_id, s.post, 1)]),
    ],
    "jobs.due_jobs": lambda _: [jobs.due_jobs(10**15, 10)],
    "jobs.mark_enqueued": lambda s: [jobs.mark_enqueued({f"{s.event}:notify": 2}, 10**15)],
    "health.forget_heartbeat": lambda _: [health.forget_heartbeat("one")],
    "health.note_heartbeat": lambda _: [health.note_heartbeat("one", 2 * 10**12)],
    "health.probe_health": lambda _: [health.probe_health()],
    "leases.release_lease": lambda _: [leases.release_lease("relay", "one")],
    "leases.take_lease": lambda _: [leases.take_lease("relay", "one", 1)],
    "ranks.rank": lambda s: [ranks.rank([s.post, "p_none"], tally.tally(1))],
    "deliveries.close_delivery": lambda _: [
        deliveries.close_delivery("e_due", 1, is_delivered=True)
    ],
    "deliveries.find_delivery": lambda _: [deliveries.find_delivery("e_due")],
    "notify.notify": lambda s: [notify.notify(f"{s.event}_{kind}", 1) for kind in _NOTIFYING],
    "outbox.number_pending": lambda _: [outbox.number_pending(10, 1, 2)],
    "previews.find_uploaded": lambda s: [previews.find_uploaded(s.event)],
    "previews.note_preview": lambda s: [
        previews.note_preview(s.event, 5, key) for key in (None, "small")
    ],
    "retention.doom_media": lambda _: [retention.doom_media(5, 10, 5)],
    "retention.find_doomed_media": lambda _: [retention.find_doomed_media(5, 5)],
    "retention.forget_media": lambda _: [retention.forget_media(["m_1", "m_2"])],
    "retention.prune_events": lambda _: [retention.prune_events(5, 5)],
    "retention.prune_idempotency_keys": lambda _: [retention.prune_idempotency_keys(5, 5)],
    "retention.prune_notifications": lambda _: [retention.prune_notifications(5, 5)],
    "retention.prune_sessions": lambda _: [retention.prune_sessions(5, 5)],
    "recount.fill_hours": lambda _: recount.fill_hours(),
    "reconcile.end_step": lambda _: [reconcile.end_step(reconcile.Round(0, None, 0), 1)],
    "reconcile.next_page": lambda _: [
        reconcile.next_page(reconcile.Round(step, None, 0)) for step in range(len(reconcile.STEPS))
    ],
    "reconcile.open_round": lambda _: [reconcile.open_round(1, 1)],
    "roles.appoint": lambda _: [roles.appoint("user_1", Role.USER)],
    "sessions.create_session": lambda s: [sessions.create_session(_session(s))],
    "sessions.read_ended": lambda s: [sessions.read_ended([s.viewer])],
    "sessions.renew_session": lambda _: [sessions.renew_session("s_1", "t_none", 9)],
    "streams.break_history": lambda _: [streams.break_history()],
    "streams.read_bounds": lambda _: [streams.read_bounds()],
    "streams.read_events": lambda _: [streams.read_events("c_1", 0, 10)],
    "streams.settle": lambda _: [streams.settle()],
    "tally.tally": lambda _: [tally.tally(100)],
    "top_posts.rank_posts": lambda _: [
        top_posts.rank_posts(TimeWindow.ALL, TopBy.LIKES, Weights(), 3_600_000)
    ],
    "trending.rank_tags": lambda _: [trending.rank_tags(TimeWindow.ALL, 3_600_000)],
    "totals.read_totals": lambda _: [totals.read_totals()],
    "users.find_credentials": lambda _: [users.find_credentials("user_1")],
    "users.sign_up": lambda _: [
        users.sign_up(
            users.NewUser("u_new", "new", "new@example.org", "New", "hash", 1),
            sessions.NewSession("s_new", "u_new", "t_new", 1, 2),
        )
    ],
}
"""Every other statement, by the function that makes it."""

GENERAL: Final = {
    "backfill.cause_notifications": "runs once, in transactions of its own, over all there is",
    "ddl.migrations": "schema commands have no plan",
    "migrations.change": "every migration is made by it",
    "jobs.close_job": "closes around an effect; notify is one",
    "reads.find_one": "every find_… is made by it",
    "reads.find_shared": "every find_shared_… is made by it",
    "reads.read_page": "every read_page is made by it",
    "reads.read_value": "every read is made by it",
    "viewer.viewer_read": "every read is made by it",
    "viewer.viewer_write": "every command is made by it",
}
"""Functions that make statements of what others give them."""

FORBIDDEN: Final = (
    "AllNodesScan",
    "LabelScan",
    "LabelsScan",
    "TypeScan",
    "TypesScan",
    "AllRelationshipsScan",
    "CartesianProduct",
)
SINGLE_ROWS: Final = {
    "suspensions.reinstate_user": "viewer, lock and user: one row each, by unique indexes",
    "suspensions.suspend_user": "viewer, lock and user: one row each, by unique indexes",
    "roles.set_role": "viewer, lock and user: one row each, by unique indexes",
    "interactions.find_shared_interaction": "post, deed, actor: one row each, by unique indexes",
    "reconcile.next_page": "the tally's counter: one row, by a unique index",
    "recount.fill_hours": "the tally's counter: one row, by a unique index",
    "importer.writes.write_rows": "the two ends of an edge: one row each, by a unique index",
}
"""Statements that may multiply rows, each with the reason."""


def viewer_statements(samples: Samples) -> dict[str, list[Statement[Any]]]:
    """Make every statement that a viewer's request can lead to."""
    return {name: make(samples) for name, make in VIEWERS.items()}


def _makers() -> Iterator[str]:
    """Name every public function that says it returns a statement, and every judge."""
    yield from (f"audience.{name}" for name in _JUDGES)
    for module in pkgutil.walk_packages(package.__path__, "graph."):
        if module.name.endswith("__main__"):
            continue
        imported = importlib.import_module(module.name)
        for name, function in inspect.getmembers(imported, inspect.isfunction):
            returns = str(function.__annotations__.get("return"))
            own = function.__module__ == module.name and not name.startswith("_")
            if own and "Statement[" in returns:
                yield f"{module.name.removeprefix('graph.')}.{name}"


@pytest.mark.unit
def test_every_function_that_makes_statements_has_a_sample() -> None:
    assert sorted(_makers()) == sorted({*VIEWERS, *OTHERS, *GENERAL})


_REST: Final = """\
UNWIND range(1, $count) AS n
CREATE (:Session {id: 's_' + n, user_id: 'u_user_' + n, expires_at: n + 10000, refresh_id: 't'})
CREATE (:Tag {name: 'tag ' + n, display_name: 'Tag ' + n})
CREATE (:IdempotencyKey {key: 'key ' + n, created_at: n})
CREATE (:Media {id: 'm_' + n, author_id: 'u_user_1', key: 'k' + n, loose_at: n, stored_at: 1})
CREATE (:StreamEntry {channel: 'c_' + (n % 50), position: n, event_id: 'e_' + n})
CREATE (:Event {id: 'e_' + n, numbered_at: n, position: n, channels: ['c_' + (n % 50)],
                kind: 'PostLiked', occurred_at: n, actor_id: 'u_user_1', subject_id: 'p_1'})
CREATE (:Event {id: 'f_' + n, pending: 'f_' + n, kind: 'PostLiked', occurred_at: n,
                actor_id: 'u_user_1', subject_id: 'p_1'})
CREATE (:Job {key: 'e_' + n + ':notify', name: 'notify', event_id: 'e_' + n, due_at: n,
              enqueued_count: 0, attempt: 'x_' + n, attempt_count: 1, first_at: n,
              open_since: n})
CREATE (:Heartbeat {name: 'worker ' + n, at: n})
CREATE (:DeadLetter {id: 'd_' + n, key: 'd_' + n + ':notify', k: 'k' + (1000 + n),
                     job: 'notify', event_id: 'd_' + n})
CREATE (:Webhook {id: 'w_' + n, k: 'k' + n, user_id: 'u_user_' + n, kinds: ['LIKE'], url: 'x',
                  secret: 'x'})
CREATE (:AuditEntry {id: 'a_' + n, k: 'k' + (1000 + n), at: n, actor_id: 'u_mod',
                     action: 'SUSPEND_USER', subject_id: 'u_user_' + n})
CREATE (:Report {id: 'r_' + n, k: 'k' + (1000 + n), reporter_id: $id, reported_id: 'u_user_1',
                 subject_id: 'p_1', status: 'OPEN', created_at: n})
CREATE (notification:Notification {
  id: 'n_' + n, open_key: 'n_' + n, k: 'k' + (1000 + n), unread_k: 'k' + (1000 + n),
  unseen_k: 'k' + (1000 + n), recipient_id: $id, kind: 'LIKE', subject_id: 'p_' + n,
  created_at: n, updated_at: n})
CREATE (:Cause {key: 'LIKE:u_user_1:p_' + n + ':' + $id, notification_id: notification.id,
                recipient_id: $id, actor_id: 'u_user_1', k: 'k'})-[:CAUSES]->(notification)"""


_MODERATED: Final = """\
CREATE (:User {id: 'u_mod', username: 'mod', role: 'MODERATOR', created_at: 1})
CREATE (:Session {id: 's_mod', user_id: 'u_mod', expires_at: 9999999999999, refresh_id: 't'})
CREATE (:User {id: 'u_admin', username: 'admin', role: 'ADMIN', created_at: 1})
CREATE (:Session {id: 's_admin', user_id: 'u_admin', expires_at: 9999999999999, refresh_id: 't'})
CREATE (:Job {key: 'schedule:prune', name: 'prune', slot: 1, attempt: 'x_1', attempt_count: 1})
CREATE (:Webhook {id: 'w_due', k: 'k', user_id: $id, kinds: ['LIKE'], url: 'x', secret: 'x'})
CREATE (:Event {id: 'e_due', kind: 'WebhookDue', actor_id: 'w_due', subject_id: 'n_1',
                occurred_at: 1})
CREATE (:Job {key: 'e_due:webhook', name: 'webhook', event_id: 'e_due', enqueued_count: 0})
WITH 1 AS made
MATCH (post:Post {id: 'p_1'}) MATCH (report:Report) WHERE report.k < 'k1101'
CREATE (report)-[:ABOUT]->(post)
WITH count(*) AS reported
UNWIND range(700, 999) AS n MATCH (user:User {id: 'u_user_' + n})
SET user.suspended_name = user.username"""
_IMAGES: Final = """\
MATCH (post:Post {id: 'p_1'})
CREATE (:Media {id: 'm_loose', author_id: $id, stored_at: 1, loose_at: 10000})
SET post.media_ids = [i IN range(0, 3) | 'm_shown_' + i]
FOREACH (media_id IN post.media_ids |
  CREATE (post)-[:HAS_MEDIA]->(:Media {id: media_id, author_id: post.author_id, stored_at: 1}))"""


def _seed(graph: Graph, viewer: Viewer) -> None:
    """Make the world; figures without a reason are those of a modest place."""
    names = [f"user_{n}" for n in range(PEOPLE)]
    people = [f"u_{name}" for name in names]
    authors = people[:300]
    add(graph, "user", [user_row(name) for name in names])
    add(
        graph,
        "follow",
        [
            *(follow_row(viewer.user_id, user, n) for n, user in enumerate(people[:100])),
            *(
                follow_row(people[n % PEOPLE], people[(n * 7 + 1 + n // PEOPLE) % PEOPLE], n)
                for n in range(3_000)
            ),
        ],
    )
    numbers = range(POSTS)
    add(graph, "post", [post_row(f"p_{n}", authors[n % 300], 1_000 + n // 3, "x") for n in numbers])
    add(
        graph,
        "post",
        [post_row(p, viewer.user_id, 10) for p in ("p_hot", "p_warm", "p_few", "p_thread")],
    )
    add(
        graph,
        "comment",
        [
            comment_row(f"c_{n}", people[n % PEOPLE], f"p_{n % 1000}", 5_000 + n)
            for n in range(3_000)
        ],
    )
    depths = [0] * 300
    for n in range(3, 300):
        depths[n] = depths[n // 3] + 1
    add(
        graph,
        "comment",
        [
            comment_row(
                f"c_t{n}",
                people[n],
                "p_thread",
                9_000 + n,
                f"c_t{n // 3}" if n > 2 else None,
                depth=depths[n] + 1,
            )
            for n in range(300)
        ],
    )
    add(
        graph,
        "like",
        [
            *(like_row(user, "p_hot", n) for n, user in enumerate(people)),
            *(like_row(user, "p_warm", n) for n, user in enumerate(people[:100])),
            *(like_row(user, "p_few", n) for n, user in enumerate(people[95:105])),
            *(
                like_row(people[n % PEOPLE], f"p_{(n * 3 + n // PEOPLE) % POSTS}", n)
                for n in range(6_000)
            ),
            *(
                like_row(people[n % PEOPLE], f"c_{(n * 3 + n // PEOPLE) % POSTS}", n)
                for n in range(3_000)
            ),
        ],
    )
    add(graph, "share", [share_row(people[n % PEOPLE], f"p_{n % POSTS}", n) for n in range(2_000)])


@dataclass(frozen=True)
class Seeded:
    """The world, and samples of what is in it."""

    graph: Graph
    samples: Samples


@pytest.fixture(name="seeded", scope="module")
def _seeded(graph_settings: GraphSettings, sync_graph: Graph) -> Iterator[Seeded]:
    settings = graph_settings.model_copy(update={"neo4j_timeout_s": 60.0})
    empty(sync_graph)
    with Graph(settings) as graph:
        viewer = new_person(graph, "alice")
        _seed(graph, viewer)
        run(graph, _REST, count=PEOPLE, id=viewer.user_id)
        for kind in _NOTIFYING:
            event = new_event(kind, 1, "u_user_1", "p_1", "p_1").properties()
            run(graph, CREATE_EVENT, event=event | {"id": f"e_1_{kind}", "pending": None})
        run(graph, _MODERATED, id=viewer.user_id)
        recount_hours(graph)
        graph.run(reconcile.open_round(0, 0))
        run(graph, "CALL db.resampleOutdatedIndexes()")
        run(graph, "CALL db.awaitIndexes(60)")
        run(graph, "CALL db.clearQueryCaches()")
        run(graph, _IMAGES, id=viewer.user_id)
        post, comment = _own(graph, viewer)
        _remove_some(graph, viewer)
        catch_up(graph)
        yield Seeded(
            graph, Samples(viewer, "u_user_1", post, comment, after=_cursors(graph, viewer))
        )


def _own(graph: Graph, viewer: Viewer) -> tuple[str, str]:
    post = graph.run(posts.create_post(viewer, posts.NewPost.of(viewer, "x")))
    new = comments.NewComment.of(viewer, post, None, "x")
    return post, graph.run(comments.create_comment(viewer, new))


def _remove_some(graph: Graph, viewer: Viewer) -> None:
    add(graph, "post", [post_row("p_removed", "u_user_2", 11)])
    add(graph, "comment", [comment_row("c_removed", "u_user_2", "p_2", 11)])
    for subject in ("p_removed", "c_removed"):
        graph.run(moderation.remove_content(viewer, subject, "spam"))


def _cursors(graph: Graph, viewer: Viewer) -> dict[str, str]:
    pages = {
        "feed": feed.read_page(viewer, first(), edge_of("id")),
        **{
            f"posts-{sort.lower()}": post_lists.read_page(
                viewer, first(2), pick("id"), sort=sort, window=TimeWindow.ALL
            )
            for sort in PostSort
        },
        "notifications": notifications.read_page(viewer, first(), pick()),
    }
    return {name: graph.run(page)["page_info"]["end_cursor"] for name, page in pages.items()}


def operators(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each operator of a plan with its details."""
    yield plan["operatorType"].partition("@")[0], str(plan["args"].get("Details", ""))
    for child in plan.get("children", ()):
        yield from operators(child)


def _profiles(graph: Graph, statement: Statement[Any]) -> Iterator[tuple[str, Any]]:
    """Run a statement and those that its decoder asks for, and undo all; yield their profiles."""
    with graph.driver.session() as session, session.begin_transaction() as transaction:
        further: Any = statement
        while isinstance(further, Statement):
            result = transaction.run("PROFILE " + further.text, dict(further.parameters))
            records = list(result)
            yield further.text, result.consume().profile
            with contextlib.suppress(GraphError):
                further = further.decode(records)
                continue
            break
        transaction.rollback()


@pytest.mark.parametrize("name", [*VIEWERS, *OTHERS])
def test_no_statement_scans_or_multiplies(seeded: Seeded, name: str) -> None:
    for statement in {**VIEWERS, **OTHERS}[name](seeded.samples):
        for text, plan in _profiles(seeded.graph, statement):
            found = [each for each in operators(plan) if _is_forbidden(name, each[0])]
            assert not found, text


def _is_forbidden(name: str, operator: str) -> bool:
    if operator == "CartesianProduct" and name in SINGLE_ROWS:
        return False
    return any(bad in operator for bad in FORBIDDEN)


def _thread_of(s: Samples) -> list[Statement[Any]]:
    whole = pick(*POST.fields, thread("text", AUTHOR, "stats", "viewer", limit=1_000))
    return [posts.find_post(s.viewer, "p_thread", whole)]


def _skeleton_of(sort: str, root: str | None = None) -> Make:
    bones = pick(thread(sort=sort, root=root))
    return lambda s: [posts.find_post(s.viewer, "p_thread", bones)]


def _interactions_of(post: str) -> Make:
    listed = pick(page_of("interactions", "Interaction", ACTOR, SUBJECT, kinds=None))
    return lambda s: [posts.find_post(s.viewer, post, listed)]


def _known_likers_of(post: str) -> Make:
    known = pick(sample("known_likers", "stats", "viewer"))
    return lambda s: [posts.find_post(s.viewer, post, known)]


HOT: Final[dict[str, Make]] = {
    "feed, first page": lambda s: [feed.read_page(s.viewer, first(), edge_of(*CARD))],
    "feed with images": lambda s: [feed.read_page(s.viewer, first(), WITH_IMAGES)],
    "feed, later page": lambda s: [feed.read_page(s.viewer, s.page("feed"), edge_of(*CARD))],
    "feed, first page with its reasons": lambda s: [
        feed.read_page(s.viewer, first(), pick(*edge_of(*CARD).fields, REASONS))
    ],
    "thread of 300 comments": _thread_of,
    "skeleton of 300 comments, by time": _skeleton_of("NEW"),
    "skeleton of 300 comments, by likes": _skeleton_of("TOP"),
    "skeleton of 300 comments, best": _skeleton_of("BEST"),
    "skeleton of 3 comments among 300": _skeleton_of("BEST", "c_t80"),
    "post": lambda s: [posts.find_post(s.viewer, "p_1", pick(*CARD))],
    "post with 4 images": lambda s: [posts.find_post(s.viewer, "p_1", pick("media"))],
    "posts": lambda s: [post_lists.read_page(s.viewer, first(), pick(*CARD))],
    "posts by author": lambda s: [
        post_lists.read_page(s.viewer, first(), pick(*CARD), Scope("u_user_1"))
    ],
    "interactions of a post with 100 likes": _interactions_of("p_warm"),
    "interactions of a post with 1,000 likes": _interactions_of("p_hot"),
    "counts of a post with 1,000 likes": lambda s: [
        posts.find_post(s.viewer, "p_hot", pick("stats", "viewer"))
    ],
    "known likers of a post with 10 likes, by one who follows 100": _known_likers_of("p_few"),
    "known likers of a post with 1,000 likes, by one who follows 100": _known_likers_of("p_hot"),
    "like": lambda s: [likes.like(s.viewer, "p_hot")],
    "unlike": lambda _: [likes.unlike(Viewer("u_user_1", "s_live"), "p_hot")],
    **{
        f"search of {kind.lower()}": lambda s, text=text, kind=kind, of=of: [
            search.read_page(s.viewer, text, kind, first(), pick(_results(of, pick("id"))))
        ]
        for text, kind, of in (
            ("text", search.SearchKind.POSTS, "Post"),
            ("user", search.SearchKind.USERS, "User"),
            ("t", search.SearchKind.TAGS, "Tag"),
        )
    },
    "create post": lambda s: [posts.create_post(s.viewer, posts.NewPost.of(s.viewer, "x"), "key")],
    "comment": lambda s: [
        comments.create_comment(
            s.viewer, comments.NewComment.of(s.viewer, "p_thread", "c_t299", "x"), "key"
        )
    ],
}


def _hits(profile: Mapping[str, Any]) -> int:
    """Add up what a plan read; a procedure does not tell."""
    return int(profile.get("dbHits", 0)) + sum(
        _hits(child) for child in profile.get("children", ())
    )


def _reads(name: str) -> bool:
    return name.partition(".")[2].startswith(("find_", "read_", "top_", "follows_"))


def test_reads_and_hot_commands_stay_as_cheap_as_they_are(seeded: Seeded) -> None:
    run(
        seeded.graph,
        "MERGE (s:Session {id: 's_live'}) SET s.user_id = 'u_user_1', s.expires_at = 9999999999999",
    )
    found = {
        name: sum(
            _hits(profile)
            for statement in make(seeded.samples)
            for _, profile in _profiles(seeded.graph, statement)
        )
        for name, make in {
            **HOT,
            **{name: VIEWERS[name] for name in VIEWERS if _reads(name)},
        }.items()
    }
    if RENEW:
        HITS_FILE.parent.mkdir(exist_ok=True)
        HITS_FILE.write_text(json.dumps(found, indent=2) + "\n")
    expected = json.loads(HITS_FILE.read_text())

    assert found == {name: pytest.approx(hits, rel=0.2, abs=10) for name, hits in expected.items()}
    few, many = (found[f"interactions of a post with {n} likes"] for n in ("100", "1,000"))
    assert abs(few - many) <= 20, "the work of a page is the same for any number of likes"

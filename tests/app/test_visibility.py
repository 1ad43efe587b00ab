"""Who may see what: every way to a post or comment, crossed with every state it may be in.

Alice writes posts; bob follows her, carol never did, and dan did until he had commented. A post
is open to everybody, closed (for her followers), gone (deleted) or removed (by a moderator). Erin,
frank and gina write one each, which bob and carol follow: erin blocks bob and is blocked by carol,
frank is suspended, and bob mutes gina. A way shows of a post what its viewer may see, and of what
they may not see neither text nor image nor id nor author.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_abstract_type,
    parse,
    visit,
)

from app.execution import Executor
from app.realtime.operations import OperationError
from app.schema import build_schema
from app.tokens import Tokens
from graph.deliveries import find_delivery
from graph.engagement import TimeWindow, TopBy, Weights
from graph.events import EventKind, new_event
from graph.ids import now_ms
from graph.outbox import number_pending
from graph.runner import Graph
from graph.top_posts import rank_posts
from graph.viewer import Role
from tests.app.client import Client
from tests.app.resolvers.test_streams import plain, subscribe
from tests.graph.hours import recount
from tests.graph.people import (
    add,
    comment_row,
    follow_row,
    like_row,
    post_row,
    share_row,
    user_row,
)
from tests.graph.world import add_news, catch_up, empty, run, seed

STATES = ("open", "closed", "gone", "removed", "blocked", "suspended", "muted")
OPEN, CLOSED, GONE, REMOVED, BLOCKED, SUSPENDED, MUTED = STATES
ALICE, BOB, CAROL, DAN = PEOPLE = ("alice", "bob", "carol", "dan")
POST, COMMENT, REPLY = PARTS = ("p", "c", "c_reply")
IMAGE, TAG = "m", "t"
AUTHORS = dict.fromkeys(STATES, ALICE) | {BLOCKED: "erin", SUSPENDED: "frank", MUTED: "gina"}
FOLLOWS = {BOB: {*AUTHORS.values()}, CAROL: {"erin", "frank", "gina"}}
MAY_SEE: dict[str, set[str]] = {
    OPEN: {*PEOPLE},
    CLOSED: {ALICE, BOB},
    GONE: set(),
    REMOVED: set(),
    BLOCKED: {ALICE, DAN},
    SUSPENDED: set(),
    MUTED: {*PEOPLE},
}

FRAGMENTS = """
fragment P on Post { id postText: text visibility author { username } media { id } stats { likes } }
fragment C on Comment { id text tombstone author { username } viewer { canEdit } stats { likes } }
fragment S on Subject { __typename id author { username } ...P ...C }
fragment I on Interaction { id kind actor { username } subject { ...S } }
fragment N on Notification { kind actors { totalCount users { username } } subject { ...S } }
"""


@dataclass(frozen=True)
class Way:
    """A way to posts or comments.

    Args:
        document: The operation; `$post`, `$comment`, `$reply` are ids of one state's.
        shows: What of a state it shows to those who may see it.
        states: In which states it shows that.
        people: To whom it shows that, if they may see it.
        is_own: Whether it shows that to its author alone.
        is_taken_back: Whether its author may always do it, wherever it stands by now.
        is_of_others: Whether its author may not do it.
        is_feed: Whether it shows whom its viewer follows, and leaves out whom they mute.
        refuses: Whether it is a command, which finds nothing where one may not see.
    """

    document: str
    shows: tuple[str, ...]
    states: tuple[str, ...] = STATES
    people: tuple[str, ...] = PEOPLE
    is_own: bool = False
    is_taken_back: bool = False
    is_of_others: bool = False
    is_feed: bool = False
    refuses: bool = False

    def is_open_to(self, person: str, state: str) -> bool:
        """Tell whether it shows a person something of a state."""
        author = AUTHORS[state]
        if self.is_own and person not in self.owners(state):
            return False
        if self.is_feed and (
            author not in FOLLOWS.get(person, ()) or (person, state) == (BOB, MUTED)
        ):
            return False
        return person in MAY_SEE[state] and state in self.states and person in self.people

    def refusal(self, person: str, state: str) -> list[str]:
        """Give with which codes it is refused to a person in a state, as a command."""
        if not self.refuses or (self.is_taken_back and person in self.owners(state)):
            return []
        if person not in MAY_SEE[state]:
            return ["NOT_FOUND"]
        is_author = person in self.owners(state)
        if self.is_of_others and is_author:
            return ["VALIDATION"]
        is_forbidden = (self.is_own or self.is_taken_back) and not is_author
        return ["FORBIDDEN"] if is_forbidden or state not in self.states else []

    def owners(self, state: str) -> tuple[str, ...]:
        """Give who wrote what it changes."""
        return (AUTHORS[state],) if self.people == PEOPLE else self.people

    def expected(self, person: str, states: tuple[str, ...]) -> set[str]:
        """Give the names of what it shows to a person."""
        shown = [state for state in states if self.is_open_to(person, state)]
        return {f"{part}_{state}" for state in shown for part in self.shows}


READS = {
    "post": Way("query ($post: ID!) { post(id: $post) { ...P } }", (POST,)),
    "node": Way("query ($post: ID!) { node(id: $post) { ...S } }", (POST,)),
    "nodes": Way(
        """
        query ($post: ID!, $comment: ID!, $reply: ID!) {
          nodes(ids: [$reply, $post, $comment]) { ...S }
        }
        """,
        PARTS,
    ),
    "posts": Way("{ posts { edges { node { ...P } } } }", (POST,)),
    "posts by author": Way(
        "query ($author: ID!) { posts(author: $author) { edges { node { ...P } } } }", (POST,)
    ),
    "posts by HOT": Way("{ posts(sort: HOT) { edges { node { ...P } } } }", (POST,)),
    "posts by TOP": Way("{ posts(sort: TOP, window: ALL) { edges { node { ...P } } } }", (POST,)),
    "posts under a tag": Way('{ posts(tag: "x") { edges { node { ...P } } } }', (POST,)),
    "posts by HOT under a tag": Way(
        '{ posts(sort: HOT, tag: "#X") { edges { node { ...P } } } }', (POST,)
    ),
    "User.posts": Way(
        "query ($author: ID!) { user(by: {id: $author}) { posts { edges { node { ...P } } } } }",
        (POST,),
    ),
    "feed": Way("{ feed { edges { node { ...P } } } }", (POST,), is_feed=True),
    "search": Way(
        '{ search(text: "text", kind: POSTS) { edges { node { ... on Post { ...P } } } } }', (POST,)
    ),
    "bookmarks": Way("{ bookmarks { edges { node { ...P } } } }", (POST,)),
    "comment": Way("query ($comment: ID!) { comment(id: $comment) { ...C } }", (COMMENT,)),
    "Comment.post": Way(
        "query ($comment: ID!) { comment(id: $comment) { post { ...P } } }", (POST,)
    ),
    "Comment.parent": Way(
        "query ($reply: ID!) { comment(id: $reply) { parent { ...C post { ...P } } } }",
        (POST, COMMENT),
    ),
    "Comment.replies": Way(
        "query ($comment: ID!) { comment(id: $comment) { replies { edges { node { ...C } } } } }",
        (REPLY,),
    ),
    "Post.comments": Way(
        """
        query ($post: ID!) { post(id: $post) { comments { edges { node {
          ...C replies { edges { node { ...C } } }
        } } } } }
        """,
        (COMMENT, REPLY),
    ),
    "Post.thread": Way(
        """
        query ($post: ID!) { post(id: $post) {
          thread(sort: OLD) { nodes { id parentId comment { ...C post { ...P } } } }
        } }
        """,
        PARTS,
    ),
    "Post.interactions": Way(
        "query ($post: ID!) { post(id: $post) { interactions { edges { node { ...I } } } } }",
        PARTS,
    ),
    "notifications": Way("{ notifications { edges { node { ...N } } } }", (POST, COMMENT)),
    "unread notifications": Way(
        "{ notifications(unreadOnly: true) { edges { node { ...N } } } }", (POST, COMMENT)
    ),
    "analytics.topPosts": Way(
        "{ analytics { topPosts(window: ALL) { posts { post { ...P } likes } } } }", (POST,)
    ),
    "analytics.topPosts of a span": Way(
        """
        { analytics { topPosts(from: "1970-01-01T00:00:00Z") { posts { post { ...P } likes } } } }
        """,
        (POST,),
    ),
    "analytics.post": Way(
        "query ($post: ID!) { analytics { post(id: $post) { likes post { ...P } } } }",
        (POST,),
        is_own=True,
    ),
    "analytics.conversation": Way(
        """
        query ($post: ID!) { analytics { conversation(postId: $post) {
          comments post { ...P } mostReplied { replies comment { ...C } }
        } } }
        """,
        (POST, COMMENT),
    ),
    "analytics.cascade": Way(
        """
        query ($post: ID!) { analytics { cascade(postId: $post) {
          post { ...P } shares { user { username } }
        } } }
        """,
        (POST,),
    ),
}
NEAR = {
    "node of an image": Way(
        "query ($image: ID!) { node(id: $image) { ... on Media { id altText url } } }", (IMAGE,)
    ),
    "Post.media": Way("query ($post: ID!) { post(id: $post) { media { altText url } } }", (IMAGE,)),
    "Post.quoteOf": Way(
        "query ($quoting: ID!) { post(id: $quoting) { text quoteOf { ...P } } }", (POST,)
    ),
    "Post.revisions": Way(
        "query ($post: ID!) { post(id: $post) { revisions { edges { node { text } } } } }", (POST,)
    ),
    "Comment.revisions": Way(
        """
        query ($comment: ID!) { comment(id: $comment) {
          author { username } revisions { edges { node { text } } }
        } }
        """,
        (COMMENT,),
    ),
}
TAGGED = {
    "tag": Way("query ($tag: String!) { tag(name: $tag) { name displayName } }", (TAG,)),
    "search for tags": Way(
        """
        { search(text: "t_", kind: TAGS) { edges { node { ... on Tag { name displayName } } } } }
        """,
        (TAG,),
    ),
    "names of trendingTags": Way(
        "{ trendingTags(window: ALL) { tags { tag { name displayName } } } }",
        (TAG,),
        states=(OPEN, BLOCKED, MUTED),
    ),
    "names of Post.tags": Way(
        "query ($post: ID!) { post(id: $post) { tags { name displayName } } }", (TAG,)
    ),
    "tag of many": Way('{ tag(name: "x") { posts { edges { node { ...P } } } } }', (POST,)),
    "trendingTags": Way(
        "{ trendingTags(window: ALL) { tags { tag { posts { edges { node { ...P } } } } } } }",
        (POST,),
    ),
    "search for a tag": Way(
        """
        { search(text: "#x", kind: TAGS) { edges { node { ... on Tag {
          posts { edges { node { ...P } } }
        } } } } }
        """,
        (POST,),
    ),
    "Post.tags": Way(
        """
        query ($post: ID!) { post(id: $post) {
          ...P tags { posts { edges { node { id } } } }
        } }
        """,
        (POST,),
    ),
    "FollowsTag.tag": Way(
        """
        { feed { edges { reasons { ... on FollowsTag {
          tag { posts { edges { node { ...P } } } }
        } } } } }
        """,
        (),
    ),
    "followedTags": Way(
        "{ followedTags { edges { node { posts { edges { node { ...P } } } } } } }", ()
    ),
    "unfollowTag": Way(
        """
        mutation { unfollowTag(name: "x") {
          userErrors { code } tag { posts { edges { node { ...P } } } }
        } }
        """,
        (POST,),
    ),
    "followTag": Way(
        """
        mutation { followTag(name: "x") {
          userErrors { code } tag { posts { edges { node { ...P } } } }
        } }
        """,
        (POST,),
    ),
}
COMMANDS = {
    "like": Way(
        "mutation ($post: ID!) { like(subjectId: $post) { userErrors { code } subject { ...S } } }",
        (POST,),
        refuses=True,
    ),
    "like a comment": Way(
        """
        mutation ($comment: ID!) { like(subjectId: $comment) {
          userErrors { code } subject { ...S }
        } }
        """,
        (COMMENT,),
        refuses=True,
    ),
    "unlike": Way(
        """
        mutation ($post: ID!) { unlike(subjectId: $post) {
          userErrors { code } subject { ...S }
        } }
        """,
        (POST,),
    ),
    "unlike a comment": Way(
        """
        mutation ($comment: ID!) { unlike(subjectId: $comment) {
          userErrors { code } subject { ...S }
        } }
        """,
        (COMMENT,),
    ),
    "share": Way(
        "mutation ($post: ID!) { share(postId: $post) { userErrors { code } post { ...P } } }",
        (POST,),
        states=(OPEN, BLOCKED, MUTED),
        refuses=True,
    ),
    "createPost with a quote": Way(
        """
        mutation ($post: ID!) { createPost(input: {text: "so", quoteOfId: $post}) {
          userErrors { code } post { text quoteOf { ...P } }
        } }
        """,
        (POST,),
        states=(OPEN, BLOCKED, MUTED),
        refuses=True,
    ),
    "unshare": Way(
        "mutation ($post: ID!) { unshare(postId: $post) { userErrors { code } post { ...P } } }",
        (POST,),
    ),
    "bookmark": Way(
        "mutation ($post: ID!) { bookmark(postId: $post) { userErrors { code } post { ...P } } }",
        (POST,),
        refuses=True,
    ),
    "unbookmark": Way(
        "mutation ($post: ID!) { unbookmark(postId: $post) { userErrors { code } post { ...P } } }",
        (POST,),
    ),
    "muteConversation": Way(
        """
        mutation ($post: ID!) { muteConversation(postId: $post) {
          userErrors { code } post { ...P viewer { hasMutedConversation } }
        } }
        """,
        (POST,),
        refuses=True,
    ),
    "unmuteConversation": Way(
        """
        mutation ($post: ID!) { unmuteConversation(postId: $post) {
          userErrors { code } post { ...P }
        } }
        """,
        (POST,),
    ),
    "createComment": Way(
        """
        mutation ($post: ID!) { createComment(input: {postId: $post, text: "so"}) {
          userErrors { code }
          comment { ...C post { ...P } }
        } }
        """,
        (POST,),
        refuses=True,
    ),
    "createComment below a comment": Way(
        """
        mutation ($post: ID!, $comment: ID!) {
          createComment(input: {postId: $post, parentId: $comment, text: "so"}) {
            userErrors { code }
            comment { ...C parent { ...C } }
          }
        }
        """,
        (COMMENT,),
        refuses=True,
    ),
    "report": Way(
        """
        mutation ($post: ID!) { report(subjectId: $post, reason: SPAM) {
          userErrors { code } report { id reason details }
        } }
        """,
        (),
        is_of_others=True,
        refuses=True,
    ),
    "report a comment": Way(
        """
        mutation ($comment: ID!) { report(subjectId: $comment, reason: SPAM) {
          userErrors { code } report { id reason details }
        } }
        """,
        (),
        people=(DAN,),
        is_of_others=True,
        refuses=True,
    ),
    "updatePost": Way(
        """
        mutation ($post: ID!, $postText: String!) {
          updatePost(input: {id: $post, text: $postText}) { userErrors { code } post { ...P } }
        }
        """,
        (POST,),
        is_own=True,
        refuses=True,
    ),
    "updateComment": Way(
        """
        mutation ($comment: ID!, $commentText: String!) {
          updateComment(input: {id: $comment, text: $commentText}) {
            userErrors { code } comment { ...C }
          }
        }
        """,
        (COMMENT,),
        people=(DAN,),
        is_own=True,
        refuses=True,
    ),
    "deletePost": Way(
        "mutation ($post: ID!) { deletePost(id: $post) { userErrors { code } deletedPostId } }",
        (),
        is_taken_back=True,
        refuses=True,
    ),
    "deleteComment": Way(
        """
        mutation ($comment: ID!) { deleteComment(id: $comment) {
          userErrors { code } comment { ...C }
        } }
        """,
        (),
        people=(DAN,),
        is_taken_back=True,
        refuses=True,
    ),
}
SUBSCRIPTIONS = {
    "postAdded": Way(
        'subscription { postAdded(after: "e_0") { ... on PostAdded { post { ...P } } } }',
        (POST,),
        is_feed=True,
    ),
    "postAdded by author": Way(
        """
        subscription ($author: ID!) { postAdded(authorId: $author, after: "e_0") {
          ... on PostAdded { post { ...P } }
        } }
        """,
        (POST,),
    ),
    "commentAdded": Way(
        """
        subscription ($post: ID!) { commentAdded(postId: $post, after: "e_0") {
          ... on CommentAdded { comment { ...C post { ...P } } }
        } }
        """,
        (POST, COMMENT),
    ),
    "interactionAdded": Way(
        """
        subscription ($post: ID!) { interactionAdded(postId: $post, after: "e_0") {
          ... on InteractionAdded { interaction { ...I } }
        } }
        """,
        (POST, COMMENT),
    ),
    "notificationAdded": Way(
        """
        subscription { notificationAdded(after: "e_0") {
          ... on NotificationAdded { notification { ...N } }
        } }
        """,
        (POST, COMMENT),
    ),
}
IS_ELSEWHERE = {
    "User.avatar",  # as visible as its person: `test_visible_people.py`
    "Mutation.uploadMedia",  # shows one's own image, which nobody else is shown yet
    "UploadMediaPayload.media",
}
HIDES_ACTOR = ("UNAVAILABLE", "BLOCKED")
IS_FOR_MODERATORS = {  # and shows them more, to nobody else: `test_visible_to_moderators.py`
    "Query.admin",
    "Admin.reports",
    "ReportConnection.edges",
    "ReportEdge.node",
    "Report.subject",
    "Admin.auditLog",
    "AuditEntryConnection.edges",
    "AuditEntryEdge.node",
    "AuditEntry.subject",
    "ModeratedContent.media",
    "Mutation.removeContent",
    "Mutation.restoreContent",
    "ModeratedContentPayload.content",
    "Mutation.resolveReport",
}
READS |= TAGGED | NEAR
WAYS = READS | COMMANDS | SUBSCRIPTIONS
REFUSALS = ("NOT_FOUND", "BAD_USER_INPUT")

_KEEP = """\
UNWIND $people AS name MATCH (user:User {id: 'u_' + name}) MATCH (post:Post) WHERE post.id IN $posts
CREATE (user)-[kept:BOOKMARKED {user_id: user.id, post_id: post.id, at: 4}]->(post)
SET kept.k = '4' + post.id"""
_QUOTE = """\
UNWIND $pairs AS pair
MATCH (quoting:Post {id: pair[0]}), (quoted:Post {id: pair[1]})
CREATE (quoting)-[:QUOTES]->(quoted)"""
_SHOW = """\
MATCH (post:Post)
CREATE (post)-[:HAS_MEDIA]->(image:Media {
  id: 'm' + substring(post.id, 1), key: 'key' + substring(post.id, 1), author_id: post.author_id,
  alt_text: 'text of m' + substring(post.id, 1), created_at: 3, stored_at: 3})
SET post.media_ids = [image.id]"""
_SPELL = "MATCH (tag:Tag) SET tag.display_name = 'text of ' + tag.name"
_REVISE = """\
MATCH (s:Post|Comment)
CREATE (s)-[:HAS_REVISION]->(:Revision {
  id: 'v_' + s.id, subject_id: s.id, k: 'v_' + s.id, text: s.text, created_at: 4, replaced_at: 5})
SET s.edited_at = 5"""

_RANK = """\
MATCH (ranking:Ranking {name: 'posts:ALL:ENGAGEMENT'})
SET ranking.post_ids = $posts, ranking.likes = [each IN $posts | 1],
    ranking.comments = [each IN $posts | 1], ranking.shares = [each IN $posts | 1]"""
"""Of before anything was hidden."""
_HOOK = """\
CREATE (hook:Webhook {id: 'w_hook', user_id: $owner, kinds: ['LIKE', 'COMMENT'],
                      url: '', secret: ''})
WITH hook MATCH (told:Notification {recipient_id: hook.user_id})
CREATE (due:Event {id: 'w_' + told.id, actor_id: hook.id, subject_id: told.id, occurred_at: 4})
RETURN due.id AS id"""
_HIDE = """\
MATCH (bob:User {id: 'u_bob'}), (carol:User {id: 'u_carol'}), (frank:User {id: 'u_frank'})
MATCH (erin:User {id: 'u_erin'}), (gina:User {id: 'u_gina'})
CREATE (erin)-[:BLOCKS {blocker_id: erin.id, blocked_id: bob.id, at: 5, k: '5'}]->(bob)
CREATE (carol)-[:BLOCKS {blocker_id: carol.id, blocked_id: erin.id, at: 5, k: '5'}]->(erin)
CREATE (bob)-[:MUTES {muter_id: bob.id, muted_id: gina.id, at: 5, k: '5'}]->(gina)
SET frank.suspended_at = 5
WITH 1 AS done
MATCH (closed:Post {id: 'p_closed'}) SET closed.visibility = 'FOLLOWERS'"""
_REMOVE = """
mutation ($id: ID!) {
  removeContent(subjectId: $id, reason: "spam") { content { removed } userErrors { code } }
}
"""


def quoting(state: str) -> str:
    """Name the post that quotes the one of a state; itself it is open."""
    return f"p_quoting_{STATES.index(state)}_open"


def moderator(client: Client, graph: Graph) -> Client:
    """Give a moderator, who has nothing to do with the others."""
    made = "MERGE (u:User {id: 'u_mod'}) SET u.role = 'MODERATOR', u.username = 'mod'"
    run(graph, made)
    session = (
        "MERGE (s:Session {id: 's_mod'}) SET s.user_id = 'u_mod', s.expires_at = 9999999999999"
    )
    run(graph, session)
    return client.as_("mod", Role.MODERATOR)


@pytest.fixture
async def world(client: Client, sync_graph: Graph) -> Client:
    """The world, for a test that changes it."""
    return await make_world(client, sync_graph)


@pytest.fixture(scope="class")
async def still_world(http: httpx.AsyncClient, tokens: Tokens, sync_graph: Graph) -> Client:
    """The world, for tests that only look at it."""
    return await make_world_again(Client(http, tokens), sync_graph)


async def make_world_again(client: Client, graph: Graph) -> Client:
    """Make the world in the place of whatever there is."""
    empty(graph)
    seed(graph)
    await make_world(client, graph)
    recount(graph)
    graph.run(rank_posts(TimeWindow.ALL, TopBy.ENGAGEMENT, Weights(), now_ms()))
    run(graph, _RANK, posts=[f"p_{state}" for state in STATES])
    return client


async def make_world(client: Client, graph: Graph) -> Client:
    """Make the states, the people, and tell everybody of everything while they might see it."""
    run(graph, "MATCH (n:Post|Comment|Revision) DETACH DELETE n")
    await client.as_(DAN).do('mutation { follow(userId: "u_alice") { userErrors { code } } }')
    others = ("erin", "frank", "gina")
    add(graph, "user", [user_row(name) for name in others])
    add(graph, "follow", [follow_row("u_bob", "u_alice", 2)])
    add(graph, "follow", [follow_row(f"u_{f}", f"u_{o}", 2) for f in (BOB, CAROL) for o in others])
    trios = [tuple(f"{part}_{state}" for part in PARTS) for state in STATES]
    authors = {
        post: f"u_{AUTHORS[state]}" for state, (post, _, _) in zip(STATES, trios, strict=True)
    }
    posts = [post_row(each, who, 3, "x", "t" + each[1:]) for each, who in authors.items()]
    add(graph, "post", posts)
    run(graph, _SPELL)
    add(graph, "comment", [comment_row(each, "u_dan", post, 3) for post, each, _ in trios])
    add(graph, "comment", [comment_row(r, "u_bob", post, 3, c, 2) for post, c, r in trios])
    add(graph, "like", [like_row("u_bob", post, 4) for post, _, _ in trios])
    add(graph, "share", [share_row("u_bob", post, 4) for post, _, _ in trios])
    quotes = [(quoting(state), f"p_{state}") for state in STATES]
    add(graph, "post", [post_row(each, "u_alice", 2) for each, _ in quotes])
    run(graph, _QUOTE, pairs=quotes)
    run(graph, _REVISE)
    run(graph, _SHOW)
    news = [
        {"id": f"n_{name}_{n}{kind}", "k": f"{name}_{n}{kind}", "to": f"u_{name}"}
        | {"by": actor_id, "kind": kind, "subject_id": subject_id}
        for name in PEOPLE
        for n, (post, comment, _) in enumerate(trios)
        for kind, actor_id, subject_id in (("LIKE", "u_bob", post), ("COMMENT", "u_dan", comment))
    ]
    run(graph, _KEEP, people=PEOPLE, posts=[*authors])
    add_news(graph, news)
    events = [
        event
        for post, comment, _ in trios
        for event in (
            new_event(EventKind.POST_CREATED, 4, authors[post], post, post),
            new_event(EventKind.COMMENT_CREATED, 4, "u_dan", comment, post),
            new_event(EventKind.POST_LIKED, 4, "u_bob", post, post),
        )
    ] + [new_event(EventKind.NOTIFICATION_CREATED, 4, told["to"], told["id"]) for told in news]
    rows = [event.properties() for event in events]
    run(graph, "UNWIND $rows AS row CREATE (event:Event) SET event = row", rows=rows)
    await client.as_(DAN).do('mutation { unfollow(userId: "u_alice") { userErrors { code } } }')
    await client.as_(ALICE).do('mutation { deletePost(id: "p_gone") { deletedPostId } }')
    run(graph, _HIDE)
    await moderator(client, graph).do(_REMOVE, id="p_removed")
    while graph.run(number_pending(100, 10, 10**15)):
        pass
    catch_up(graph)
    return client


def operation(way: Way) -> str:
    """Give a way's document with the fragments that it uses."""
    text = way.document
    for fragment in FRAGMENTS.strip().splitlines()[::-1]:
        if f"...{fragment.split()[1]} " in text:
            text += "\n" + fragment
    return text


def variables(way: Way, state: str) -> dict[str, str]:
    """Give the variables that a way's document declares."""
    known = {
        "post": f"p_{state}",
        "comment": f"c_{state}",
        "reply": f"c_reply_{state}",
        "author": f"u_{AUTHORS[state]}",
        "quoting": quoting(state),
        "image": f"m_{state}",
        "tag": f"t_{state}",
        "postText": f"text of p_{state}",
        "commentText": f"text of c_{state}",
    }
    return {name: value for name, value in known.items() if f"${name}:" in way.document}


def states_of(given: dict[str, str], state: str) -> tuple[str, ...]:
    """Give the states that an operation with these variables reads."""
    if "author" in given:
        return tuple(each for each in STATES if AUTHORS[each] == AUTHORS[state])
    return (state,) if given else STATES


def shown(answer: Any) -> set[str]:
    """Give the names of the posts and comments whose text an answer holds."""
    text = json.dumps(answer)
    names = [f"{part}_{state}" for part in (*PARTS, IMAGE, TAG) for state in STATES]
    return {name for name in names if f'"text of {name}"' in text}


def hidden_states(person: str, answer: Any) -> Iterator[str]:
    """Yield the states of which an answer holds anything though the person may see nothing."""
    text = json.dumps(answer)
    yield from (
        state
        for state in STATES
        if person not in MAY_SEE[state]
        and (f"_{state}" in text or (AUTHORS[state] != ALICE and f'"{AUTHORS[state]}"' in text))
    )


async def test_a_feed_shows_of_what_is_shared_what_its_viewer_may_see(
    world: Client, sync_graph: Graph
) -> None:
    run(sync_graph, "MATCH (:User)-[follows:FOLLOWS]->(:User) DELETE follows")
    add(sync_graph, "user", [user_row("hugo")])
    follows = [follow_row(f"u_{name}", "u_hugo", 5) for name in PEOPLE]
    add(sync_graph, "follow", [*follows, follow_row("u_bob", "u_alice", 5)])
    add(sync_graph, "share", [share_row("u_hugo", f"p_{state}", 6) for state in STATES])
    way = Way("{ feed { edges { node { ...P } reasons { __typename } } } }", (POST,))
    for person in PEOPLE:
        data = await world.as_(person).data(operation(way))
        mine = {f"p_{state}" for state in STATES if AUTHORS[state] == person}
        muted = {f"p_{MUTED}"} if person == BOB else set()
        assert shown(data) == way.expected(person, STATES) - mine - muted, person
        assert [*hidden_states(person, data)] == [], person


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_finds_and_shows_what_its_viewer_may_see(world: Client, name: str) -> None:
    way = COMMANDS[name]
    for state in STATES:
        for person in sorted(PEOPLE, key=way.owners(state).__contains__):
            data = await world.as_(person).data(operation(way), **variables(way, state))
            (payload,) = data.values()
            codes = [error["code"] for error in payload.pop("userErrors")]
            assert shown(payload) == way.expected(person, (state,)), (person, state)
            assert codes == way.refusal(person, state), (person, state)
            if codes:
                assert {*payload.values()} == {None}, (person, state)


async def heard(
    executor: Executor, client: Client, way: Way, given: dict[str, str], due_count: int
) -> list[Any]:
    """Give the events that a subscriber hears: as many as are due, and any that follow at once."""
    events: list[Any] = []
    try:
        source = await subscribe(executor, client, operation(way), **given)
    except OperationError as refused:
        if refused.errors[0]["extensions"]["code"] not in REFUSALS:
            raise
        return events
    async with aclosing(source):
        try:
            while True:
                async with asyncio.timeout(20 if len(events) < due_count else 0.5):
                    events.append(plain(await anext(source)))
        except TimeoutError:
            return events


def due_count(name: str, expected: set[str]) -> int:
    """Give how many events a subscriber is due."""
    if name == "commentAdded":
        return int(bool(expected))  # one event shows both the comment and its post
    return len(expected)


class TestLooking:
    """What people see and hear of a world that nobody changes."""

    @pytest.mark.parametrize("name", READS)
    async def test_a_read_shows_what_its_viewer_may_see(
        self, still_world: Client, name: str
    ) -> None:
        way = READS[name]
        for person in PEOPLE:
            for state in STATES:
                given = variables(way, state)
                data = await still_world.as_(person).data(operation(way), **given)
                wanted = way.expected(person, states_of(given, state))
                assert shown(data) == wanted, (person, state)
                assert [*hidden_states(person, data)] == [], (person, state)
                assert not wanted or COMMENT not in way.shows or '"dan"' in json.dumps(data)

    @pytest.mark.parametrize("name", SUBSCRIPTIONS)
    async def test_a_subscriber_hears_what_they_may_see(
        self, still_world: Client, executor: Executor, name: str
    ) -> None:
        way = SUBSCRIPTIONS[name]

        async def check(person: str, state: str) -> None:
            given = variables(way, state)
            wanted = way.expected(person, states_of(given, state))
            due = due_count(name, wanted)
            events = await heard(executor, still_world.as_(person), way, given, due)
            assert shown(events) == wanted, (person, state)
            assert [*hidden_states(person, events)] == [], (person, state)

        states = STATES if variables(way, OPEN) else (OPEN,)
        await asyncio.gather(*(check(person, state) for person in PEOPLE for state in states))

    @pytest.mark.parametrize("person", PEOPLE)
    async def test_a_webhook_is_told_what_its_owner_may_see(
        self, still_world: Client, sync_graph: Graph, person: str
    ) -> None:
        assert still_world
        due = [row["id"] for row in run(sync_graph, _HOOK, owner=f"u_{person}")]
        deliveries = [sync_graph.run(find_delivery(str(each))) for each in due]
        run(sync_graph, "MATCH (n:Webhook|Event) WHERE n.id STARTS WITH 'w_' DELETE n")

        told = {each.notification["subject_id"] for each in deliveries if each}
        assert len(due) == 2 * len(STATES)
        assert told == READS["notifications"].expected(person, STATES)


TOMBSTONES = {
    "DELETED": "MATCH (c:Comment {id: 'c_open'}) SET c.deleted_at = 6",
    "UNAVAILABLE": "MATCH (dan:User {id: 'u_dan'}) SET dan.suspended_at = 6",
    "BLOCKED": """\
MATCH (dan:User {id: 'u_dan'}) MATCH (other:User) WHERE other.id IN ['u_alice', 'u_bob', 'u_carol']
FOREACH (_ IN CASE WHEN other.id = 'u_bob' THEN [1] ELSE [] END |
  CREATE (dan)-[:BLOCKS {blocker_id: dan.id, blocked_id: other.id, at: 6, k: '6'}]->(other))
FOREACH (_ IN CASE WHEN other.id <> 'u_bob' THEN [1] ELSE [] END |
  CREATE (other)-[:BLOCKS {blocker_id: other.id, blocked_id: dan.id, at: 6, k: '6'}]->(dan))""",
}


@pytest.fixture(scope="class", params=[*TOMBSTONES, "REMOVED"])
async def reason(still_world: Client, sync_graph: Graph, request: pytest.FixtureRequest) -> str:
    """Why dan's comment is a tombstone in a world where nothing is left but the open post."""
    reason: str = request.param
    await make_world_again(still_world, sync_graph)
    if reason == "REMOVED":
        await moderator(still_world, sync_graph).do(_REMOVE, id="c_open")
    else:
        run(sync_graph, TOMBSTONES[reason])
    run(sync_graph, "MATCH (n:Post|Comment) WHERE NOT n.id ENDS WITH '_open' DETACH DELETE n")
    return reason


class TestTombstones:
    """What is left of a comment that is hidden, in every way to it."""

    @pytest.mark.parametrize("name", READS | SUBSCRIPTIONS)
    async def test_a_tombstone_has_neither_text_nor_author_anywhere(
        self, still_world: Client, executor: Executor, reason: str, name: str
    ) -> None:
        way = WAYS[name]
        given = variables(way, OPEN)

        async def check(person: str) -> None:
            wanted = way.expected(person, (OPEN,)) - {"c_open"}
            client = still_world.as_(person)
            if name in SUBSCRIPTIONS:
                answer: Any = await heard(executor, client, way, given, due_count(name, wanted))
            else:
                answer = await client.data(operation(way), **given)
            assert shown(answer) == wanted, person
            assert '"dan"' not in json.dumps(answer), person
            reasons = (*TOMBSTONES, "REMOVED")
            assert {each for each in reasons if f'"{each}"' in json.dumps(answer)} <= {reason}

        people = PEOPLE[:-1] if reason in HIDES_ACTOR else PEOPLE
        await asyncio.gather(*(check(person) for person in people))


def object_types(schema: GraphQLSchema, field: GraphQLField) -> set[str]:
    """Give the names of the objects that a field may answer with."""
    named = get_named_type(field.type)
    if is_abstract_type(named):
        return {each.name for each in schema.get_possible_types(named)}
    return {named.name}


def ways_of(schema: GraphQLSchema, what: set[str]) -> set[str]:
    """Give `Type.field` of all that lead to objects of some types, through all but people."""
    objects = {
        name: each
        for name, each in schema.type_map.items()
        if isinstance(each, GraphQLObjectType) and not name.startswith("__")
    }
    leading = {*what}
    found: set[str] = set()
    while True:
        known = len(found)
        for name, each in objects.items():
            fields = {f for f, at in each.fields.items() if object_types(schema, at) & leading}
            found |= {f"{name}.{field}" for field in fields}
            if fields and name != "User":
                leading.add(name)
        if len(found) == known:
            return found


def fields_of(schema: GraphQLSchema, document: str) -> set[str]:
    """Give `Type.field` of all that a document selects."""
    found: set[str] = set()
    types = TypeInfo(schema)

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent = types.get_parent_type()
            found.add(f"{parent.name if parent else None}.{node.name.value}")

    visit(parse(document), TypeInfoVisitor(types, Collect()))
    return found


@pytest.mark.unit
def test_every_way_of_the_schema_is_in_the_table() -> None:
    schema = build_schema()
    taken = {field for way in WAYS.values() for field in fields_of(schema, operation(way))}
    ways = ways_of(schema, {"Post", "Comment", "Media", "Tag"})
    assert ways - taken == IS_ELSEWHERE | IS_FOR_MODERATORS

"""Every command commits its one event with its change, and none where nothing changed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from graph.blocks import block
from graph.comments import NewComment, create_comment, delete_comment, update_comment
from graph.events import Event, EventKind, channels_of, jobs_of
from graph.follows import follow, unfollow
from graph.likes import like, unlike
from graph.moderation import remove_content, restore_content
from graph.posts import NewPost, create_post, delete_post, update_post
from graph.runner import Graph
from graph.shares import share, unshare
from graph.statement import Statement
from graph.viewer import Role, Viewer
from tests.graph.people import Deed, World, new_world

_SNAPSHOT = """\
CALL () {
  MATCH (n) WHERE NOT n:Event
  RETURN 'node' AS what, labels(n)[0] AS name, properties(n) AS properties, elementId(n) AS id
  UNION ALL
  MATCH ()-[r]->()
  RETURN 'edge' AS what, type(r) AS name, properties(r) AS properties, elementId(r) AS id
}
RETURN what, name, properties, id ORDER BY id, what"""


@dataclass(frozen=True)
class Setting:
    """A post of alice's, bob's comment on it, and dan, who liked, shared and follows."""

    world: World
    post: str
    comment: str


@dataclass(frozen=True)
class Command:
    """A command with the one event that it is to commit; made once, run as often as one likes."""

    make: Callable[[Setting], Statement[str]]
    deed: Callable[[Setting, str], Deed]


def _carol(setting: Setting) -> str:
    return setting.world.carol.user_id


COMMANDS = {
    "createPost": Command(
        lambda s: create_post(s.world.carol, NewPost.of(s.world.carol, "new")),
        lambda s, made: ("PostCreated", _carol(s), made, made),
    ),
    "updatePost": Command(
        lambda s: update_post(s.world.alice, s.post, "changed"),
        lambda s, _: ("PostEdited", s.world.alice.user_id, s.post, s.post),
    ),
    "deletePost": Command(
        lambda s: delete_post(s.world.alice, s.post),
        lambda s, _: ("PostDeleted", s.world.alice.user_id, s.post, s.post),
    ),
    "createComment": Command(
        lambda s: create_comment(
            s.world.carol, NewComment.of(s.world.carol, s.post, s.comment, "new")
        ),
        lambda s, made: ("CommentCreated", _carol(s), made, s.post),
    ),
    "updateComment": Command(
        lambda s: update_comment(s.world.bob, s.comment, "changed"),
        lambda s, _: ("CommentEdited", s.world.bob.user_id, s.comment, s.post),
    ),
    "deleteComment": Command(
        lambda s: delete_comment(s.world.bob, s.comment),
        lambda s, _: ("CommentDeleted", s.world.bob.user_id, s.comment, s.post),
    ),
    "likePost": Command(
        lambda s: like(s.world.carol, s.post),
        lambda s, _: ("PostLiked", _carol(s), s.post, s.post),
    ),
    "likeComment": Command(
        lambda s: like(s.world.carol, s.comment),
        lambda s, _: ("CommentLiked", _carol(s), s.comment, s.post),
    ),
    "unlikePost": Command(
        lambda s: unlike(s.world.dan, s.post),
        lambda s, _: ("PostUnliked", s.world.dan.user_id, s.post, s.post),
    ),
    "unlikeComment": Command(
        lambda s: unlike(s.world.dan, s.comment),
        lambda s, _: ("CommentUnliked", s.world.dan.user_id, s.comment, s.post),
    ),
    "share": Command(
        lambda s: share(s.world.carol, s.post),
        lambda s, _: ("PostShared", _carol(s), s.post, s.post),
    ),
    "unshare": Command(
        lambda s: unshare(s.world.dan, s.post),
        lambda s, _: ("PostUnshared", s.world.dan.user_id, s.post, s.post),
    ),
    "follow": Command(
        lambda s: follow(s.world.carol, s.world.alice.user_id),
        lambda s, _: ("UserFollowed", _carol(s), s.world.alice.user_id, None),
    ),
    "unfollow": Command(
        lambda s: unfollow(s.world.dan, s.world.alice.user_id),
        lambda s, _: ("UserUnfollowed", s.world.dan.user_id, s.world.alice.user_id, None),
    ),
    "block": Command(
        lambda s: block(s.world.carol, s.world.alice.user_id),
        lambda s, _: ("UserBlocked", _carol(s), s.world.alice.user_id, None),
    ),
}


@pytest.fixture(name="setting")
def _setting(clean: None, sync_graph: Graph) -> Setting:  # noqa: ARG001
    world = new_world(sync_graph)
    post = world.post(world.alice)
    comment = world.comment(world.bob, post)
    world.run(like(world.dan, post))
    world.run(like(world.dan, comment))
    world.run(share(world.dan, post))
    world.run(follow(world.dan, world.alice.user_id))
    world.news()
    return Setting(world, post, comment)


def _expected(setting: Setting, command: Command, answer: str) -> list[Deed]:
    return [command.deed(setting, answer)]


@pytest.mark.parametrize("name", COMMANDS)
def test_run_twice_it_is_one_change_and_one_event(setting: Setting, name: str) -> None:
    command, world = COMMANDS[name], setting.world
    before = world.cypher(_SNAPSHOT)
    statement = command.make(setting)

    answer = world.run(statement)
    once = world.cypher(_SNAPSHOT)
    again = world.run(statement)

    assert once != before
    assert again == answer
    assert world.cypher(_SNAPSHOT) == once
    assert world.news() == _expected(setting, command, answer)


@pytest.mark.parametrize("name", [name for name in COMMANDS if not name.startswith("create")])
def test_asked_for_twice_it_is_one_change_and_one_event(setting: Setting, name: str) -> None:
    command, world = COMMANDS[name], setting.world

    try:
        answers = {world.run(command.make(setting)) for _ in range(2)}
    finally:
        told = world.news()

    (answer,) = answers
    assert told == _expected(setting, command, answer)


@pytest.mark.parametrize("name", COMMANDS)
def test_run_by_many_at_once_it_is_one_change_and_one_event(setting: Setting, name: str) -> None:
    command, world = COMMANDS[name], setting.world
    statement = command.make(setting)

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(lambda _: world.run(statement), range(8)))

    (answer,) = answers
    assert world.news() == _expected(setting, command, answer)
    once = world.cypher(_SNAPSHOT)
    world.run(statement)
    assert world.cypher(_SNAPSHOT) == once


UNDOING = ("deletePost", "deleteComment", "unlikePost", "unlikeComment", "unshare")
_MADE_EARLIER = """\
MATCH (said:Post|Comment) SET said.created_at = 7
WITH count(*) AS counted
MATCH ()-[edge:LIKED|SHARED]->() SET edge.at = 7"""


@pytest.mark.parametrize("name", UNDOING)
def test_what_is_undone_is_told_with_the_instant_at_which_it_was_done(
    setting: Setting, name: str
) -> None:
    world = setting.world
    world.cypher(_MADE_EARLIER)

    world.run(COMMANDS[name].make(setting))

    assert world.cypher("MATCH (e:Event) RETURN e.deed_at AS at") == [{"at": 7}]


def test_a_removal_is_told_with_the_instant_at_which_its_subject_was_written(
    setting: Setting,
) -> None:
    world = setting.world
    world.cypher(_MADE_EARLIER)
    world.cypher("MATCH (u:User {id: $id}) SET u.role = 'MODERATOR'", id=_carol(setting))
    moderator = Viewer(_carol(setting), world.carol.session_id, Role.MODERATOR)

    for subject in (setting.comment, setting.post):
        world.run(remove_content(moderator, subject, "spam"))
        world.run(restore_content(moderator, subject))

    told = world.cypher("MATCH (e:Event) RETURN e.deed_at AS at, count(*) AS count")
    assert told == [{"at": 7, "count": 4}]


def test_what_was_removed_may_still_be_deleted_and_that_is_told_once(setting: Setting) -> None:
    world = setting.world
    world.cypher("MATCH (u:User {id: $id}) SET u.role = 'MODERATOR'", id=_carol(setting))
    moderator = Viewer(_carol(setting), world.carol.session_id, Role.MODERATOR)
    for subject in (setting.comment, setting.post):
        world.run(remove_content(moderator, subject, "spam"))
    world.news()

    for _ in range(2):
        world.run(delete_post(world.alice, setting.post))

    assert world.news() == [("PostDeleted", world.alice.user_id, setting.post, setting.post)]


@pytest.mark.unit
def test_every_kind_stands_in_the_channels_of_those_whom_it_touches() -> None:
    def channels(kind: EventKind, post_id: str | None = None) -> list[str]:
        return channels_of(Event("e_1", kind, 1, "u_1", "x_1", post_id))

    assert channels(EventKind.POST_CREATED) == ["author:u_1:posts", "posts"]
    assert channels(EventKind.COMMENT_CREATED, "p_1") == [
        "post:p_1:comments",
        "post:p_1:interactions",
    ]
    assert channels(EventKind.POST_LIKED) == ["post:x_1:interactions"]
    assert channels(EventKind.POST_SHARED) == ["post:x_1:interactions"]
    assert channels(EventKind.POST_UNLIKED) == []
    assert channels(EventKind.POST_UNSHARED) == []
    assert channels(EventKind.POST_EDITED) == []
    assert channels(EventKind.COMMENT_EDITED) == []
    assert channels(EventKind.POST_DELETED) == []
    assert channels(EventKind.COMMENT_DELETED) == []
    assert channels(EventKind.COMMENT_LIKED) == []
    assert channels(EventKind.USER_FOLLOWED) == []
    assert channels(EventKind.USER_UNFOLLOWED) == []
    assert channels(EventKind.USER_BLOCKED) == []
    assert channels(EventKind.NOTIFICATION_CREATED) == ["user:u_1:notifications"]


@pytest.mark.unit
def test_what_others_do_to_somebody_is_notified() -> None:
    silent = {
        EventKind.MEDIA_UPLOADED,
        EventKind.WEBHOOK_DUE,
        EventKind.NOTIFICATION_CREATED,
    }
    for kind in EventKind:
        assert ("notify" in jobs_of(Event("e_1", kind, 1, "u_1", "x_1"))) == (kind not in silent)

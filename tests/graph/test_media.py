"""Images are there once stored, are shown in one place, and go with what showed them."""

from typing import Any

import pytest

from graph.errors import Conflict, InvalidInput, NotFound
from graph.media import (
    LONGEST_ALT_TEXT,
    NewMedia,
    Reserved,
    confirm_media,
    find_media,
    reserve_media,
)
from graph.posts import NewPost, create_post, delete_post, find_post
from graph.previews import find_uploaded, note_preview
from graph.profiles import update_profile
from graph.retention import doom_media, find_doomed_media, forget_media
from graph.runner import Graph
from graph.users import find_user
from graph.viewer import Viewer
from tests.graph.people import IMAGE, World, new_world, pick

EVENTS = "COUNT { (:Event {kind: 'MediaUploaded'}) }"


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def images_of(world: World, viewer: Viewer, post_id: str) -> list[str]:
    row = world.run(find_post(viewer, post_id, pick("media")))
    assert row is not None
    return [each["id"] for each in row["media"]]


def found(world: World, viewer: Viewer, media_id: str) -> Any:
    return world.run(find_media(viewer, media_id, pick("id")))


def reserve(world: World, name: str | None = None, /, **image: Any) -> Reserved:
    draft = NewMedia.of(world.alice, None, **IMAGE | image)
    return world.run(reserve_media(world.alice, draft, name))


def test_an_image_is_there_once_its_bytes_are_stored(world: World) -> None:
    reserved = reserve(world)
    assert found(world, world.alice, reserved.id) is None
    assert world.value(EVENTS) == 0

    world.run(confirm_media(world.alice, reserved.id))

    row = found(world, world.alice, reserved.id)
    assert (row["key"], row["width"], row["height"]) == (IMAGE["key"], 4, 3)
    assert (row["thumbnail_key"], row["blurhash"]) == (None, None)
    assert world.value(EVENTS) == 1


def test_confirming_twice_is_once(world: World) -> None:
    reserved = reserve(world)
    for _ in range(2):
        assert world.run(confirm_media(world.alice, reserved.id)) == reserved.id
    assert world.value(EVENTS) == 1


def test_nobody_confirms_what_is_not_theirs_or_gone(world: World) -> None:
    reserved = reserve(world)
    with pytest.raises(NotFound):
        world.run(confirm_media(world.bob, reserved.id))
    world.cypher("MATCH (m:Media) SET m.doomed_at = 1")
    with pytest.raises(NotFound):
        world.run(confirm_media(world.alice, reserved.id))
    assert world.value(EVENTS) == 0


def test_a_repeated_upload_goes_on_with_the_first(world: World) -> None:
    first = reserve(world, "key", key="first.png")
    assert reserve(world, "key", key="second.png") == first
    assert first.key == "first.png"
    world.run(confirm_media(world.alice, first.id))
    again = reserve(world, "key", key="third.png")
    assert (again.id, again.is_stored) == (first.id, True)
    assert world.value("COUNT { (:Media) }") == 1
    with pytest.raises(Conflict, match="another input"):
        reserve(world, "key", content_hash="other")
    world.cypher("MATCH (m:Media) SET m.doomed_at = 1")
    with pytest.raises(Conflict, match="gone"):
        reserve(world, "key")


@pytest.mark.parametrize(("given", "kept"), [(" a cat ", "a cat"), ("  ", None), (None, None)])
def test_alt_text_is_optional(world: World, given: str | None, kept: str | None) -> None:
    assert found(world, world.alice, world.image(world.alice, given))["alt_text"] == kept


def test_alt_text_is_bounded(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        NewMedia.of(world.alice, "x" * (LONGEST_ALT_TEXT + 1), **IMAGE)
    assert refused.value.path == ("altText",)


def test_a_post_shows_its_images_in_their_order(world: World) -> None:
    images = [world.image(world.alice) for _ in range(10)]
    wanted = [*images[5:], *images[:5]]
    assert images_of(world, world.bob, world.post(world.alice, media_ids=wanted)) == wanted
    assert images_of(world, world.bob, world.post(world.alice)) == []


def test_a_post_takes_ten_images_and_each_once(world: World) -> None:
    with pytest.raises(InvalidInput, match="11 images"):
        NewPost.of(world.alice, "x", media_ids=[f"m_{n}" for n in range(11)])
    with pytest.raises(InvalidInput, match="'m_1' twice"):
        NewPost.of(world.alice, "x", media_ids=["m_1", "m_2", "m_1"])


def test_an_image_of_somebody_else_or_none_makes_no_post(world: World) -> None:
    mine, theirs = world.image(world.alice), world.image(world.bob)
    unfinished = reserve(world).id
    for foreign in (theirs, "m_none", unfinished):
        with pytest.raises(NotFound, match=foreign) as refused:
            world.post(world.alice, media_ids=[mine, foreign])
        assert refused.value.path == ("mediaIds",)
    assert world.value("COUNT { (:Post) }") == 0
    assert world.value("COUNT { ()-[:HAS_MEDIA]->() }") == 0


def test_an_image_is_shown_once(world: World) -> None:
    image = world.image(world.alice)
    world.post(world.alice, media_ids=[image])
    with pytest.raises(Conflict, match=image) as refused:
        world.post(world.alice, media_ids=[image])
    assert refused.value.path == ("mediaIds",)
    assert world.value("COUNT { (:Post) }") == 1


def test_a_repeated_post_shows_the_same_images(world: World) -> None:
    image, other = world.image(world.alice), world.image(world.alice)
    draft = NewPost.of(world.alice, "x", media_ids=[image])
    statement = create_post(world.alice, draft, "key")
    assert {world.run(statement), world.run(statement)} == {draft.id}
    again = NewPost.of(world.alice, "x", media_ids=[image])
    assert world.run(create_post(world.alice, again, "key")) == draft.id
    assert images_of(world, world.alice, draft.id) == [image]
    with pytest.raises(Conflict, match="idempotencyKey"):
        world.run(create_post(world.alice, NewPost.of(world.alice, "x", media_ids=[other]), "key"))


def test_a_statement_that_is_repeated_without_a_key_is_one_post(world: World) -> None:
    draft = NewPost.of(world.alice, "x", media_ids=[world.image(world.alice)])
    statement = create_post(world.alice, draft)
    assert {world.run(statement), world.run(statement)} == {draft.id}


def test_who_sees_the_post_sees_its_images(world: World) -> None:
    image = world.image(world.alice)
    assert found(world, world.alice, image)
    assert found(world, world.bob, image) is None
    world.post(world.alice, media_ids=[image])
    assert found(world, world.bob, image)
    world.cypher("MATCH (p:Post) SET p.visibility = 'FOLLOWERS'")
    assert found(world, world.bob, image) is None
    assert found(world, world.alice, image)


def test_images_go_with_their_post(world: World) -> None:
    image = world.image(world.alice)
    post = world.post(world.alice, media_ids=[image])
    world.run(delete_post(world.alice, post))
    assert found(world, world.alice, image) is None
    with pytest.raises(NotFound):
        world.post(world.alice, media_ids=[image])


def avatar_of(world: World, name: str = "alice") -> str | None:
    row = world.run(find_user(world.bob, getattr(world, name).user_id, pick("avatar")))
    assert row is not None
    return row["avatar"] and row["avatar"]["id"]


def test_an_avatar_is_set_changed_and_taken_off(world: World) -> None:
    first, second = world.image(world.alice), world.image(world.alice)
    assert avatar_of(world) is None
    for image in (first, first, second, second):
        world.run(update_profile(world.alice, _avatar(image)))
        assert avatar_of(world) == image
        assert found(world, world.bob, image)
    assert found(world, world.alice, first) is None
    for _ in range(2):
        world.run(update_profile(world.alice, _avatar(None)))
        assert avatar_of(world) is None
    assert found(world, world.alice, second) is None
    assert world.value("COUNT { ()-[:HAS_AVATAR]->() }") == 0


def test_an_avatar_is_ones_own_image_that_no_post_shows(world: World) -> None:
    kept, shown = world.image(world.alice), world.image(world.alice)
    world.run(update_profile(world.alice, _avatar(kept)))
    world.post(world.alice, media_ids=[shown])
    for refusal, image in (
        (NotFound, world.image(world.bob)),
        (NotFound, "m_none"),
        (NotFound, reserve(world).id),
        (Conflict, shown),
    ):
        with pytest.raises(refusal) as refused:
            world.run(update_profile(world.alice, _avatar(image)))
        assert refused.value.path == ("avatarId",)
        assert avatar_of(world) == kept
    with pytest.raises(Conflict, match=kept):
        world.post(world.alice, media_ids=[kept])


def test_an_avatar_is_seen_by_those_who_see_the_person(world: World) -> None:
    image = world.image(world.alice)
    world.run(update_profile(world.alice, _avatar(image)))
    world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=world.alice.user_id)
    assert found(world, world.bob, image) is None


def _avatar(image: str | None) -> dict[str, str | None]:
    return {"avatar_id": image}


def uploaded_event(world: World) -> str:
    world.cypher(
        "MATCH (e:Event {kind: 'MediaUploaded'}) "
        "CREATE (:Job {key: e.id + ':thumbnail', name: 'thumbnail', event_id: e.id, due_at: 1})"
    )
    (row,) = world.cypher("MATCH (e:Event {kind: 'MediaUploaded'}) RETURN e.id AS id")
    return str(row["id"])


def test_a_preview_is_noted_once(world: World) -> None:
    image = world.image(world.alice)
    event = uploaded_event(world)
    uploaded = world.run(find_uploaded(event))
    assert uploaded is not None
    assert (uploaded.id, uploaded.key) == (image, IMAGE["key"])

    assert world.run(note_preview(event, 5, "small", "blur"))
    assert not world.run(note_preview(event, 6, "other", "other"))

    assert world.run(find_uploaded(event)) is None
    row = found(world, world.alice, image)
    assert (row["thumbnail_key"], row["blurhash"]) == ("small", "blur")


def test_an_image_that_is_gone_gets_no_preview_and_its_job_ends(world: World) -> None:
    world.image(world.alice)
    event = uploaded_event(world)
    world.cypher("MATCH (m:Media) SET m.doomed_at = 1")
    assert world.run(find_uploaded(event)) is None
    assert world.run(note_preview(event, 5, "small", "blur"))
    assert world.value("COUNT { (:Media {thumbnail_key: 'small'}) }") == 0
    assert world.value("COUNT { (j:Job) WHERE j.done_at IS NULL }") == 0


def test_what_nothing_shows_is_taken_away_and_then_removed(world: World) -> None:
    loose, shown, avatar = (world.image(world.alice) for _ in range(3))
    world.post(world.alice, media_ids=[shown])
    world.run(update_profile(world.alice, _avatar(avatar)))
    reserve(world, key="never stored")
    later = 10**15

    assert world.run(doom_media(1, later, 10)) == 0
    assert world.run(doom_media(later, later, 1)) == 1
    assert world.run(doom_media(later, later, 10)) == 1
    assert world.run(doom_media(later, later, 10)) == 0

    assert found(world, world.alice, loose) is None
    with pytest.raises(NotFound):
        world.post(world.alice, media_ids=[loose])
    assert world.run(find_doomed_media(later, 10)) == {}
    doomed = world.run(find_doomed_media(later + 1, 10))
    assert {*doomed.values()} == {IMAGE["key"], "never stored"}
    assert len(world.run(find_doomed_media(later + 1, 1))) == 1
    assert world.run(forget_media([*doomed, shown, avatar])) == 2
    assert world.run(forget_media([*doomed])) == 0
    assert found(world, world.bob, shown)
    assert found(world, world.bob, avatar)
    assert world.value("COUNT { (:Media) }") == 2


def test_what_a_deleted_post_showed_is_removed(world: World) -> None:
    image = world.image(world.alice)
    world.run(delete_post(world.alice, world.post(world.alice, media_ids=[image])))
    assert [*world.run(find_doomed_media(10**15, 10))] == [image]

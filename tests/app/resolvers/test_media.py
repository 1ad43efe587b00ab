"""Uploading an image, and showing it."""

import asyncio

import httpx
import pytest

from adapters.settings import MediaSettings
from graph.runner import Graph
from tests.app.client import Client
from tests.app.upload import MEDIA, UPLOAD, refused, storage_away, upload
from tests.graph.world import run
from tests.images import opened, photograph, picture

CREATE = (
    "mutation ($input: CreatePostInput!) { createPost(input: $input) "
    "{ post { id media { ...M } } userErrors { code path message } } }" + MEDIA
)
PATH = ["input", "mediaIds"]
READ = "query ($id: ID!) { post(id: $id) { media { ...M } } }" + MEDIA


def post_input(*media_ids: str, **more: str) -> dict[str, object]:
    return {"text": "look", "mediaIds": [*media_ids], **more}


async def test_an_image_is_uploaded_and_described(alice: Client) -> None:
    media = await upload(alice, altText=" Red and blue. ")
    assert media["id"].startswith("m_")
    assert media["url"].startswith("/media/")
    assert (media["width"], media["height"], media["contentType"]) == (40, 30, "image/png")
    assert media["altText"] == "Red and blue."
    assert (media["thumbnailUrl"], media["blurhash"]) == (None, None)
    assert media["createdAt"].endswith("Z")


async def test_a_photograph_keeps_no_place_and_stands_upright(
    alice: Client, http: httpx.AsyncClient
) -> None:
    media = await upload(alice, photograph(orientation=6))
    content = (await http.get(media["url"])).content
    assert (media["width"], media["height"]) == opened(content).size == (30, 40)
    assert not opened(content).getexif()
    assert b"Secret" not in content


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "JPEG"),
        (picture()[:60], "broken"),
        (picture("PNG", (1001, 1000)), "1,000,000 pixels"),
    ],
)
async def test_what_is_no_image_is_an_error_of_the_user(
    alice: Client, sync_graph: Graph, content: bytes, told: str
) -> None:
    error = await refused(alice, content)
    assert (error["code"], error["path"]) == ("VALIDATION", ["file"])
    assert told in error["message"]
    assert run(sync_graph, "MATCH (m:Media) RETURN m") == []


async def test_a_long_description_is_an_error_of_the_user(alice: Client) -> None:
    error = await refused(alice, picture(), altText="x" * 1501)
    assert (error["code"], error["path"]) == ("VALIDATION", ["altText"])


async def test_a_repeated_upload_is_one_image(alice: Client, bob: Client) -> None:
    first = await upload(alice, key="key")
    assert await upload(alice, key="key") == first
    assert (await upload(bob, key="key"))["id"] != first["id"]
    error = await refused(alice, picture("GIF"), key="key")
    assert (error["code"], error["path"]) == ("CONFLICT", ["idempotencyKey"])


async def test_repetitions_at_once_are_one_image(alice: Client, http: httpx.AsyncClient) -> None:
    images = await asyncio.gather(*(upload(alice, key="key") for _ in range(8)))
    assert len({each["url"] for each in images}) == 1
    assert (await http.get(images[0]["url"])).status_code == 200


async def test_a_storage_that_fails_keeps_nothing_and_the_next_try_goes_on(
    alice: Client, http: httpx.AsyncClient, media_settings: MediaSettings
) -> None:
    await upload(alice)
    with storage_away(media_settings):
        code = await alice.code(UPLOAD, file=picture(), key="again")
    assert code == "SERVICE_UNAVAILABLE"
    media = await upload(alice, key="again")
    assert (await http.get(media["url"])).status_code == 200


async def test_a_post_shows_its_images_in_order(alice: Client, bob: Client) -> None:
    images = [await upload(alice, picture(size=(40, 30 + n))) for n in range(3)]
    wanted = [images[2], images[0], images[1]]
    given = post_input(*(each["id"] for each in wanted), idempotencyKey="key")
    post = (await alice.do(CREATE, input=given))["post"]
    assert post["media"] == wanted
    assert (await bob.data(READ, id=post["id"]))["post"]["media"] == wanted
    assert (await alice.do(CREATE, input=given))["post"] == post
    other = {**given, "mediaIds": [images[0]["id"]]}
    assert await alice.fail(CREATE, input=other) == ("CONFLICT", ["input", "idempotencyKey"])


async def test_what_may_not_be_shown_makes_no_post(alice: Client, bob: Client) -> None:
    mine, theirs = (await upload(alice))["id"], (await upload(bob))["id"]
    for given, code in (
        ([theirs], "NOT_FOUND"),
        ([mine, "m_none"], "NOT_FOUND"),
        ([mine, mine], "VALIDATION"),
        ([f"m_{n}" for n in range(11)], "VALIDATION"),
    ):
        assert await alice.fail(CREATE, input=post_input(*given)) == (code, PATH)
    await alice.do(CREATE, input=post_input(mine))
    assert await alice.fail(CREATE, input=post_input(mine)) == ("CONFLICT", PATH)


async def test_a_post_without_images_has_an_empty_list(alice: Client) -> None:
    assert (await alice.do(CREATE, input={"text": "x"}))["post"]["media"] == []
    given = {"text": "x", "mediaIds": None}
    assert (await alice.do(CREATE, input=given))["post"]["media"] == []

"""What people do all the while: one deed after another, and a look around in between."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from tests.faults.crowd import Crowd, Person

_REST_S: Final = 0.15
_LOOK_S: Final = 0.4
_MOST_POSTS: Final = 10
_CHANCE: Final = random.Random()  # noqa: S311 - chance, no secret
_COMMENT: Final = """
mutation ($id: ID!, $key: String!) {
  createComment(input: {postId: $id, text: "a comment", idempotencyKey: $key}) {
    comment { id } userErrors { message } } }"""
_DELETE: Final = """
mutation ($id: ID!) {{ {0}(id: $id) {{ userErrors {{ message }} }} }}"""
_EDIT: Final = """
mutation ($id: ID!, $text: String!) { updatePost(input: {id: $id, text: $text}) {
  post { text } userErrors { message } } }"""
_EDGE: Final = """
mutation ($id: ID!) {{ {0}({1}: $id) {{ userErrors {{ message }} }} }}"""
_UNDO: Final = {"like": "unlike", "share": "unshare", "follow": "unfollow", "block": "unblock"}
_ARGUMENT: Final = {"like": "subjectId", "share": "postId", "follow": "userId", "block": "userId"}
_FEED: Final = "{ feed(first: 20) { edges { node { id text } } } }"
_THREAD: Final = """
query ($id: ID!) { post(id: $id) { thread(limit: 50) { totalCount nodes { id } } } }"""
_READ_POST: Final = """
query ($id: ID!) { post(id: $id) { text author { username } stats { likes comments shares } } }"""


async def act(crowd: Crowd, stop: asyncio.Event) -> None:
    """Let everybody do and read one thing after another until told to stop."""

    async def busy(person: Person) -> None:
        while not stop.is_set():
            await _do_something(crowd, person)
            await asyncio.sleep(_REST_S)

    async def curious(person: Person) -> None:
        while not stop.is_set():
            await _read_something(crowd, person)
            await asyncio.sleep(_LOOK_S)

    await asyncio.gather(*(each(person) for person in crowd.people for each in (busy, curious)))


async def rehearse(crowd: Crowd) -> None:
    """Let somebody do each thing once, so that what people do next is not planned all at once."""
    person = crowd.people[0]
    for deed in (_post, _edit, _delete_post, _comment, _delete_comment):
        await deed(crowd, person)
    for kind in _UNDO:
        for _ in range(2):
            await _turn(crowd, person, kind)
    post_id = next(iter(crowd.posts))
    for document, variables in (
        (_FEED, {}),
        (_THREAD, {"id": post_id}),
        (_READ_POST, {"id": post_id}),
    ):
        await crowd.insist(document, person.token, **variables)


async def _read_something(crowd: Crowd, person: Person) -> None:
    post_id = _CHANCE.choice([*crowd.posts])
    document, variables = _CHANCE.choice(
        [(_FEED, {}), (_THREAD, {"id": post_id}), (_READ_POST, {"id": post_id})]
    )
    await crowd.read(document, person.token, **variables)


async def _do_something(crowd: Crowd, person: Person) -> None:
    kind = _CHANCE.choice([*_UNDO, "like", *_DEEDS, "comment"])
    if kind in _DEEDS:
        await _DEEDS[kind](crowd, person)
        return
    await _turn(crowd, person, kind)


async def _turn(crowd: Crowd, person: Person, kind: str) -> None:
    """Like, share, follow or block, or take it back."""
    others = [each.id for each in crowd.people if each is not person]
    targets = {"follow": others, "block": [crowd.bystander]}
    target = _CHANCE.choice(targets.get(kind, [*crowd.posts]))
    edge = (kind, target)
    verb = _UNDO[kind] if edge in person.edges else kind
    await crowd.insist(_EDGE.format(verb, _ARGUMENT[kind]), person.token, id=target)
    person.edges ^= {edge}


async def _comment(crowd: Crowd, person: Person) -> None:
    post = _CHANCE.choice([*crowd.posts])
    written = await crowd.insist(_COMMENT, person.token, id=post, key=crowd.key())
    person.comments[written["comment"]["id"]] = post


async def _delete_comment(crowd: Crowd, person: Person) -> None:
    if person.comments:
        comment = _CHANCE.choice([*person.comments])
        await crowd.insist(_DELETE.format("deleteComment"), person.token, id=comment)
        del person.comments[comment]


async def _post(crowd: Crowd, person: Person) -> None:
    if len(person.posts) < _MOST_POSTS:
        await crowd.write(person)
    else:
        await _delete_post(crowd, person)


async def _edit(crowd: Crowd, person: Person) -> None:
    post, text = _CHANCE.choice([*person.posts]), f"a post, edited: {crowd.key()}"
    await crowd.insist(_EDIT, person.token, id=post, text=text)
    person.posts[post] = text


async def _delete_post(crowd: Crowd, person: Person) -> None:
    """Delete a post that nobody else does anything with."""
    if own := [post for post in person.posts if post not in crowd.posts]:
        post = _CHANCE.choice(own)
        await crowd.insist(_DELETE.format("deletePost"), person.token, id=post)
        del person.posts[post]


_DEEDS: Final[Mapping[str, Callable[[Crowd, Person], Awaitable[None]]]] = {
    "comment": _comment,
    "delete_comment": _delete_comment,
    "post": _post,
    "edit": _edit,
    "delete_post": _delete_post,
}

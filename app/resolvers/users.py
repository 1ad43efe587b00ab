"""People and follows."""

from typing import Any

from ariadne import MutationType, ObjectType, QueryType

from app.context import Info
from app.payloads import Payload, payload
from app.read_back import ReadBack
from app.resolvers.rows import resolve_selected
from app.selection import select
from graph import follows, users
from graph.projection import Row

query = QueryType()
mutation = MutationType()
user = ObjectType("User")

for field in ("posts", "followers", "following"):
    user.set_field(field, resolve_selected)


@query.field("me")
async def resolve_me(_: Any, info: Info) -> Row | None:
    """Read the viewer."""
    viewer = info.context.viewer
    return await info.context.run(users.find_user(viewer, viewer.user_id, select(info)))


@query.field("user")
async def resolve_user(_: Any, info: Info, by: dict[str, str]) -> Row | None:
    """Read a person by id or username."""
    viewer, selection = info.context.viewer, select(info)
    if "id" in by:
        return await info.context.run(users.find_user(viewer, by["id"], selection))
    return await info.context.run(users.find_user_by_name(viewer, by["username"], selection))


def _reader(info: Info) -> ReadBack:
    return ReadBack.of(info, "user", "User", users.find_user)


@mutation.field("follow")
@payload
async def resolve_follow(_: Any, info: Info, user_id: str) -> Payload:
    """Follow a person."""
    reader, command = _reader(info), follows.follow(info.context.viewer, user_id)
    return {"user": await reader.read(await info.context.commit(command))}


@mutation.field("unfollow")
@payload
async def resolve_unfollow(_: Any, info: Info, user_id: str) -> Payload:
    """Stop following a person."""
    reader, command = _reader(info), follows.unfollow(info.context.viewer, user_id)
    return {"user": await reader.read(await info.context.commit(command))}


BINDABLES = [query, mutation, user]

"""People: reading them, and how one stands to them."""

from typing import Any

from ariadne import MutationType, ObjectType, QueryType

from app.context import Info
from app.payloads import Payload, payload
from app.read_back import ReadBack
from app.resolvers.rows import resolve_selected
from app.selection import select
from graph import blocks, follows, mutes, paths, profiles, suggestions, users
from graph.connections import node_selection
from graph.pages import PageRequest
from graph.projection import Row

query = QueryType()
mutation = MutationType()
user = ObjectType("User")
suggested_user = ObjectType("SuggestedUser")

for field in ("posts", "followers", "following", "mutuals"):
    user.set_field(field, resolve_selected)
suggested_user.set_field("mutuals", resolve_selected)


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


@query.field("blockedUsers")
async def resolve_blocked_users(_: Any, info: Info, first: int, after: str | None = None) -> Row:
    """Read a page of those whom the viewer blocks."""
    selection, page = node_selection(select(info), "User"), PageRequest(first, after)
    return await info.context.run(blocks.read_page(info.context.viewer, page, selection))


@query.field("mutedUsers")
async def resolve_muted_users(_: Any, info: Info, first: int, after: str | None = None) -> Row:
    """Read a page of those whom the viewer mutes."""
    selection, page = node_selection(select(info), "User"), PageRequest(first, after)
    return await info.context.run(mutes.read_page(info.context.viewer, page, selection))


@query.field("suggestedUsers")
async def resolve_suggested_users(_: Any, info: Info, first: int) -> list[Row]:
    """Read whom the viewer may want to follow."""
    return await info.context.run(
        suggestions.read_suggestions(info.context.viewer, first, select(info))
    )


@query.field("connectionPath")
async def resolve_connection_path(_: Any, info: Info, to: str) -> list[Row] | None:
    """Read how the viewer is connected to a person."""
    return await info.context.run(paths.find_path(info.context.viewer, to, select(info)))


def _reader(info: Info) -> ReadBack:
    return ReadBack.of(info, "user", "User", users.find_user)


@mutation.field("updateProfile")
@payload
async def resolve_update_profile(_: Any, info: Info, **arguments: Any) -> Payload:
    """Change the viewer's profile."""
    reader, viewer = _reader(info), info.context.viewer
    command = profiles.update_profile(viewer, arguments["input"])
    return {"user": await reader.read(await info.context.run(command))}


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


@mutation.field("block")
@payload
async def resolve_block(_: Any, info: Info, user_id: str) -> Payload:
    """Block a person."""
    reader, command = _reader(info), blocks.block(info.context.viewer, user_id)
    return {"user": await reader.read(await info.context.commit(command))}


@mutation.field("unblock")
@payload
async def resolve_unblock(_: Any, info: Info, user_id: str) -> Payload:
    """Take a block back."""
    reader, command = _reader(info), blocks.unblock(info.context.viewer, user_id)
    return {"user": await reader.read(await info.context.run(command))}


@mutation.field("mute")
@payload
async def resolve_mute(_: Any, info: Info, user_id: str) -> Payload:
    """Mute a person."""
    reader, command = _reader(info), mutes.mute(info.context.viewer, user_id)
    return {"user": await reader.read(await info.context.run(command))}


@mutation.field("unmute")
@payload
async def resolve_unmute(_: Any, info: Info, user_id: str) -> Payload:
    """Take a mute back."""
    reader, command = _reader(info), mutes.unmute(info.context.viewer, user_id)
    return {"user": await reader.read(await info.context.run(command))}


BINDABLES = [query, mutation, user, suggested_user]

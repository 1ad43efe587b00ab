"""Accounts: sign up, log in, go on, roles."""

from dataclasses import replace
from typing import Any

from ariadne import MutationType

from app.context import Info
from app.log_in import LogIn
from app.payloads import Payload, payload
from app.read_back import ReadBack
from graph import roles, users
from graph.viewer import Role

mutation = MutationType()


def _reader(info: Info) -> ReadBack:
    return ReadBack.of(info, "user", "User", users.find_user)


async def _auth_payload(reader: ReadBack, log_in: LogIn) -> Payload:
    return {
        "access_token": log_in.access_token,
        "refresh_token": log_in.refresh_token,
        "expires_at": log_in.expires_at,
        "user": await reader.read(log_in.viewer.user_id, log_in.viewer),
    }


@mutation.field("signUp")
@payload
async def resolve_sign_up(_: Any, info: Info, **arguments: Any) -> Payload:
    """Make an account."""
    reader, entered = _reader(info), arguments["input"]
    log_in = await info.context.services.accounts.sign_up(
        entered["username"], entered["email"], entered["password"], entered.get("display_name")
    )
    return await _auth_payload(reader, log_in)


@mutation.field("logIn")
@payload
async def resolve_log_in(_: Any, info: Info, **arguments: Any) -> Payload:
    """Begin a session."""
    reader, entered = _reader(info), arguments["input"]
    log_in = await info.context.services.accounts.log_in(entered["username"], entered["password"])
    return await _auth_payload(reader, log_in)


@mutation.field("refreshToken")
@payload
async def resolve_refresh_token(_: Any, info: Info, refresh_token: str) -> Payload:
    """Go on with a session."""
    reader = _reader(info)
    return await _auth_payload(reader, await info.context.services.accounts.refresh(refresh_token))


@mutation.field("setRole")
@payload
async def resolve_set_role(_: Any, info: Info, user_id: str, role: str) -> Payload:
    """Give a user a role."""
    reader, viewer, given = _reader(info), info.context.viewer, Role[role]
    await info.context.run(roles.set_role(viewer, user_id, given))
    # Who gave up a role of their own reads the answer with the new one.
    known = replace(viewer, role=given) if user_id == viewer.user_id else viewer
    return {"user": await reader.read(user_id, known)}


BINDABLES = [mutation]

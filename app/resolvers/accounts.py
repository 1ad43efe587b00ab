"""Accounts: sign up, log in, go on, roles."""

from typing import Any

from ariadne import MutationType

from app.context import Info
from app.log_in import LogIn
from app.payloads import Payload, payload
from app.selection import select_child
from graph import users
from graph.viewer import Role

mutation = MutationType()


async def _auth_payload(info: Info, log_in: LogIn) -> Payload:
    selection = select_child(info, "user", "User")
    return {
        "access_token": log_in.access_token,
        "refresh_token": log_in.refresh_token,
        "expires_at": log_in.expires_at,
        "user": await info.context.run(
            users.find_user(log_in.viewer, log_in.viewer.user_id, selection)
        ),
    }


@mutation.field("signUp")
@payload
async def resolve_sign_up(_: Any, info: Info, **arguments: Any) -> Payload:
    """Make an account."""
    entered = arguments["input"]
    log_in = await info.context.services.accounts.sign_up(
        entered["username"], entered["email"], entered["password"], entered.get("display_name")
    )
    return await _auth_payload(info, log_in)


@mutation.field("logIn")
@payload
async def resolve_log_in(_: Any, info: Info, **arguments: Any) -> Payload:
    """Begin a session."""
    entered = arguments["input"]
    accounts = info.context.services.accounts
    return await _auth_payload(
        info, await accounts.log_in(entered["username"], entered["password"])
    )


@mutation.field("refreshToken")
@payload
async def resolve_refresh_token(_: Any, info: Info, refresh_token: str) -> Payload:
    """Go on with a session."""
    return await _auth_payload(info, await info.context.services.accounts.refresh(refresh_token))


@mutation.field("setRole")
@payload
async def resolve_set_role(_: Any, info: Info, user_id: str, role: str) -> Payload:
    """Give a user a role."""
    viewer = info.context.viewer
    await info.context.run(users.set_role(viewer, user_id, Role[role]))
    selection = select_child(info, "user", "User")
    return {"user": await info.context.run(users.find_user(viewer, user_id, selection))}


BINDABLES = [mutation]

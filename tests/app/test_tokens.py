import base64
from typing import Any

import jwt
import pytest

from app.errors import Unauthenticated
from app.tokens import Tokens
from graph.errors import InvalidCredentials
from graph.viewer import Role, Viewer

pytestmark = pytest.mark.unit

SECRET = "one-secret-that-has-thirty-two-bytes"
VIEWER = Viewer("u_1", "s_1", Role.MODERATOR)
TOKENS = Tokens(SECRET, 900, 86_400)


def test_a_token_tells_who_brings_it_and_until_when() -> None:
    access = TOKENS.read_access(TOKENS.access(VIEWER))
    assert access.viewer == VIEWER
    claims = jwt.decode(TOKENS.access(VIEWER), SECRET, algorithms=["HS256"], issuer="nexus")
    assert claims["exp"] - claims["iat"] == 900


def test_a_refresh_token_tells_session_and_use() -> None:
    assert TOKENS.read_refresh(TOKENS.refresh(VIEWER, "t_1")) == ("s_1", "t_1")


def test_two_tokens_are_never_the_same() -> None:
    assert TOKENS.access(VIEWER) != TOKENS.access(VIEWER)


def _signed(key: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    claims = jwt.decode(TOKENS.access(VIEWER), SECRET, algorithms=["HS256"], issuer="nexus")
    changed = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(changed, key, algorithm=algorithm)


def _of_no_algorithm() -> str:
    return _signed("", "none")


def _tampered() -> str:
    head, body, signature = TOKENS.access(VIEWER).split(".")
    claims = base64.urlsafe_b64decode(body + "==").replace(b"MODERATOR", b"ADMIN")
    return ".".join([head, base64.urlsafe_b64encode(claims).rstrip(b"=").decode(), signature])


FORGED = {
    "another key": _signed("another-secret-that-has-thirty-two"),
    "no algorithm": _of_no_algorithm(),
    "another algorithm": _signed(SECRET * 2, "HS512"),
    "changed claims": _tampered(),
    "a role that is none": _signed(role="OWNER"),
    "no role": _signed(role=None),
    "no session": _signed(sid=None),
    "no end": _signed(exp=None),
    "another issuer": _signed(iss="elsewhere"),
    "a person that is no string": _signed(sub=5),
    "made in the future": _signed(iat=99_999_999_999),
    "a refresh token": TOKENS.refresh(VIEWER, "t_1"),
    "no token": "x",
    "nothing": "",
    "letters of elsewhere": "é.ü.☃",
    "a head without end": base64.urlsafe_b64encode(b"[" * 60_000).decode() + ".e30.x",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
def test_a_forged_token_opens_nothing(token: str) -> None:
    with pytest.raises(Unauthenticated, match="not valid"):
        TOKENS.read_access(token)


def test_an_expired_token_says_how_to_go_on() -> None:
    with pytest.raises(Unauthenticated, match=r"expired.*refreshToken"):
        TOKENS.read_access(_signed(exp=1))


@pytest.mark.parametrize("token", [*FORGED.values(), TOKENS.access(VIEWER), _signed(exp=1)])
def test_only_a_live_refresh_token_renews(token: str) -> None:
    if token == FORGED["a refresh token"]:
        token = TOKENS.access(VIEWER)
    with pytest.raises(InvalidCredentials):
        TOKENS.read_refresh(token)

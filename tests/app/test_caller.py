import pytest

from app.caller import find_caller
from app.errors import Unauthenticated
from app.tokens import Tokens
from graph.viewer import Viewer

pytestmark = pytest.mark.unit

TOKENS = Tokens("one-secret-that-has-thirty-two-bytes", 900, 900)
VIEWER = Viewer("u_1", "s_1")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_bearer_token_tells_who_asks(scheme: str) -> None:
    assert find_caller(f"{scheme} {TOKENS.access(VIEWER)}", TOKENS) == VIEWER


@pytest.mark.parametrize("header", [None, ""])
def test_nobody_asks_without_a_token(header: str | None) -> None:
    assert find_caller(header, TOKENS) is None


@pytest.mark.parametrize("header", ["Basic x", "Bearer", "Bearer ", "x", "Bearer x y"])
def test_what_is_wrong_is_told_when_somebody_needs_to_know(header: str) -> None:
    assert isinstance(find_caller(header, TOKENS), Unauthenticated)

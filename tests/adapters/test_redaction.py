"""Errors are told without secrets."""

import pytest

from adapters.redaction import redact

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("amqp://user:pencil@host//", "amqp://[hidden]@host//"),
        ("redis://:pencil@host:1/0 is away", "redis://[hidden]@host:1/0 is away"),
        ("Authorization: Bearer pen.cil", "Authorization: Bearer [hidden]"),
        ("password=pencil, user=bob", "password=[hidden] user=bob"),
        ("no 'api_key': 'pencil'", "no 'api_key': [hidden]"),
        ('{"password": "pencil case", "n": 1}', '{"password": [hidden], "n": 1}'),
        (r'b"{\"new_password\": \"pencil case\"}"', r'b"{\"new_password\": [hidden]}"'),
        ('{"token": "pencil case and no e', '{"token": [hidden]'),
        ("the key whsec_pen/cil+= is", "the key [hidden] is"),
        ("of eyJhbGciOiJI.eyJzdWIiOiJ1.pencil-_ it", "of [hidden] it"),
        ("hash $argon2id$v=19$m=65536,t=3,p=4$pen$cil.", "hash [hidden]"),
        ("the eraser did not do", "the [hidden] did not do"),
        ("https://host/path: 500", "https://host/path: 500"),
    ],
)
def test_what_looks_like_a_secret_or_is_one_is_hidden(text: str, told: str) -> None:
    assert redact(text, ["eraser"]) == told
    assert redact(told, ["eraser"]) == told


def test_a_long_error_is_cut() -> None:
    assert redact("x" * 1000) == "x" * 500

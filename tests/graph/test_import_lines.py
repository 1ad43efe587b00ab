"""A line is read whole, or broken for a reason that names the field."""

import json
from typing import Any

import pytest

from graph.importer.lines import BrokenLine, CommentLine, PostLine, parse_line

pytestmark = pytest.mark.unit

USER = {"kind": "user", "id": 1, "username": "ana", "display_name": "Ana", "created_at_ms": 1}
POST = {"kind": "post", "id": 1, "author": 1, "text": "hello", "created_at_ms": 1}
COMMENT = {**POST, "kind": "comment", "post": 2, "parent": 3}
FOLLOW = {"kind": "follow", "src": 1, "dst": 2, "at_ms": 1}


def reason(line: bytes | dict[str, Any]) -> str:
    with pytest.raises(BrokenLine) as broken:
        parse_line(line if isinstance(line, bytes) else json.dumps(line).encode())
    return str(broken.value)


def without(line: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != name}


def test_a_line_names_the_things_it_is_about() -> None:
    line = parse_line(json.dumps(COMMENT).encode())

    assert isinstance(line, CommentLine)
    assert (line.users(), line.messages()) == ([1], [1, 2, 3])


def test_optional_fields_have_defaults_and_unknown_ones_are_passed_over() -> None:
    line = parse_line(json.dumps({**POST, "text": " hello ", "language": "en"}).encode())

    assert isinstance(line, PostLine)
    assert (line.text, line.visibility, line.tags) == ("hello", "PUBLIC", [])


@pytest.mark.parametrize("line", [b"{}", b'{"kind":"group"}', b'{"kind":7}'])
def test_a_kind_that_nobody_knows(line: bytes) -> None:
    assert reason(line) == "`kind` should be user, follow, post, comment, like or share"


@pytest.mark.parametrize(
    "line", [b'{"kind"', b"\xff\xfe", b'{"kind":"user","id":1,"bio":"\\ud800"}']
)
def test_bad_json(line: bytes) -> None:
    assert reason(line).startswith("Invalid JSON: ")


def test_json_that_is_no_object() -> None:
    assert reason(b"[1, 2]") == "Input should be an object"


@pytest.mark.parametrize("name", ["id", "username", "display_name", "created_at_ms"])
def test_a_missing_field(name: str) -> None:
    assert reason(without(USER, name)) == f"`{name}`: Field required"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({**USER, "id": "1"}, "`id`: Input should be a valid integer"),
        ({**USER, "id": True}, "`id`: Input should be a valid integer"),
        ({**USER, "id": -1}, "`id`: Input should be greater than or equal to 0"),
        ({**USER, "display_name": 5}, "`display_name`: Input should be a valid string"),
        ({**FOLLOW, "at_ms": 1.5}, "`at_ms`: Input should be a valid integer"),
        ({**FOLLOW, "at_ms": -1}, "`at_ms`: Input should be greater than or equal to 0"),
        ({**POST, "tags": "one"}, "`tags`: Input should be a valid array"),
        ({**POST, "tags": ["one", 2]}, "`tags.1`: Input should be a valid string"),
        ({**POST, "visibility": "NONE"}, "`visibility`: Input should be 'PUBLIC' or 'FOLLOWERS'"),
    ],
)
def test_a_value_of_the_wrong_type_or_range(line: dict[str, Any], expected: str) -> None:
    assert reason(line) == expected


@pytest.mark.parametrize("username", ["ab", "a" * 31, "Ana", "an-a", "ana\n", ""])
def test_a_username_that_breaks_its_rule(username: str) -> None:
    assert reason({**USER, "username": username}) == (
        "`username`: String should match pattern '^[a-z0-9_]{3,30}$'"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({**POST, "text": " \n"}, "`text` has 0 characters; write 1 to 5000."),
        ({**COMMENT, "text": "x" * 5_001}, "`text` has 5001 characters; write 1 to 5000."),
        ({**POST, "tags": [""]}, "`tags` has 0 characters; write 1 to 100."),
        ({**USER, "display_name": ""}, "`display_name` has 0 characters; write 1 to 64."),
        (
            {**USER, "bio": "\x00"},
            "`bio` holds a NUL or half a surrogate pair; send well-formed text.",
        ),
    ],
)
def test_a_text_that_no_command_would_take(line: dict[str, Any], expected: str) -> None:
    assert reason(line) == expected


def test_every_broken_field_of_a_line_is_told() -> None:
    assert reason({**FOLLOW, "src": None, "dst": "2"}) == (
        "`src`: Input should be a valid integer; `dst`: Input should be a valid integer"
    )

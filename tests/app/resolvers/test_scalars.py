import pytest
from graphql import GraphQLError

from app.resolvers.scalars import parse_date_time, resolve_type, serialize_date_time

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1_769_860_800_999, "2026-01-31T12:00:00.999Z"),
        (253_370_764_800_000, "9999-01-01T00:00:00.000Z"),
    ],
)
def test_an_instant_goes_out_and_comes_back(at_ms: int, text: str) -> None:
    assert serialize_date_time(at_ms) == text
    assert parse_date_time(text) == at_ms


@pytest.mark.parametrize(
    "text", ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", "2026-01-31T07:00:00.000-05:00"]
)
def test_an_offset_says_which_instant_it_is(text: str) -> None:
    assert serialize_date_time(parse_date_time(text)) == "2026-01-31T12:00:00.000Z"


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-31T12:00:00",
        "2026-01-31",
        "yesterday",
        "",
        5,
        1.5,
        True,
        None,
        {},
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_what_is_no_instant_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="instant"):
        parse_date_time(value)


@pytest.mark.parametrize(("id_", "name"), [("p_1", "Post"), ("c_1", "Comment"), ("u_1", "User")])
def test_an_id_tells_its_type(id_: str, name: str) -> None:
    assert resolve_type({"id": id_}) == name

"""Accounts have a name and an address of their own, and are found by either form of the name."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.errors import Conflict, GraphError, InvalidInput, NotFound
from graph.ids import Prefix
from graph.roles import set_role
from graph.runner import Graph
from graph.sessions import NewSession
from graph.users import (
    NewUser,
    check_email,
    check_username,
    find_credentials,
    find_user,
    find_user_by_name,
    sign_up,
)
from graph.viewer import Role, Viewer
from tests.graph.people import LIFETIME_S, World, new_world, pick


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _sign_up(world: World, name: str, email: str) -> Viewer:
    user = NewUser.of(name, email, "  Eve é😀 ", "hash")
    session = NewSession.of(user.id, LIFETIME_S)
    for _ in range(2):
        world.run(sign_up(user, session))
    return Viewer(user.id, session.id)


def test_who_signed_up_can_act_at_once(world: World) -> None:
    eve = _sign_up(world, " EVE_1 ", " Eve@Example.ORG ")

    assert eve.user_id.startswith(Prefix.USER)
    row = world.run(find_user(eve, eve.user_id, pick("id")))
    assert row is not None
    assert (row["username"], row["display_name"], row["role"]) == ("eve_1", "Eve é😀", "USER")
    assert world.value("COUNT { (:User) }") == world.value("COUNT { (:Session) }") == 5


def test_secrets_are_not_read_with_a_user(world: World) -> None:
    row = world.run(find_user(world.bob, world.alice.user_id, pick("email", "password_hash")))
    assert row is not None
    assert set(row) == {"id", "username", "display_name", "bio", "role", "created_at"}


@pytest.mark.parametrize(
    ("name", "email", "path"),
    [("Alice", "new@example.org", ("username",)), ("new", "ALICE@example.org", ("email",))],
)
def test_a_name_and_an_address_belong_to_one(
    world: World, name: str, email: str, path: tuple[str, ...]
) -> None:
    with pytest.raises(Conflict) as caught:
        _sign_up(world, name, email)
    assert caught.value.path == path
    assert world.value("COUNT { (:User) }") == world.value("COUNT { (:Session) }") == 4


def test_of_many_who_want_a_name_at_once_one_gets_it(world: World) -> None:
    def attempt(n: int) -> Viewer | GraphError:
        try:
            return _sign_up(world, "eve", f"eve{n}@example.org")
        except GraphError as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(8)))

    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 7 + ["Viewer"]
    assert world.value("COUNT { (:User) }") == world.value("COUNT { (:Session) }") == 5


def test_a_user_is_found_by_any_form_of_the_name(world: World) -> None:
    for name in ("alice", " ALICE ", "Alice"):
        row = world.run(find_user_by_name(world.bob, name, pick("id")))
        assert row is not None
        assert row["id"] == world.alice.user_id
        credentials = world.run(find_credentials(name))
        assert credentials is not None
        assert (credentials.user_id, credentials.role) == (world.alice.user_id, Role.USER)
        assert credentials.password_hash == "hash"


@pytest.mark.parametrize("bad", ["", "nobody", "u_1", "\x00", "x" * 9_000, "alice' OR 1=1"])
def test_who_is_not_there_is_not_found(world: World, bad: str) -> None:
    assert world.run(find_user(world.bob, bad, pick("id"))) is None
    assert world.run(find_user_by_name(world.bob, bad, pick("id"))) is None
    assert world.run(find_credentials(bad)) is None
    with pytest.raises(NotFound):
        world.run(set_role(world.bob, bad, Role.USER))


def test_a_suspended_user_is_not_found_and_cannot_log_in(world: World) -> None:
    world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=world.alice.user_id)

    assert world.run(find_user(world.bob, world.alice.user_id, pick("id"))) is None
    assert world.run(find_user_by_name(world.bob, "alice", pick("id"))) is None
    assert world.run(find_credentials("alice")) is None


@pytest.mark.unit
@pytest.mark.parametrize("name", ["abc", "A_1", " x_y ", "a" * 30, "\u212aelvin"])
def test_usernames_are_folded(name: str) -> None:
    assert check_username(name) == name.strip().lower()


@pytest.mark.unit
@pytest.mark.parametrize(
    "name",
    ["", "ab", "a" * 31, "a b", "é__", "a\x00bc", "a\nbc", "abc\n.", "\ud800abc", "\u0430lice"],
)
def test_other_usernames_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="3 to 30") as caught:
        check_username(name)
    assert caught.value.path == ("username",)


@pytest.mark.unit
@pytest.mark.parametrize("email", ["a@b.cc", " A@B.CC", "é@münchen.de", "a+b@c.d.ee"])
def test_addresses_are_folded(email: str) -> None:
    assert check_email(email) == email.strip().lower()


@pytest.mark.unit
def test_an_address_is_one_whatever_its_accents_are_made_of() -> None:
    assert check_email("e\u0301@x.yy") == check_email("\u00e9@x.yy")


@pytest.mark.unit
@pytest.mark.parametrize(
    "email",
    [
        "",
        "a",
        "a@b",
        "@b.cc",
        "a@b.c",
        "a b@c.dd",
        "a@b@c.dd",
        "a\x00@b.cc",
        "\ud800@b.cc",
        "a\u200b@b.cc",
        "a" * 65 + "@b.cc",
        "a@" + "b" * 260 + ".cc",
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidInput, match="no e-mail address") as caught:
        check_email(email)
    assert caught.value.path == ("email",)


@pytest.mark.unit
def test_names_to_show_are_texts() -> None:
    assert NewUser.of("eve", "eve@example.org", None).display_name == "eve"
    for bad in ("", " ", "x" * 65, "\x00"):
        with pytest.raises(InvalidInput) as caught:
            NewUser.of("eve", "eve@example.org", bad)
        assert caught.value.path == ("displayName",)

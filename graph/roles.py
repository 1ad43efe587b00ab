"""Roles: how the first admin comes about."""

from collections.abc import Sequence

from graph.errors import NotFound
from graph.statement import Access, Record, Statement
from graph.viewer import Role


def appoint(username: str, role: Role) -> Statement[None]:
    """Give a user a role; tokens that claim another one no longer open anything.

    Raises:
        NotFound: On decoding: nobody has this username.
    """

    def decode(records: Sequence[Record]) -> None:
        if not records:
            raise NotFound(f"There is no user {username!r}.", ("username",))

    text = "MATCH (user:User {username: $username}) SET user.role = $role RETURN user.id AS id"
    return Statement(text, {"username": username, "role": role.name}, decode, Access.WRITE)

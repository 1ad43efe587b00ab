"""Accounts as moderators list them: by username, suspended ones too."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, LiteralString

from graph import moderated, reads
from graph.connections import Order
from graph.pages import PageRequest
from graph.projection import Row
from graph.statement import Statement
from graph.viewer import Role, Viewer

_BEHIND_ALL_NAMES: Final = "~"
"""Sorts behind whatever a username is made of."""


class AccountStatus(StrEnum):
    """Whether an account may act."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts are listed: all where nothing is said.

    Args:
        query: What their usernames begin with; upper and lower case are alike.
    """

    query: str | None = None
    role: Role | None = None
    status: AccountStatus | None = None

    def order(self) -> Order:
        """Give the order that reads the fewest accounts: the suspended, one role, or all."""
        if self.status is AccountStatus.SUSPENDED:
            return _SUSPENDED
        return _ALL if self.role is None else _OF_A_ROLE

    def parameters(self) -> dict[str, Any]:
        """Give the `$filter` of the orders' clauses."""
        prefix = (self.query or "").strip().lower()
        return {
            "from": prefix,
            "to": prefix + _BEHIND_ALL_NAMES,
            "role": self.role.name if self.role else None,
            "is_active": self.status is AccountStatus.ACTIVE,
        }


def _range(name: LiteralString, path: LiteralString) -> LiteralString:
    return f"{name} > {path}.username AND {name} >= $filter.from AND {name} < $filter.to"


def _active(user: LiteralString) -> LiteralString:
    return f"NOT ($filter.is_active AND {user}.suspended_at IS NOT NULL)"


def _all(_: LiteralString, user: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ({user}:User) WHERE {_range(f'{user}.username', path)} AND {_active(user)} "
        f"WITH {user}, [{user}.username] AS {user}_at "
        f"ORDER BY {user}.username LIMIT {path}.limit"
    )


def _of_a_role(_: LiteralString, user: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ({user}:User) USING INDEX {user}:User(role, username) "
        f"WHERE {user}.role = $filter.role AND {_range(f'{user}.username', path)} "
        f"AND {_active(user)} WITH {user}, [{user}.username] AS {user}_at "
        f"ORDER BY {user}.role, {user}.username LIMIT {path}.limit"
    )


def _suspended(_: LiteralString, user: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ({user}:User) WHERE {_range(f'{user}.suspended_name', path)} "
        f"AND ($filter.role IS NULL OR {user}.role = $filter.role) "
        f"WITH {user}, [{user}.suspended_name] AS {user}_at "
        f"ORDER BY {user}.suspended_name LIMIT {path}.limit"
    )


_START: Final = {"username": ""}
_ALL: Final = Order("accounts", _START, _all)
_OF_A_ROLE: Final = Order("accounts", _START, _of_a_role)
_SUSPENDED: Final = Order("accounts", _START, _suspended)


def read_page(viewer: Viewer, page: PageRequest, listed: AccountFilter) -> Statement[Row]:
    """Read accounts by username; cursors hold whatever the filter.

    Cost: one index range. Of the suspended it holds all roles, and of a role the suspended, too.
    """
    accounts = moderated.account("user", "$s")
    parameters = {"filter": listed.parameters()}
    return reads.read_page(viewer, listed.order(), page, accounts, parameters=parameters)

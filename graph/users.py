"""People: reading one, signing up, roles."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, LiteralString

from graph import ids, projections, reads
from graph.errors import Conflict, InvalidInput
from graph.ids import Prefix
from graph.projection import Row
from graph.selection import Selection
from graph.sessions import NewSession
from graph.statement import Access, Record, Statement
from graph.text import check_text
from graph.viewer import Role, Viewer
from graph.visibility import visible_profile
from graph.words import searchable

USERNAME: Final = re.compile(r"[a-z0-9_]{3,30}")
LONGEST_NAME: Final = 64
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
_LONGEST_EMAIL: Final = 254


def check_username(username: str) -> str:
    """Give a username in the form in which it is kept: lower case.

    Raises:
        InvalidInput: It has other characters than `a-z 0-9 _`, or not 3 to 30 of them.
    """
    folded = username.strip().lower()
    if not USERNAME.fullmatch(folded):
        raise InvalidInput(
            f"`username` is {username!r}; take 3 to 30 of the characters a-z, 0-9 and _.",
            ("username",),
        )
    return folded


def check_email(email: str) -> str:
    """Give an e-mail address in the form in which it is kept: lower case.

    Raises:
        InvalidInput: It is none.
    """
    folded = unicodedata.normalize("NFC", email.strip().lower())
    if len(folded) > _LONGEST_EMAIL or not _EMAIL.fullmatch(folded) or not folded.isprintable():
        raise InvalidInput(f"`email` is {email!r}, which is no e-mail address.", ("email",))
    return folded


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account to be made; its id and instant are made here, before any transaction.

    Args:
        password_hash: As the password hasher gives it; never a password.
    """

    id: str
    username: str
    email: str
    display_name: str
    password_hash: str
    created_at: int

    @classmethod
    def of(
        cls, username: str, email: str, display_name: str | None, password_hash: str = ""
    ) -> "NewUser":
        """Make an account of what somebody entered.

        Raises:
            InvalidInput: A value breaks a rule.
        """
        name = check_username(username)
        shown = name if display_name is None else display_name
        return cls(
            ids.new_id(Prefix.USER),
            name,
            check_email(email),
            check_text(shown, "displayName", LONGEST_NAME),
            password_hash,
            ids.now_ms(),
        )

    def with_password_hash(self, password_hash: str) -> "NewUser":
        """Give the same account with the hash of its password, which takes a while to make."""
        return replace(self, password_hash=password_hash)

    def properties(self) -> dict[str, Any]:
        """Give the properties of the user's node."""
        return {
            "id": self.id,
            "username": self.username,
            "email": self.email,
            "display_name": self.display_name,
            "words": searchable(self.username, self.display_name),
            "role": Role.USER.name,
            "password_hash": self.password_hash,
            "created_at": self.created_at,
        }


_SIGN_UP: LiteralString = """\
OPTIONAL MATCH (same_name:User {username: $user.username})
OPTIONAL MATCH (same_email:User {email: $user.email})
CALL (same_name, same_email) {
  WITH * WHERE same_name IS NULL AND same_email IS NULL
  CREATE (user:User)<-[:SESSION_OF]-(session:Session)
  SET user = $user, session = $session
  RETURN count(*) AS created
}
RETURN same_name.id AS same_name, same_email.id AS same_email
"""


def sign_up(user: NewUser, session: NewSession) -> Statement[None]:
    """Create an account together with its first session.

    Raises:
        Conflict: On decoding: the username or the address belongs to somebody.
    """

    def decode(records: Sequence[Record]) -> None:
        found = records[0]
        if found["same_name"] not in (None, user.id):
            message = f"The username {user.username!r} is taken; choose another."
            raise Conflict(message, ("username",))
        if found["same_email"] not in (None, user.id):
            message = f"There is an account with {user.email!r}; log in instead."
            raise Conflict(message, ("email",))

    parameters = {"user": user.properties(), "session": session.properties()}
    return Statement(_SIGN_UP, parameters, decode, Access.WRITE)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a log-in is checked against."""

    user_id: str
    role: Role
    password_hash: str | None


def find_credentials(username: str) -> Statement[Credentials | None]:
    """Read what the log-in of a user who may act is checked against."""

    def decode(records: Sequence[Record]) -> Credentials | None:
        for record in records:
            return Credentials(record["id"], Role[record["role"]], record["password_hash"])
        return None

    return Statement(
        "MATCH (user:User {username: $username}) WHERE user.suspended_at IS NULL\n"
        "RETURN user.id AS id, user.role AS role, user.password_hash AS password_hash",
        {"username": username.strip().lower()},
        decode,
    )


def find_user(viewer: Viewer, user_id: str, selection: Selection) -> Statement[Row | None]:
    """Read a user by id.

    Cost: one index seek, and what the selection asks for.
    """
    match: LiteralString = f"MATCH (user:User {{id: $id}}) WHERE {visible_profile('user')}"
    projection = projections.user(selection, "user", "$s")
    return reads.find_one(viewer, match, projection, {"id": user_id})


def find_user_by_name(viewer: Viewer, username: str, selection: Selection) -> Statement[Row | None]:
    """Read a user by username.

    Cost: one index seek, and what the selection asks for.
    """
    match: LiteralString = (
        f"MATCH (user:User {{username: $username}}) WHERE {visible_profile('user')}"
    )
    projection = projections.user(selection, "user", "$s")
    return reads.find_one(viewer, match, projection, {"username": username.strip().lower()})

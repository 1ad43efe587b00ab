"""What a resolver may use: who asks, and the services of this process."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

from graphql import GraphQLResolveInfo

from adapters.sealing import Seal
from app.errors import LacksRole, Unauthenticated
from app.log_in import Accounts
from app.realtime.patience import PatientRunner
from app.realtime.stats_board import StatsBoard
from app.realtime.streams import Streams
from app.uploads import Uploads
from graph.engagement import Weights
from graph.runner import AsyncGraph
from graph.statement import Statement
from graph.viewer import Role, Viewer

T = TypeVar("T")


class Bell(Protocol):
    """Wakes the relay."""

    def ring(self) -> None:
        """Tell that an event was committed; returns at once."""


@dataclass(frozen=True, slots=True)
class Services:
    """What all requests of a process share."""

    graph: AsyncGraph
    accounts: Accounts
    streams: Streams
    stats_board: StatsBoard
    patient: PatientRunner
    bell: Bell
    weights: Weights
    uploads: Uploads
    media_base_url: str
    hears_redis: Callable[[], bool]
    webhook_seal: Seal | None = None
    allows_plain_webhooks: bool = False


@dataclass(frozen=True)
class RequestContext:
    """One operation's context.

    All its statements have one deadline, which runs from the first of them: while Neo4j is away,
    nobody waits for one field after the other.

    Args:
        services: What all requests share.
        caller: Who asks; or why the token was refused; or None when there was none.
    """

    services: Services
    caller: Viewer | Unauthenticated | None

    @property
    def viewer(self) -> Viewer:
        """Who asks.

        Raises:
            Unauthenticated: Nobody is logged in.
        """
        if isinstance(self.caller, Viewer):
            return self.caller
        raise self.caller or Unauthenticated("Log in, and send `Authorization: Bearer <token>`.")

    def check_role(self, role: Role) -> None:
        """Refuse a viewer without a role.

        Raises:
            Unauthenticated: Nobody is logged in.
            LacksRole: The role is too low.
        """
        if self.viewer.role < role:
            raise LacksRole(f"This needs the role {role.name}; yours is {self.viewer.role.name}.")

    @cached_property
    def _deadline(self) -> float:
        return self.services.graph.deadline()

    async def run(self, statement: Statement[T]) -> T:
        """Run a statement that reads, or that makes no event."""
        return await self.services.graph.run(statement, self._deadline)

    def renew_deadline(self) -> None:
        """Begin the deadline anew, after work that was not Neo4j's."""
        vars(self).pop("_deadline", None)

    async def run_patiently(self, statement: Statement[T]) -> T:
        """Run a statement for somebody who waits anyway: as long as Neo4j is away, too."""
        return await self.services.patient.run(statement)

    async def commit(self, statement: Statement[T]) -> T:
        """Run a command, and wake the relay for the event that was committed with it."""
        answer = await self.run(statement)
        self.services.bell.ring()
        return answer


Info = GraphQLResolveInfo[RequestContext]

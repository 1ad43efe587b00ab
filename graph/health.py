"""How Nexus is: who relays, what waits and for how long, which workers were seen, what drifted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, LiteralString

from graph.deliveries import RECEIVERS_ERRORS, WEBHOOK
from graph.projection import Row
from graph.statement import Access, Record, Statement
from graph.viewer import Viewer, viewer_read

HEARTBEAT: Final = "heartbeat"
"""Name of the task by which every worker shows that it works."""
HEARTBEAT_EVERY_S: Final = 15
_SILENT_MS: Final = 4 * HEARTBEAT_EVERY_S * 1000
"""After how long without a heartbeat a worker does nothing: three may get lost."""
_LATE_MS: Final = 60_000
_REMEMBERED_MS: Final = 3_600_000


class Problem(StrEnum):
    """What can be wrong; `docs/operations.md` says what to do."""

    NO_RELAY = "NO_RELAY"
    EVENTS_LATE = "EVENTS_LATE"
    JOBS_LATE = "JOBS_LATE"
    WORKERS_SILENT = "WORKERS_SILENT"
    FIGURES_LATE = "FIGURES_LATE"
    DEAD_LETTERS = "DEAD_LETTERS"


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker, and when it did a heartbeat last; at first, when it started."""

    name: str
    seen_at: int


@dataclass(frozen=True, slots=True)
class Health:
    """How Nexus is at an instant of Neo4j's clock; instants in ms since 1970 UTC.

    Args:
        leader: The relay that leads; None when none does.
        leader_since: Since when.
        pending_count: Events that no relay has numbered.
        oldest_pending_at: When the oldest of them occurred.
        open_count: Jobs that are not done, dead ones left out.
        oldest_open_at: When the oldest of them was opened; a delivery that was tried waits for its
            receiver, and is left out.
        oldest_open_job: Which task is to do it.
        dead_count: Dead letters that nobody discarded, of deliveries too.
        undelivered_count: Those of deliveries, which their receivers did not take.
        workers: Seen within the last hour, by name, but for those that stopped in good order.
        oldest_untallied_at: When the oldest event occurred that no figure counts yet.
        reconciled_at: When the last nightly recount ended; None while one goes on.
        drift_count: How much it repaired, or repaired so far.
    """

    as_of: int
    leader: str | None
    leader_since: int | None
    pending_count: int
    oldest_pending_at: int | None
    open_count: int
    oldest_open_at: int | None
    oldest_open_job: str | None
    dead_count: int
    workers: tuple[WorkerSeen, ...]
    undelivered_count: int = 0
    oldest_untallied_at: int | None = None
    reconciled_at: int | None = None
    drift_count: int = 0

    @property
    def tally_age_s(self) -> float:
        """How far figures are behind, in seconds; 0 when everything is counted."""
        return max(self.pending_age_s, self._age_s(self.oldest_untallied_at))

    @property
    def pending_age_s(self) -> float:
        """How long the oldest event waits for its position, in seconds; 0 when none does."""
        return self._age_s(self.oldest_pending_at)

    @property
    def open_age_s(self) -> float:
        """How long the oldest job is open, in seconds; 0 when none is."""
        return self._age_s(self.oldest_open_at)

    @property
    def silent_s(self) -> float:
        """For how long the most silent worker did no heartbeat, in seconds; an hour without any."""
        last = min((worker.seen_at for worker in self.workers), default=0)
        return self._age_s(max(last, self.as_of - _REMEMBERED_MS))

    def is_silent(self, worker: WorkerSeen) -> bool:
        """Tell whether a worker ought to have shown itself again."""
        return self._age_s(worker.seen_at) * 1000 > _SILENT_MS

    @property
    def given_up_count(self) -> int:
        """How many dead letters are of our own failures."""
        return self.dead_count - self.undelivered_count

    def problems(self) -> list[Problem]:
        """Name what is wrong."""
        wrong = {
            Problem.NO_RELAY: self.leader is None,
            Problem.EVENTS_LATE: self.pending_age_s * 1000 > _LATE_MS,
            Problem.JOBS_LATE: self.open_age_s * 1000 > _LATE_MS,
            Problem.WORKERS_SILENT: self.silent_s * 1000 > _SILENT_MS,
            Problem.FIGURES_LATE: self.tally_age_s * 1000 > _LATE_MS,
            Problem.DEAD_LETTERS: self.given_up_count > 0,
        }
        return [problem for problem, is_so in wrong.items() if is_so]

    def _age_s(self, since: int | None) -> float:
        return 0.0 if since is None else max(self.as_of - since, 0) / 1000


_VALUE: LiteralString = """\
{
  as_of: timestamp(),
  lease: head(COLLECT {
    MATCH (lease:Lease {name: 'relay'}) WHERE lease.until >= timestamp()
    RETURN lease {.holder, .since}
  }),
  pending_count: COUNT { MATCH (event:Event) WHERE event.pending > '' },
  oldest_pending_at: head(COLLECT {
    MATCH (event:Event) WHERE event.pending > ''
    RETURN event.occurred_at ORDER BY event.pending LIMIT 1
  }),
  open_count: COUNT { MATCH (job:Job) WHERE job.open_since > 0 },
  oldest_open: head(COLLECT {
    MATCH (job:Job)
    WHERE job.open_since > 0 AND (job.name <> $delivery OR job.first_at IS NULL)
    RETURN job {.name, .open_since} ORDER BY job.open_since LIMIT 1
  }),
  dead_count: COUNT { (:DeadLetter) }
    - COUNT { MATCH (letter:DeadLetter) WHERE letter.discarded_at > 0 },
  undelivered_count: COUNT {
    MATCH (letter:DeadLetter)
    WHERE letter.discarded_at IS NULL
      AND letter.job = $delivery AND letter.error_type IN $receivers_errors
  },
  oldest_untallied_at: head(COLLECT {
    MATCH (tally:Counter {name: 'tally'})
    MATCH (event:Event) WHERE event.position > tally.value
    RETURN event.occurred_at ORDER BY event.position LIMIT 1
  }),
  round: head(COLLECT {
    MATCH (round:Reconciliation {name: 'nightly'}) RETURN round {.ended_at, .drift_count}
  }),
  workers: COLLECT {
    MATCH (beat:Heartbeat) WHERE beat.at > timestamp() - $remembered_ms
    RETURN beat {.name, .at} ORDER BY beat.name LIMIT 1000
  }
}"""
_PARAMETERS: Final[Mapping[str, Any]] = {
    "remembered_ms": _REMEMBERED_MS,
    "delivery": WEBHOOK,
    "receivers_errors": RECEIVERS_ERRORS,
}


def read_health(viewer: Viewer) -> Statement[Health]:
    """Read how Nexus is, for somebody who may know.

    Cost: linear in pending events and open jobs, of which there are few while all is well.
    """
    return viewer_read(viewer, _VALUE, _PARAMETERS, _health)


def probe_health() -> Statement[Health]:
    """Read how Nexus is, for a machine."""

    def decode(records: Sequence[Record]) -> Health:
        return _health(records[0]["value"])

    return Statement("RETURN " + _VALUE + " AS value", _PARAMETERS, decode)


def _health(value: Row) -> Health:
    lease: Row = value["lease"] or {}
    oldest: Row = value["oldest_open"] or {}
    last_round: Row = value["round"] or {}
    return Health(
        as_of=value["as_of"],
        leader=lease.get("holder"),
        leader_since=lease.get("since"),
        pending_count=value["pending_count"],
        oldest_pending_at=value["oldest_pending_at"],
        open_count=value["open_count"],
        oldest_open_at=oldest.get("open_since"),
        oldest_open_job=oldest.get("name"),
        dead_count=value["dead_count"],
        undelivered_count=value["undelivered_count"],
        workers=tuple(WorkerSeen(each["name"], each["at"]) for each in value["workers"]),
        oldest_untallied_at=value["oldest_untallied_at"],
        reconciled_at=last_round.get("ended_at"),
        drift_count=last_round.get("drift_count", 0),
    )


def note_heartbeat(worker: str, now: int) -> Statement[None]:
    """Note that a worker works, and forget those that were not seen for a day.

    Args:
        worker: Its name.
        now: ms since 1970 UTC.
    """
    return Statement(
        """\
MERGE (beat:Heartbeat {name: $name})
SET beat.at = $now
WITH beat
OPTIONAL MATCH (old:Heartbeat) WHERE old.at < $forget_before
DELETE old""",
        {"name": worker, "now": now, "forget_before": now - 24 * _REMEMBERED_MS},
        lambda _: None,
        Access.WRITE,
    )


def forget_heartbeat(worker: str) -> Statement[None]:
    """Note that a worker stops, so that nobody misses it."""
    return Statement(
        "MATCH (beat:Heartbeat {name: $name})\nDELETE beat",
        {"name": worker},
        lambda _: None,
        Access.WRITE,
    )

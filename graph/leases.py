"""Leases: who of many does what one alone needs to do, by the one clock of Neo4j."""

from typing import Final

from graph.statement import Access, Statement

RELAY: Final = "relay"
"""Name of the lease of the relay that numbers, tells and sweeps."""


def take_lease(name: str, holder: str, length_ms: int) -> Statement[bool]:
    """Take a lease that is free or has run out, or renew one's own.

    Args:
        name: Which lease.
        holder: Who asks; no two alike.
        length_ms: How long it holds from now on, by the clock of Neo4j.

    Returns:
        Whether it is the holder's now.

    Cost: one index seek.
    """
    return Statement(
        """\
MERGE (lease:Lease {name: $name})
SET lease.lk = true
WITH lease
WHERE lease.holder = $holder OR lease.until IS NULL OR lease.until < timestamp()
SET lease.since = CASE WHEN lease.holder = $holder THEN lease.since ELSE timestamp() END,
    lease.holder = $holder, lease.until = timestamp() + $length_ms
RETURN true AS taken""",
        {"name": name, "holder": holder, "length_ms": length_ms},
        bool,
        Access.WRITE,
    )


def release_lease(name: str, holder: str) -> Statement[None]:
    """Give a lease back before it runs out; one that somebody else has is left to them."""
    return Statement(
        """\
MATCH (lease:Lease {name: $name})
SET lease.lk = true
WITH lease WHERE lease.holder = $holder
SET lease.until = 0
REMOVE lease.holder, lease.since""",
        {"name": name, "holder": holder},
        lambda _: None,
        Access.WRITE,
    )

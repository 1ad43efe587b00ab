"""How Nexus is, as the API tells it."""

from graph.health import Health
from graph.projection import Row


def health_row(health: Health, *, hears_redis: bool) -> Row:
    """Make the row of `Health`."""
    problems = [problem.value for problem in health.problems()]
    return {
        "problems": problems if hears_redis else [*problems, "REDIS_AWAY"],
        "redis": hears_redis,
        "relay": {
            "leader": health.leader,
            "leader_since": health.leader_since,
            "pending_events": health.pending_count,
            "lag_s": health.pending_age_s,
        },
        "jobs": {
            "open": health.open_count,
            "oldest_age_s": health.open_age_s,
            "oldest_job": health.oldest_open_job,
        },
        "workers": [
            {"name": each.name, "seen_at": each.seen_at, "silent": health.is_silent(each)}
            for each in health.workers
        ],
        "figures": {
            "lag_s": health.tally_age_s,
            "reconciled_at": health.reconciled_at,
            "drifts": health.drift_count,
        },
        "dead_letters": health.dead_count,
        "as_of": health.as_of,
    }

"""Pauses that double, up to a limit, with jitter."""

import random

from workers.settings import WorkerSettings


def pause_ms(settings: WorkerSettings, count: int) -> int:
    """Give how long to wait after the `count`-th try of a job, in milliseconds."""
    doubled_s = settings.job_resend_after_s * 2 ** min(max(count - 1, 0), 30)
    pause_s = min(doubled_s, settings.job_resend_at_most_s)
    return int(pause_s * random.uniform(750, 1000))  # noqa: S311 - jitter, not a secret

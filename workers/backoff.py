"""Pauses that grow, up to a limit, with jitter."""

import random

from workers.settings import WorkerSettings


def pause_ms(settings: WorkerSettings, count: int) -> int:
    """Give how long to wait after the `count`-th try of a job, in milliseconds."""
    return grown_ms(settings.job_resend_after_s, 2, count, settings.job_resend_at_most_s)


def grown_ms(first_s: float, factor: int, count: int, most_s: float) -> int:
    """Give the `count`-th of some pauses, each a factor longer than the one before."""
    pause_s = min(first_s * factor ** min(max(count - 1, 0), 30), most_s)
    return int(pause_s * random.uniform(750, 1000))  # noqa: S311 - jitter, not a secret

"""Spans of whole UTC hours, and what was counted in them as a series of intervals."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Final

from graph.engagement import DAY_MS, HOUR_MS, LENGTH_MS, TimeWindow
from graph.errors import InvalidInput
from graph.ids import LATEST_MS
from graph.projection import Row

MOST_BUCKETS: Final = 1_000
_FIRST_MONDAY_MS: Final = 4 * DAY_MS
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """The hours that a figure counts: from the first instant to before the last, ms since 1970."""

    start: int
    end: int

    @classmethod
    def of(cls, window: TimeWindow, start: int | None, end: int | None, now: int) -> "Span":
        """Make the whole UTC hours of a window, the current one included, or of two instants.

        Raises:
            InvalidInput: `from` is not before `to`.
        """
        last = now + 1 if end is None else end
        until = -(-last // HOUR_MS) * HOUR_MS
        if start is None:
            length = LENGTH_MS.get(window, until)
            start = until - HOUR_MS - length
        first = max(0, start // HOUR_MS * HOUR_MS)
        if first >= until:
            raise InvalidInput("`from` is not before `to`; give an earlier `from`.", ("from",))
        return cls(first, until)


class Interval(StrEnum):
    """How long the buckets of a series are, the shortest first; all begin and end by UTC."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"

    def next_start(self, at: int) -> int:
        """Give where the interval ends in which an instant is, in ms since 1970."""
        match self:
            case Interval.HOUR:
                return at - at % HOUR_MS + HOUR_MS
            case Interval.DAY:
                return at - at % DAY_MS + DAY_MS
            case Interval.WEEK:
                return at - (at - _FIRST_MONDAY_MS) % (7 * DAY_MS) + 7 * DAY_MS
            case Interval.MONTH:
                return _next_month(at)

    def starts(self, span: Span) -> Iterator[int]:
        """Yield where the buckets of a span begin; the first and the last may be cut."""
        at = span.start
        while at < span.end:
            yield at
            at = self.next_start(at)

    def fits(self, span: Span) -> bool:
        """Tell whether a series of a span has no more buckets than one may ask for."""
        return len([*islice(self.starts(span), MOST_BUCKETS + 1)]) <= MOST_BUCKETS


def _next_month(at: int) -> int:
    day = _EPOCH + timedelta(milliseconds=at)
    if (day.year, day.month) == (MAXYEAR, 12):
        return LATEST_MS
    year, month = divmod(day.year * 12 + day.month, 12)
    return (datetime(year, month + 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Axis:
    """What a series is to be of.

    Args:
        span: Which hours.
        is_open: Whether it begins with the first hour in which anything was.
        interval: How long the buckets are; None for the shortest that are not too many.
        is_wanted: Whether the series is asked for, and not the totals alone.
    """

    span: Span
    is_open: bool = False
    interval: Interval | None = None
    is_wanted: bool = True

    def fold(self, hours: Sequence[Sequence[int]], names: Sequence[str]) -> Row:
        """Give totals and series of some hours.

        Args:
            hours: For each its beginning and its figures, oldest first; hours of nothing left out.
            names: What the figures are called.

        Raises:
            InvalidInput: The series would have too many buckets.
        """
        start = (hours[0][0] if hours else self.span.end - HOUR_MS) if self.is_open else None
        span = self.span if start is None else Span(start, self.span.end)
        interval = self.interval or next(filter(_fitting(span), Interval), Interval.MONTH)
        sums = [sum(column) for column in zip(*hours, strict=True)][1:] or [0] * len(names)
        row: Row = dict(zip(names, sums, strict=True))
        row |= {"from": span.start, "to": span.end, "interval": interval.value}
        if self.is_wanted:
            row["series"] = [*_buckets(span, interval, hours, names)]
        return row


def _fitting(span: Span) -> Callable[[Interval], bool]:
    return lambda interval: interval.fits(span)


def _buckets(
    span: Span, interval: Interval, hours: Sequence[Sequence[int]], names: Sequence[str]
) -> Iterator[Row]:
    if not interval.fits(span):
        raise InvalidInput(
            f"The series would have more than {MOST_BUCKETS:,} buckets; give a longer `interval` "
            "or a later `from`.",
            ("interval",),
        )
    left = [*hours]
    left.reverse()
    for start in interval.starts(span):
        end = min(interval.next_start(start), span.end)
        sums = [0] * len(names)
        while left and left[-1][0] < end:
            sums = [a + b for a, b in zip(sums, left.pop()[1:], strict=True)]
        yield {"from": start, "to": end, **dict(zip(names, sums, strict=True))}

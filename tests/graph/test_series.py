"""Spans are whole hours; a series has each bucket once, and never too many."""

from itertools import pairwise

import pytest

from graph.engagement import TimeWindow
from graph.errors import InvalidInput
from graph.ids import LATEST_MS
from graph.series import MOST_BUCKETS, Axis, Interval, Span

pytestmark = pytest.mark.unit

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_000 * HOUR + 5


@pytest.mark.parametrize(
    ("window", "hours"), [(TimeWindow.HOUR, 1), (TimeWindow.DAY, 24), (TimeWindow.WEEK, 168)]
)
def test_a_window_is_whole_hours_and_the_current_one(window: TimeWindow, hours: int) -> None:
    assert Span.of(window, None, None, NOW) == Span((1_000 - hours) * HOUR, 1_001 * HOUR)


def test_all_time_begins_at_the_beginning() -> None:
    assert Span.of(TimeWindow.ALL, None, None, NOW).start == 0
    assert Span.of(TimeWindow.YEAR, None, None, NOW).start == 0


def test_two_instants_are_widened_to_whole_hours() -> None:
    assert Span.of(TimeWindow.DAY, HOUR + 1, 2 * HOUR + 1, NOW) == Span(HOUR, 3 * HOUR)
    assert Span.of(TimeWindow.DAY, -5, HOUR, NOW) == Span(0, HOUR)


@pytest.mark.parametrize(("start", "end"), [(HOUR, HOUR), (2 * HOUR, HOUR), (0, 0), (0, -1)])
def test_a_span_that_ends_before_it_begins_is_refused(start: int, end: int) -> None:
    with pytest.raises(InvalidInput, match="not before"):
        Span.of(TimeWindow.DAY, start, end, NOW)


@pytest.mark.parametrize(
    ("interval", "at", "end"),
    [
        (Interval.HOUR, HOUR - 1, HOUR),
        (Interval.DAY, DAY, 2 * DAY),
        (Interval.WEEK, 0, 4 * DAY),
        (Interval.WEEK, 4 * DAY, 11 * DAY),
        (Interval.MONTH, 30 * DAY, 31 * DAY),
        (Interval.MONTH, 31 * DAY, 59 * DAY),
        (Interval.MONTH, 364 * DAY, 365 * DAY),
        (Interval.MONTH, 253_402_300_799_999, LATEST_MS),
    ],
)
def test_an_interval_ends_where_the_calendar_says(interval: Interval, at: int, end: int) -> None:
    assert interval.next_start(at) == end


@pytest.mark.parametrize("interval", Interval)
def test_buckets_join_without_gap_and_cover_the_span(interval: Interval) -> None:
    span = Span(5 * HOUR, 41 * DAY + 3 * HOUR)
    row = Axis(span, interval=interval).fold([], ["likes"])
    series = row["series"]
    assert (series[0]["from"], series[-1]["to"]) == (span.start, span.end)
    assert all(one["to"] == other["from"] for one, other in pairwise(series))
    assert row["likes"] == 0


def test_hours_fall_into_their_buckets() -> None:
    hours = [[5 * HOUR, 1, 0], [23 * HOUR, 2, 1], [24 * HOUR, 4, 0], [71 * HOUR, 8, 0]]
    row = Axis(Span(0, 3 * DAY), interval=Interval.DAY).fold(hours, ["likes", "shares"])
    assert [(b["likes"], b["shares"]) for b in row["series"]] == [(3, 1), (4, 0), (8, 0)]
    assert (row["likes"], row["shares"]) == (15, 1)


def test_an_open_span_begins_where_something_was() -> None:
    hours = [[5 * HOUR, 1], [7 * HOUR, 1]]
    row = Axis(Span(0, 9 * HOUR), is_open=True).fold(hours, ["likes"])
    assert (row["from"], row["to"], len(row["series"])) == (5 * HOUR, 9 * HOUR, 4)
    nothing = Axis(Span(0, 9 * HOUR), is_open=True).fold([], ["likes"])
    assert [(b["from"], b["likes"]) for b in nothing["series"]] == [(8 * HOUR, 0)]


@pytest.mark.parametrize(
    ("hours", "interval"),
    [
        (MOST_BUCKETS, Interval.HOUR),
        (MOST_BUCKETS + 1, Interval.DAY),
        (MOST_BUCKETS * 24, Interval.DAY),
        (MOST_BUCKETS * 24 + 1, Interval.WEEK),
        (MOST_BUCKETS * 24 * 7 + 24 * 7, Interval.MONTH),
    ],
)
def test_left_out_an_interval_is_the_shortest_that_fits(hours: int, interval: Interval) -> None:
    row = Axis(Span(0, hours * HOUR)).fold([], ["likes"])
    assert row["interval"] == interval
    assert len(row["series"]) <= MOST_BUCKETS


def test_more_buckets_than_one_may_ask_for_are_refused_and_no_more_made() -> None:
    span = Span(0, (MOST_BUCKETS + 1) * HOUR)
    with pytest.raises(InvalidInput, match="longer `interval`"):
        Axis(span, interval=Interval.HOUR).fold([], ["likes"])
    with pytest.raises(InvalidInput, match="1,000 buckets"):
        Axis(Span(0, LATEST_MS)).fold([], ["likes"])
    totals = Axis(span, interval=Interval.HOUR, is_wanted=False).fold([[0, 3]], ["likes"])
    assert totals["likes"] == 3
    assert "series" not in totals

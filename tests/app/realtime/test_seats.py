import pytest

from app.realtime.seats import Seats, TooManySockets

pytestmark = pytest.mark.unit


def test_each_user_has_so_many_seats_and_no_more() -> None:
    seats = Seats(2)
    with seats.taken("ann"), seats.taken("ann"), seats.taken("bob"):
        with pytest.raises(TooManySockets, match="2 sockets"), seats.taken("ann"):
            pytest.fail("the third seat was given")
        with seats.taken("bob"):
            pass


def test_a_seat_is_free_again_and_forgotten_whatever_happens() -> None:
    seats = Seats(1)
    for _ in range(3):
        with pytest.raises(RuntimeError), seats.taken("ann"):
            raise RuntimeError
    assert not seats._taken


def test_those_of_nobody_are_not_counted() -> None:
    seats = Seats(1)
    with seats.taken(None), seats.taken(None):
        assert not seats._taken

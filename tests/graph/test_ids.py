"""Keys sort by time, then by id, as the database sorts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.ids import Prefix, key, new_id, unique_of

pytestmark = pytest.mark.unit
_INSTANTS = st.integers(0, 10**15 - 1)
_UNIQUE = st.text("cplsu_:09AZ", max_size=8)


def test_ids_tell_their_type_and_are_never_the_same() -> None:
    made = [new_id(Prefix.POST) for _ in range(1000)]

    assert len(set(made)) == len(made)
    assert all(each.startswith("p_") and len(each) == 28 for each in made)


def test_prefixes_are_not_one_anothers() -> None:
    assert len({prefix.value for prefix in Prefix}) == len(Prefix)


@given(_INSTANTS, _UNIQUE)
def test_a_key_ends_in_what_makes_it_unique(at: int, unique: str) -> None:
    assert unique_of(key(at, unique)) == unique

"""What is sealed is opened by those who have its key, and by nobody else."""

import pytest

from adapters.sealing import Seal, SealBroken

pytestmark = pytest.mark.unit
OLD, NEW = "o" * 32, "n" * 32


def test_what_is_sealed_is_read_by_who_has_the_key_alone() -> None:
    sealed = Seal([OLD]).seal("whsec_ünd")
    assert "whsec" not in sealed
    assert sealed != Seal([OLD]).seal("whsec_ünd")
    assert Seal([OLD]).open(sealed) == "whsec_ünd"
    with pytest.raises(SealBroken, match="NEXUS_WEBHOOK_KEY"):
        Seal([NEW]).open(sealed)


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    both = Seal([NEW, OLD])
    assert both.open(Seal([OLD]).seal("x")) == "x"
    assert Seal([NEW]).open(both.seal("x")) == "x"


@pytest.mark.parametrize("text", ["", "whsec_plain", "gAAAAA", "☃"])
def test_what_was_never_sealed_is_not_opened(text: str) -> None:
    with pytest.raises(SealBroken):
        Seal([OLD]).open(text)


def test_what_was_changed_is_not_opened() -> None:
    sealed = Seal([OLD]).seal("x")
    with pytest.raises(SealBroken):
        Seal([OLD]).open(sealed[:-6] + "AAAA==")

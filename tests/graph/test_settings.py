import pytest

from graph.engagement import Weights
from graph.settings import GraphSettings

pytestmark = pytest.mark.unit


def test_what_counts_how_much_is_set_for_api_and_workers_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert GraphSettings().weights == Weights()
    for name, weight in (("LIKE", "0"), ("COMMENT", "5"), ("SHARE", "7")):
        monkeypatch.setenv(f"NEXUS_{name}_WEIGHT", weight)
    assert GraphSettings().weights == Weights(likes=0, comments=5, shares=7)

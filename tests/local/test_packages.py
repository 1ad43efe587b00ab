import io
from pathlib import Path

import pytest

from local import packages
from local.packages import Bar

pytestmark = pytest.mark.unit


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(*lines: str) -> list[str]:
    """Give what a terminal shows after each of pip's lines that change it; there are two steps."""
    out = Terminal()
    bar = Bar(2, out)
    for line in lines:
        bar.read(line)
    return [each.partition("Packages ")[2] for each in out.getvalue().split("\r") if each]


def test_a_bar_grows_with_what_is_found_and_fetched() -> None:
    assert shown(
        "Collecting neo4j==6.1.0",
        "  Downloading neo4j-6.1.0-py3-none-any.whl.metadata (5.1 kB)",
        "Requirement already satisfied: redis==8.1.0 in x",
        "Downloading neo4j-6.1.0-py3-none-any.whl (344 kB)",
        "Installing collected packages: neo4j",
    ) == [
        f"{'━' * 6:<24} neo4j==6.1.0",
        f"{'━' * 24} neo4j-6.1.0 (344 kB)",
        f"{'━' * 24} installing",
    ]


def test_what_a_file_includes_is_counted_too(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("# why\n\nneo4j==6.1.0  # here\nredis==8.1.0\n")
    (tmp_path / "more.txt").write_text("-r all.txt\nruff==1\n")
    assert packages._count(tmp_path / "more.txt") == 3


def failed(requirement: str, folder: Path) -> str:
    file = folder / "requirements.txt"
    file.write_text(f"{requirement}\n")
    out = io.StringIO()
    assert packages.main(file, out) != 0
    return out.getvalue()


def test_a_failure_shows_what_pip_says(tmp_path: Path) -> None:
    said = failed("./nowhere", tmp_path)
    assert "ERROR" in said
    assert "nowhere" in said
    assert said.endswith(
        "The packages could not be installed; mend what pip says above, and run make again.\n"
    )


def test_only_without_a_network_the_network_is_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    assert "; connect to the network, and run make" in failed("nexus-has-none==1", tmp_path)

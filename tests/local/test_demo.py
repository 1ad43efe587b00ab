import json
from collections import Counter
from pathlib import Path

import pytest

from local import demo
from local.demo import Line, World

pytestmark = pytest.mark.unit

NOW_MS = 1_796_000_000_000
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return list(World(NOW_MS).lines())


def of(lines: list[Line], kind: str) -> list[Line]:
    return [line for line in lines if line["kind"] == kind]


def test_same_instant_gives_the_same_world(lines: list[Line]) -> None:
    assert list(World(NOW_MS).lines()) == lines


def test_a_later_instant_gives_a_world_as_large() -> None:
    kinds = Counter(line["kind"] for line in World(NOW_MS + 12_345_678_901).lines())
    assert (kinds["user"], kinds["post"], kinds["like"], kinds["share"]) == (200, 1500, 9000, 900)


def test_size_and_order_of_kinds(lines: list[Line]) -> None:
    assert list(dict.fromkeys(line["kind"] for line in lines)) == [
        "user",
        "follow",
        "post",
        "comment",
        "like",
        "share",
    ]
    assert 3_400 <= len(of(lines, "comment")) <= 3_600
    assert 1_500 <= len(of(lines, "follow")) <= 5_000


def test_each_kind_is_in_order_of_time_within_sixty_days(lines: list[Line]) -> None:
    for kind in ("user", "follow", "post", "comment", "like", "share"):
        times = [line.get("at_ms") or line["created_at_ms"] for line in of(lines, kind)]
        assert times == sorted(times)
        assert times[0] >= NOW_MS - 60 * DAY_MS
        assert times[-1] < NOW_MS


def test_everything_named_exists_and_came_before(lines: list[Line]) -> None:
    users = {line["id"]: line["created_at_ms"] for line in of(lines, "user")}
    posts = {line["id"]: line["created_at_ms"] for line in of(lines, "post")}
    messages = dict(posts)
    for comment in of(lines, "comment"):
        assert messages[comment["parent"]] < comment["created_at_ms"]
        assert comment["post"] in posts
        messages[comment["id"]] = comment["created_at_ms"]
    for message in [*of(lines, "post"), *of(lines, "comment")]:
        assert users[message["author"]] < message["created_at_ms"]
    for like in of(lines, "like"):
        assert max(users[like["user"]], messages[like["subject"]]) < like["at_ms"]
    for share in of(lines, "share"):
        assert max(users[share["user"]], posts[share["post"]]) < share["at_ms"]
    for follow in of(lines, "follow"):
        assert follow["src"] != follow["dst"]
        assert max(users[follow["src"]], users[follow["dst"]]) < follow["at_ms"]


def test_a_comment_is_under_the_post_of_its_parent(lines: list[Line]) -> None:
    root = {line["id"]: line["id"] for line in of(lines, "post")}
    for comment in of(lines, "comment"):
        root[comment["id"]] = root[comment["parent"]]
        assert comment["post"] == root[comment["id"]]


def test_nothing_comes_twice(lines: list[Line]) -> None:
    messages = [line["id"] for line in [*of(lines, "post"), *of(lines, "comment")]]
    assert len(set(messages)) == len(messages)
    pairs = [(line["src"], line["dst"]) for line in of(lines, "follow")]
    assert len(set(pairs)) == len(pairs)
    names = [line["username"] for line in of(lines, "user")]
    assert len(set(names)) == len(names)
    assert {demo.USER, demo.ADMIN, "ben"} <= set(names)


def test_some_threads_are_deep_and_one_is_large(lines: list[Line]) -> None:
    depth: dict[int, int] = {}
    for comment in of(lines, "comment"):
        depth[comment["id"]] = depth.get(comment["parent"], 0) + 1
    assert sum(1 for each in depth.values() if each == 30) >= 3
    [(_, largest)] = Counter(line["post"] for line in of(lines, "comment")).most_common(1)
    assert largest >= 300


def test_texts_are_filled_in_and_tagged(lines: list[Line]) -> None:
    assert not [line for line in lines if set("[|]") & set(line.get("text", ""))]
    assert all(post["tags"] for post in of(lines, "post"))


def test_written_file_holds_the_world(tmp_path: Path, lines: list[Line]) -> None:
    assert demo.write(tmp_path / "demo.jsonl", NOW_MS) == len(lines)
    written = (tmp_path / "demo.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in written] == lines


def test_the_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    """An interrupted start leaves either all of it to go on with, or nothing."""
    (tmp_path / "demo.jsonl.part").write_text('{"kind": "us')
    count = demo.write(tmp_path / "demo.jsonl", NOW_MS)
    assert len((tmp_path / "demo.jsonl").read_text().splitlines()) == count
    assert [file.name for file in tmp_path.iterdir()] == ["demo.jsonl"]

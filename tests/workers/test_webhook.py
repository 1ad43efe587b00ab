"""A webhook is told of its owner's notifications, signed, by the program that the manual gives."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator

import orjson
import pytest
from pydantic import SecretStr

from adapters.sealing import Seal, SealBroken
from adapters.webhook_delivery import (
    DeliveryRules,
    WebhookFailed,
    WebhookRefused,
    deliver,
    sign,
)
from graph.attempts import Begun, JobState
from graph.deliveries import RECEIVERS_ERRORS
from graph.errors import Unavailable
from graph.follows import follow, unfollow
from graph.ids import now_ms
from graph.likes import like
from graph.notify import notify
from graph.outbox import number_pending
from graph.runner import Graph
from graph.webhooks import NewWebhook, register_webhook
from local.ports import free_ports
from local.process import Process
from tests.checkout import ROOT
from tests.graph.people import World, new_world
from tests.workers.conftest import eventually, log_of
from workers.base import GraphTask
from workers.settings import WorkerSettings
from workers.webhook import webhook

_KEY = "a-key-of-the-tests-that-is-long-enough"
_ANYWHERE = DeliveryRules(5, allow_http=True, allow_private=True)
_PROGRAM = re.compile(r"<!-- receive.py -->\n```python\n(.*?)```", re.DOTALL)
_DUE = "MATCH (e:Event {kind: 'WebhookDue'}) RETURN e.id AS id ORDER BY id"


@pytest.fixture(name="world")
def _world(
    clean: None,  # noqa: ARG001
    sync_graph: Graph,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    settings = WorkerSettings(
        webhook_allow_http=True, webhook_allow_private=True, webhook_key=SecretStr(_KEY)
    )
    patient = sync_graph.settings.model_copy(update={"neo4j_timeout_s": 60.0})
    with Graph(patient) as graph:
        monkeypatch.setattr(GraphTask, "graph", graph, raising=False)
        monkeypatch.setattr(GraphTask, "settings", settings, raising=False)
        yield new_world(graph)


def _work(world: World) -> list[str]:
    """Number all events and make the notifications; give what is due to webhooks."""
    while numbered := world.run(number_pending(100, 1, 2)):
        for each in numbered:
            if "notify" in each.jobs:
                world.run(notify(each.event_id, now_ms()))
    return [str(row["id"]) for row in world.cypher(_DUE)]


def _register(world: World, url: str, *kinds: str) -> NewWebhook:
    new = NewWebhook.of(world.alice, url, kinds, seal=Seal([_KEY]).seal, allow_http=True)
    world.run(register_webhook(world.alice, new))
    return new


def _forgeries(secret: str) -> Iterator[tuple[dict[str, str], bytes]]:
    """Give messages that are not ours, or not of now: headers and body."""
    body, now = b'{"data": {}}', now_ms() // 1000

    def headers(message_id: str, timestamp: int, signature: str) -> dict[str, str]:
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature,
        }

    for stale in (now - 301, now + 301):
        yield headers("e_1", stale, sign(secret, "e_1", stale, body)), body
    signature = sign(secret, "e_1", now, body)
    yield headers("e_1", now, signature), body + b" "
    yield headers("e_2", now, signature), body
    yield headers("e_1", now - 1, signature), body
    yield headers("e_1", now, "v1,"), body
    yield headers("e_1", now, sign("whsec_" + "A" * 44, "e_1", now, body)), body


def _is_open(world: World, event_id: str) -> bool:
    jobs = "MATCH (j:Job {key: $key}) RETURN j.done_at IS NULL AS is_open"
    (row,) = world.cypher(jobs, key=f"{event_id}:webhook")
    return bool(row["is_open"])


def test_the_program_of_the_manual_takes_what_is_sent_once(
    world: World, start: Callable[..., Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    new = _register(world, f"http://localhost:{port}/nexus?a=1", "LIKE")
    found = _PROGRAM.search((ROOT / "docs" / "webhooks.md").read_text())
    assert found
    monkeypatch.setenv("NEXUS_WEBHOOK_SECRET", new.secret)
    monkeypatch.setenv("PORT", str(port))
    receiver = start(sys.executable, "-c", found[1])
    post = world.post(world.alice)
    world.run(like(world.bob, post))
    world.run(follow(world.bob, world.alice.user_id))
    (event_id,) = _work(world)

    def is_sent() -> bool:
        try:
            webhook(event_id)
        except WebhookFailed:
            return False
        return True

    eventually(is_sent)
    world.cypher("MATCH (j:Job) REMOVE j.done_at")
    webhook(event_id)
    for spoilt in _forgeries(new.secret):
        with pytest.raises(WebhookFailed, match="401"):
            deliver(new.url, *spoilt, _ANYWHERE)

    assert not _is_open(world, event_id)
    eventually(lambda: log_of(receiver))
    (line,) = log_of(receiver).splitlines()
    told = json.loads(line)
    assert (told["kind"], told["subjectId"], told["actors"]["totalCount"]) == ("LIKE", post, 1)
    assert [user["username"] for user in told["actors"]["users"]] == ["bob"]
    (row,) = world.cypher("MATCH (w:Webhook) RETURN w.delivered_at > 0 AS is_told")
    assert row == {"is_told": True}
    assert os.environ["NEXUS_WEBHOOK_SECRET"] not in line


def test_what_is_hidden_by_then_is_not_sent_and_its_job_is_done(world: World) -> None:
    _register(world, "http://localhost:1/", "FOLLOW")
    world.run(follow(world.bob, world.alice.user_id))
    (event_id,) = _work(world)
    world.run(unfollow(world.bob, world.alice.user_id))
    _work(world)

    webhook(event_id)
    assert not _is_open(world, event_id)


@pytest.mark.parametrize(
    "hide",
    [
        "MATCH (c:Comment) SET c.deleted_at = 5",
        "MATCH (c:Comment) SET c.removed_at = 5",
        "MATCH (p:Post) SET p.deleted_at = 5",
        "MATCH (p:Post) SET p.removed_at = 5",
        "MATCH (u:User {username: 'bob'}) SET u.suspended_at = 5",
        "MATCH (u:User {username: 'alice'}) SET u.suspended_at = 5",
        (
            "MATCH (a:User {username: 'alice'}), (b:User {username: 'bob'}) "
            "CREATE (a)-[:MUTES {muter_id: a.id, muted_id: b.id}]->(b)"
        ),
        (
            "MATCH (a:User {username: 'alice'}), (b:User {username: 'bob'}) "
            "CREATE (a)-[:BLOCKS {blocker_id: a.id, blocked_id: b.id}]->(b)"
        ),
        (
            "MATCH (a:User {username: 'alice'}), (b:User {username: 'bob'}) "
            "CREATE (b)-[:BLOCKS {blocker_id: b.id, blocked_id: a.id}]->(a)"
        ),
    ],
)
def test_no_webhook_tells_what_its_owner_may_not_see(world: World, hide: str) -> None:
    _register(world, "http://localhost:1/", "COMMENT")
    world.comment(world.bob, world.post(world.alice))
    (event_id,) = _work(world)
    world.cypher(hide)

    webhook(event_id)  # fails where it is sent: nobody listens there
    assert not _is_open(world, event_id)


def test_what_was_not_taken_stays_due(world: World) -> None:
    (port,) = free_ports(1)
    _register(world, f"http://localhost:{port}/", "FOLLOW")
    world.run(follow(world.bob, world.alice.user_id))
    (event_id,) = _work(world)

    with pytest.raises(WebhookFailed):
        webhook(event_id)
    assert _is_open(world, event_id)


def test_our_own_network_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = WorkerSettings(webhook_allow_http=True, webhook_key=SecretStr(_KEY))
    monkeypatch.setattr(GraphTask, "settings", allowed)
    _register(world, "http://localhost:80/", "FOLLOW")
    world.run(follow(world.bob, world.alice.user_id))
    (event_id,) = _work(world)

    with pytest.raises(WebhookRefused):
        webhook(event_id)


@pytest.mark.parametrize("keys", ["", "k" * 32])
def test_a_secret_that_cannot_be_opened_leaves_the_delivery_due(
    world: World, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    without = WorkerSettings(webhook_allow_http=True, webhook_key=SecretStr(keys))
    monkeypatch.setattr(GraphTask, "settings", without)
    _register(world, "http://localhost:80/", "FOLLOW")
    world.run(follow(world.bob, world.alice.user_id))
    (event_id,) = _work(world)

    with pytest.raises(SealBroken, match="NEXUS_WEBHOOK_KEY"):
        webhook(event_id)
    assert _is_open(world, event_id)


def test_each_webhook_that_wants_it_is_told_and_no_other(world: World) -> None:
    likes = _register(world, "https://example.org/1", "LIKE", "SHARE")
    _register(world, "https://example.org/2", "FOLLOW")
    both = _register(world, "https://example.org/3", "FOLLOW", "LIKE")
    world.run(like(world.bob, world.post(world.alice)))
    _work(world)

    rows = world.cypher("MATCH (e:Event {kind: 'WebhookDue'}) RETURN e.actor_id AS id")
    assert {row["id"] for row in rows} == {likes.id, both.id}


def test_a_receiver_may_be_away_for_half_a_day() -> None:
    webhook.settings = WorkerSettings()
    most = webhook.settings.webhook_max_attempts
    begun = [Begun(JobState.BEGUN, attempt_count=n) for n in range(1, most)]
    pauses_s = [webhook.pause_ms(WebhookFailed("500"), each) / 1000 for each in begun]
    assert 3 <= pauses_s[0] <= 5
    assert 8 * 3_600 < sum(pauses_s) < 12 * 3_600
    assert webhook.pause_ms(Unavailable("away"), begun[-1]) <= 300_000, "our own outage is not its"


def test_a_delivery_has_attempts_of_its_own() -> None:
    settings = WorkerSettings(webhook_max_attempts=5, job_max_attempts=2)
    webhook.settings = settings
    assert webhook.new_attempt("e_1:webhook").most == 5
    assert orjson.dumps({}) == b"{}"


@pytest.mark.unit
def test_what_is_a_receivers_error_is_known_by_its_name() -> None:
    errors = [WebhookFailed, *WebhookFailed.__subclasses__()]
    assert sorted(each.__name__ for each in errors) == sorted(RECEIVERS_ERRORS)

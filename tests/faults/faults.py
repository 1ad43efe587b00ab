"""What is done to the processes while people use Nexus."""

import asyncio
import itertools
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import httpx

from app.tokens import Tokens
from graph.runner import Graph
from graph.viewer import Viewer
from tests.faults.catch import send, stop_before_telling, stop_in_mid_task
from tests.faults.lag import measure_lag
from tests.faults.stage import SECRET, Stage
from tests.graph.world import run
from workers.celery import make_app
from workers.queues import QUEUE
from workers.settings import WorkerSettings

Fault = Callable[[Stage, Graph], Awaitable[None]]
_OK, _UNAVAILABLE = 200, 503
_ANSWER_S: Final = 6
"""The deadline of five seconds, and the way there and back on a busy machine."""
_LOG_IN: Final = {
    "query": """mutation { logIn(input: {username: "nobody", password: "a password"}) {
      userErrors { code } } }"""
}
_AWAY_S: Final = 8
SOON_S: Final = 5.0
"""Shorter than Redis is away: nobody waits for it."""
_READ: Final = {"query": "{ posts(first: 1) { edges { cursor } } }"}
_TOKEN: Final = Tokens(SECRET, 3_600, 3_600).access(Viewer("u_anybody", "s_anybody"))
_HEADERS: Final = {"authorization": f"Bearer {_TOKEN}"}
_NOT_BEGUN: Final = "attempt not begun"
_LATEST_JOBS: Final = """\
MATCH (job:Job) WHERE job.name = 'notify' AND job.event_id IS NOT NULL
MATCH (event:Event {id: job.event_id})
RETURN job.name AS name, job.event_id AS event_id ORDER BY event.position DESC LIMIT 10"""
_POISONS: Final = 4
_POISON_S: Final = 120
_DEADLY_JOB: Final = """\
CREATE (:Job {key: 'e_die:die', name: 'die', event_id: 'e_die', due_at: 1, enqueued_count: 0})"""
_LETTERS: Final = """\
MATCH (letter:DeadLetter) RETURN letter.error_type AS error, letter.attempt_count AS attempts"""
_FORGET_POISON: Final = """\
MATCH (n:DeadLetter|Job) WHERE n:DeadLetter OR n.key = 'e_die:die' DETACH DELETE n"""
_TWO_BEATS_S: Final = 65
"""Longer than the slots of most schedules."""
_CHANCE: Final = random.Random()  # noqa: S311 - chance, no secret


async def _pause() -> None:
    await asyncio.sleep(_CHANCE.uniform(0.3, 1.2))


async def _kill_worker(stage: Stage, graph: Graph) -> None:
    for _n in range(2):
        await stop_in_mid_task(stage, graph)
        await stage.kill("worker 0")


async def _kill_child(stage: Stage, graph: Graph) -> None:
    for _n in range(3):
        send(await stop_in_mid_task(stage, graph), signal.SIGKILL)
        await asyncio.sleep(1)


async def _kill_redis(stage: Stage, _: Graph) -> None:
    for _n in range(2):
        await _pause()
        redis = stage.servers.redis
        await asyncio.to_thread(redis.kill)
        await asyncio.sleep(_AWAY_S)
        await asyncio.to_thread(redis.start)
        await asyncio.to_thread(redis.wait_ready)


async def _empty_redis(stage: Stage, _: Graph) -> None:
    for _n in range(2):
        await _pause()
        await asyncio.to_thread(stage.servers.redis.wipe)
        await asyncio.to_thread(stage.servers.redis.wait_ready)


async def _freeze_redis(stage: Stage, _: Graph) -> None:
    frozen = asyncio.create_task(stage.freeze(stage.servers.redis.pid, 30))
    await asyncio.sleep(1)
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        refused = await http.post(f"{stage.urls[0]}/graphql", json=_LOG_IN)
    await frozen
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE", "nobody counts who logs in"


async def _kill_neo4j(stage: Stage, _: Graph) -> None:
    await _pause()
    neo4j = stage.servers.neo4j
    await asyncio.to_thread(neo4j.kill)
    try:
        await _check_outage(stage)
    finally:
        await asyncio.to_thread(neo4j.start)
        await asyncio.to_thread(neo4j.wait_ready, 120)


async def _check_outage(stage: Stage) -> None:
    """While Neo4j is away, everybody is told so, soon, and nothing else falls."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        for url, asked in itertools.product(stage.urls, (_LOG_IN, _READ)):
            began = time.monotonic()
            refused = await http.post(f"{url}/graphql", json=asked, headers=_HEADERS)
            waited_s = time.monotonic() - began
            (error,) = refused.json()["errors"]
            assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE", error
            assert waited_s < _ANSWER_S, f"{waited_s:.1f} s until a request was refused"
            assert (await http.get(f"{url}/readyz")).status_code == _UNAVAILABLE
            assert (await http.get(f"{url}/livez")).status_code == _OK


async def _kill_relay(stage: Stage, graph: Graph) -> None:
    """Whoever leads dies between its commit and its bells, and the other with it."""
    for _n in range(2):
        await stop_before_telling(stage, graph)
        for n in range(2):
            await stage.kill(f"relay {n}")
        await _pause()


async def _freeze_relay(stage: Stage, _: Graph) -> None:
    """Whoever leads loses the lease, and wakes as a leader who is none."""
    for n in range(2):
        await stage.freeze(stage.processes[f"relay {n}"].pid, 8)


async def _deliver_twice(stage: Stage, graph: Graph) -> None:
    """Messages come again, twice: of jobs that wait, that are being done and that are done."""
    before, sent = _count(stage, _NOT_BEGUN), 0
    with make_app(WorkerSettings(redis_url=stage.servers.redis_url)) as app:
        for _n in range(8):
            await _pause()
            jobs = await asyncio.to_thread(run, graph, _LATEST_JOBS)
            for job in jobs * 2:
                app.send_task(str(job["name"]), args=[job["event_id"]])
            sent += len(jobs) * 2
    for _n in range(_POISON_S):
        await asyncio.sleep(1)
        if _count(stage, _NOT_BEGUN) - before >= sent / 2:
            return
    raise AssertionError(f"of {sent} doubled messages too few came to nothing")


def _count(stage: Stage, event: str) -> int:
    """Count the lines of the worker's log that tell of something."""
    return stage.log_of("worker 0").count(f'"event": "{event}"')


async def _poison(stage: Stage, graph: Graph) -> None:
    """What nobody can read or knows, and what kills its worker, end as dead letters."""
    await asyncio.to_thread(run, graph, _DEADLY_JOB)
    with make_app(WorkerSettings(redis_url=stage.servers.redis_url)) as app:
        app.send_task("no_such_task", args=["e_none"])
        with app.connection_for_write() as connection, connection.Producer() as producer:
            for body in ("no json", "{}"):
                producer.publish(
                    body, routing_key=QUEUE, content_type="application/json",
                    content_encoding="utf-8", serializer=None,
                )  # fmt: skip
    letters = Counter[tuple[str, object]]()
    for _n in range(_POISON_S):
        await asyncio.sleep(1)
        rows = await asyncio.to_thread(run, graph, _LETTERS)
        letters = Counter((str(row["error"]), row["attempts"]) for row in rows)
        if letters.total() == _POISONS:
            break
    await asyncio.to_thread(run, graph, _FORGET_POISON)
    if letters["WorkerLost", 3] == 1 and letters.total() == _POISONS:
        return
    raise AssertionError(f"of {_POISONS} poisonous messages these became dead letters: {letters}")


async def _two_beats(stage: Stage, _: Graph) -> None:
    """Each slot's message comes twice, and the second finds it begun or done."""
    before = _slots_not_begun(stage)
    stage.start("beat 1")
    try:
        await asyncio.sleep(_TWO_BEATS_S)
    finally:
        await asyncio.to_thread(stage.processes.pop("beat 1").kill)
    doubled = _slots_not_begun(stage) - before
    assert doubled, "two beats sent no slot twice"
    twice = [slot for slot, times in doubled.items() if times > 1]
    assert not twice, f"slots {twice} were sent more often than there are beats"


def _slots_not_begun(stage: Stage) -> Counter[tuple[str, int]]:
    """Count the messages of each slot that came to nothing."""
    lines = (line for line in stage.log_of("worker 0").splitlines() if f'"{_NOT_BEGUN}"' in line)
    told = (json.loads(line) for line in lines)
    return Counter((line["task"], line["slot"]) for line in told if "slot" in line)


async def _kill_api(stage: Stage, _: Graph) -> None:
    for n in range(4):
        await _pause()
        await stage.kill(f"api {n % 2}")
        await asyncio.to_thread(stage.processes[f"api {n % 2}"].wait_ready)


FAULTS: Final[Mapping[str, Fault]] = {
    "none: two relays": measure_lag,
    "worker killed in mid-task": _kill_worker,
    "worker's child killed": _kill_child,
    "Redis killed, with its data": _kill_redis,
    "Redis killed, without its data": _empty_redis,
    "Redis frozen for 30 s": _freeze_redis,
    "Neo4j killed": _kill_neo4j,
    "relays killed": _kill_relay,
    "relays frozen": _freeze_relay,
    "messages delivered twice": _deliver_twice,
    "poisonous messages": _poison,
    "two beats": _two_beats,
    "APIs killed": _kill_api,
}
REFUSING_NOBODY: Final = frozenset(name for name in FAULTS if name.startswith("Redis"))
"""Faults during which everybody who is logged in reads and writes on."""

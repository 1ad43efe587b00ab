"""Many WebSocket clients in one process, as cheap as can be: `python -m bench.realtime.crowd`.

Each speaks `graphql-transport-ws`, subscribes once, and takes note of what comes: how many events,
in which order, and when. It is told by lines on stdin: `count` prints how many events came, `stop`
prints all that was seen as JSON and ends it.
"""

import argparse
import asyncio
import base64
import json
import os
import re
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import uvloop

_SAMPLED_EVERY: Final = 10
_NUMBER: Final = re.compile(rb'"text": ?"n(\d+)"')
_EXTENDED: Final = 126
_TEXT: Final = 1
_PING: Final = 9
_PONG: Final = 10
_AT_ONCE: Final = 50


@dataclass
class Crowd:
    """What all clients saw.

    Args:
        received: Events.
        disorders: Events whose number did not follow the one before.
        gone: Sockets that were lost.
        arrivals: When each event came to one client in ten, in seconds since 1970 UTC.
        sample: A message that carried an event.
    """

    received: int = 0
    disorders: int = 0
    gone: int = 0
    arrivals: dict[int, list[float]] = field(default_factory=dict[int, list[float]])
    sample: bytes = b""

    def __post_init__(self) -> None:
        self.handshakes = asyncio.Semaphore(_AT_ONCE)

    def seen(self) -> dict[str, Any]:
        """Give all of it."""
        return {
            "received": self.received,
            "disorders": self.disorders,
            "gone": self.gone,
            "arrivals": self.arrivals,
            "sample": self.sample.decode(),
        }


@dataclass(frozen=True, slots=True)
class Words:
    """What a client says, in this order, each after the answer to the one before."""

    handshake: bytes
    init: bytes
    subscribe: bytes


class Client(asyncio.Protocol):
    """One socket."""

    def __init__(self, crowd: Crowd, words: Words, *, is_sampled: bool) -> None:
        self._crowd = crowd
        self._words = words
        self._is_sampled = is_sampled
        self._rest = b""
        self._is_open = False
        self._last: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shake hands."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._words.handshake)

    def connection_lost(self, _: Exception | None) -> None:
        """Take note of it."""
        self._crowd.gone += 1

    def data_received(self, data: bytes) -> None:
        """Read on."""
        data = self._rest + data if self._rest else data
        start = 0 if self._is_open else self._open(data)
        while self._is_open and (frame := _whole_frame(data, start)):
            opcode, begin, end = frame
            self._heed(opcode, data[begin:end])
            start = end
        self._rest = data[start:]

    def _open(self, data: bytes) -> int:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return 0
        if not data.startswith(b"HTTP/1.1 101 "):
            _give_up(data)
        self._is_open = True
        self._transport.write(self._words.init)
        return end + 4

    def _heed(self, opcode: int, payload: bytes) -> None:
        if number := _NUMBER.search(payload):
            self._note(int(number[1]), payload)
        elif opcode == _PING:
            self._transport.write(frame(payload, _PONG))
        elif b'"connection_ack"' in payload:
            self._transport.write(self._words.subscribe)
            self._crowd.handshakes.release()
        elif b'"ping"' in payload:
            self._transport.write(frame(b'{"type":"pong"}'))
        else:
            _give_up(payload)

    def _note(self, number: int, payload: bytes) -> None:
        crowd = self._crowd
        crowd.received += 1
        if self._last is not None and number != self._last + 1:
            crowd.disorders += 1
        self._last = number
        if self._is_sampled:
            crowd.arrivals.setdefault(number, []).append(time.time())
            crowd.sample = payload


def _whole_frame(data: bytes, start: int) -> tuple[int, int, int] | None:
    """Give the opcode of a server's frame, and where its payload begins and ends."""
    begin = start + 2
    if len(data) < begin:
        return None
    size = data[start + 1]
    if size == _EXTENDED:
        begin += 2
        size = int.from_bytes(data[start + 2 : begin])
    end = begin + size
    return None if len(data) < end else (data[start] & 15, begin, end)


def frame(payload: bytes, opcode: int = _TEXT) -> bytes:
    """Make a client's frame, masked with zeros."""
    size = len(payload)
    head = bytes((0x80 | opcode,))
    if size < _EXTENDED:
        return head + bytes((0x80 | size,)) + bytes(4) + payload
    return head + bytes((0x80 | _EXTENDED,)) + size.to_bytes(2) + bytes(4) + payload


def _give_up(said: bytes) -> None:
    print("The server said what was not expected:", said[:500], file=sys.stderr, flush=True)
    os._exit(1)  # the loop would swallow an exception of a protocol


def _words(options: argparse.Namespace, token: str | None) -> Words:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /graphql HTTP/1.1",
        f"Host: 127.0.0.1:{options.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
        "\r\n",
    ]
    init = {"type": "connection_init", "payload": {"token": token} if token else {}}
    subscribe = {"id": "1", "type": "subscribe", "payload": json.loads(options.subscribe)}
    return Words(
        "\r\n".join(lines).encode(),
        frame(json.dumps(init).encode()),
        frame(json.dumps(subscribe).encode()),
    )


async def _connect(options: argparse.Namespace, crowd: Crowd) -> None:
    """Connect all, so many at a time that no server's queue of new ones runs over."""
    loop = asyncio.get_running_loop()
    tokens = options.tokens.read_text(encoding="utf-8").split() if options.tokens else []
    for index in range(options.sockets):
        words = _words(options, tokens[index] if tokens else None)
        make = partial(Client, crowd, words, is_sampled=index % _SAMPLED_EVERY == 0)
        await crowd.handshakes.acquire()
        await loop.create_connection(make, "127.0.0.1", options.port)
    for _ in range(_AT_ONCE):
        await crowd.handshakes.acquire()


async def _main(options: argparse.Namespace) -> None:
    crowd = Crowd()
    await _connect(options, crowd)
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while (order := await loop.run_in_executor(None, sys.stdin.readline)) == "count\n":
        print(crowd.received, flush=True)
    if order:
        print(json.dumps(crowd.seen()), flush=True)
    os._exit(0)  # closing every socket politely would take longer than all the rest


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench.realtime.crowd", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sockets", type=int, required=True)
    parser.add_argument("--tokens", type=Path, help="file with an access token for each socket")
    parser.add_argument("--subscribe", required=True, help="payload of the subscription, as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    uvloop.run(_main(_arguments()))

"""An HTTP connection to addresses that are given, whose time in all is bounded."""

import http.client
import io
import queue
import socket
import ssl
import time
from collections.abc import Sequence
from threading import Thread
from typing import Any, Final

_CHUNK: Final = 16_384


class Deadline:
    """An instant by which all has to be done.

    Args:
        seconds: How far off it is.
    """

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left_s(self) -> float:
        """Give how long there is yet, in seconds.

        Raises:
            TimeoutError: It is over.
        """
        left_s = self._at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the deadline is over")
        return left_s


def resolve(host: str, port: int, deadline: Deadline) -> list[str]:
    """Give the addresses of a host.

    The system's resolver knows no deadline, so it is asked by a thread that is given up on.

    Raises:
        TimeoutError: They are not known in time.
        OSError: There are none.
        UnicodeError: There is no such name.
    """
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left_s())
    except queue.Empty:
        raise TimeoutError(f"{host} was not resolved in time") from None
    if isinstance(answer, Exception):
        raise answer
    return [str(each[4][0]) for each in answer]


class _Reader(io.RawIOBase):
    """What comes over a socket, while there is time."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.left_s())
        count: int = self._sock.recv_into(buffer)
        return count


class _Line:
    """A socket as `http.client` uses it, each step of which has what is left until a deadline.

    A timeout of the socket's own begins anew with each byte.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(self._deadline.left_s())
            rest = rest[self._sock.send(rest[:_CHUNK]) :]

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._sock, self._deadline))

    def close(self) -> None:
        self._sock.close()


class PinnedConnection(http.client.HTTPConnection):
    """A connection to one of some addresses, whatever its host's name means by now.

    Args:
        host: What the request and the certificate name.
        addresses: Where to connect to: the first that answers.
        deadline: Of connecting, of the handshake and of all that is sent and read.
        tls: How the server is checked; None to do without.
    """

    def __init__(
        self,
        host: str,
        port: int,
        addresses: Sequence[str],
        deadline: Deadline,
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(host, port)
        self.default_port = 443 if tls else 80
        self._addresses = addresses
        self._deadline = deadline
        self._tls = tls

    def connect(self) -> None:
        """Connect to the first address that answers.

        Raises:
            OSError: None did, or not in time.
        """
        for address in self._addresses[:-1]:
            try:
                self._connect_to(address)
            except OSError:
                continue
            else:
                return
        self._connect_to(self._addresses[-1])

    def _connect_to(self, address: str) -> None:
        sock = socket.create_connection((address, self.port), self._deadline.left_s())
        try:
            if self._tls is not None:
                sock = self._shake_hands(sock, self._tls)
        except BaseException:
            sock.close()
            raise
        self.sock = _Line(sock, self._deadline)

    def _shake_hands(self, sock: socket.socket, tls: ssl.SSLContext) -> ssl.SSLSocket:
        wrapped = tls.wrap_socket(sock, server_hostname=self.host, do_handshake_on_connect=False)
        try:
            # The time of a handshake is that of all its messages together.
            wrapped.settimeout(self._deadline.left_s())
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped

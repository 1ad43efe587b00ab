"""Webhooks are signed, go where they may and nowhere else, and never for long."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, ClassVar, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters import pinned
from adapters.webhook_delivery import (
    DeliveryRules,
    WebhookFailed,
    WebhookRefused,
    deliver,
    sign,
)

_COMMON_NAME: Final = NameOID.COMMON_NAME
_PEM: Final = serialization.Encoding.PEM
OPEN = DeliveryRules(2.0, allow_http=True, allow_private=True)


class Receiver(BaseHTTPRequestHandler):
    """Answers as its path asks for, and remembers what came."""

    came: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []
    sent: ClassVar[list[int]] = []
    """How often was sent what is sent again and again."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.came.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        match self.path:
            case "/drip":
                self._send(b"H", pause_s=0.05)
            case "/continue":
                self._send(b"HTTP/1.1 100 Continue\r\n\r\n", pause_s=0.05)
            case "/headers":
                self._send(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 1_000)
            case "/line":
                self._send(b"HTTP/1.1 200 " + b"x" * 1_000_000)
            case "/huge":
                self._send(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000)
            case "/away":
                self.send_response(302)
                self.send_header("location", "/elsewhere")
                self.end_headers()
            case path:
                self.send_response(int(path[1:]))
                self.end_headers()

    def _send(self, data: bytes, pause_s: float = 0.0) -> None:
        """Send something a hundred times, or until nobody takes it any more."""
        for n in range(100):
            try:
                self.wfile.write(data)
            except OSError:
                self.sent.append(n)
                return
            time.sleep(pause_s)
        self.sent.append(100)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Receiver.came, Receiver.sent = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"localhost:{server.server_port}"
        server.shutdown()


@dataclass(frozen=True)
class Authority:
    """Who signs a server's certificate, and where that is known."""

    certificates: Path
    server: str


def _certificate(
    name: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    signs: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer, name, public_key, x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(extension, critical=True)
        .sign(signs, hashes.SHA256())
    )


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    """Serve over TLS, with a certificate for `localhost` by an authority that nobody knows."""
    Receiver.came, Receiver.sent = [], []
    issuer, name = (x509.Name([x509.NameAttribute(_COMMON_NAME, each)]) for each in ("us", "it"))
    root, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    is_root = x509.BasicConstraints(ca=True, path_length=None)
    known = tmp_path / "known.pem"
    known.write_bytes(
        _certificate(issuer, root.public_key(), issuer, root, is_root).public_bytes(_PEM)
    )
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    shown = tmp_path / "shown.pem"
    shown.write_bytes(
        _certificate(name, key.public_key(), issuer, root, names).public_bytes(_PEM)
        + key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Authority(known, f"localhost:{server.server_port}")
        server.shutdown()


@pytest.mark.unit
def test_a_signature_is_that_of_the_standard() -> None:
    """The example by which the standard's own libraries are tested."""
    secret, message_id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    body = b'{"test": 2432232314}'
    published = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(secret, message_id, 1614265330, body) == published
    assert sign(secret, message_id, 1614265331, body) != published


def test_a_message_comes_as_it_was_sent(server: str) -> None:
    deliver(f"http://{server}/204", {"webhook-id": "e_1"}, b"{}", OPEN)
    ((path, headers, body),) = Receiver.came
    assert (path, headers["webhook-id"], headers["host"], body) == ("/204", "e_1", server, b"{}")


@pytest.mark.parametrize("path", ["/400", "/410", "/500", "/away"])
def test_what_is_no_success_failed_and_no_redirect_is_followed(server: str, path: str) -> None:
    with pytest.raises(WebhookFailed, match="answered"):
        deliver(f"http://{server}{path}", {}, b"{}", OPEN)
    assert [came[0] for came in Receiver.came] == [path]


@pytest.mark.parametrize("path", ["/drip", "/continue"])
def test_who_answers_a_little_now_and_then_is_too_slow(server: str, path: str) -> None:
    """Each byte comes in time; five seconds later all of them would have come."""
    with pytest.raises(WebhookFailed, match="did not answer: TimeoutError"):
        deliver(f"http://{server}{path}", {}, b"{}", replace(OPEN, timeout_s=0.3))


def test_who_takes_nothing_of_what_is_sent_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(WebhookFailed, match="did not answer: TimeoutError"):
            deliver(url, {}, b"x" * 50_000_000, replace(OPEN, timeout_s=0.3))


@contextmanager
def _dripping_handshake() -> Iterator[int]:
    """Give the port of somebody who begins a TLS record of 16 KB, and sends it byte by byte."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            with server.accept()[0] as line, suppress(OSError):
                line.sendall(b"\x16\x03\x03\x40\x00")
                for _ in range(100):
                    line.sendall(b"\x00")
                    time.sleep(0.05)

        thread = Thread(target=drip, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_who_shakes_hands_byte_by_byte_is_too_slow() -> None:
    with (
        _dripping_handshake() as port,
        pytest.raises(WebhookFailed, match="did not answer: TimeoutError"),
    ):
        deliver(f"https://127.0.0.1:{port}/", {}, b"{}", replace(OPEN, timeout_s=0.3))


def test_a_name_that_is_resolved_slowly_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = Event()
    monkeypatch.setattr(pinned.socket, "getaddrinfo", lambda *_, **__: is_over.wait(5) and [])
    with pytest.raises(WebhookFailed, match="not resolved in time"):
        deliver("http://slow.test/", {}, b"{}", replace(OPEN, timeout_s=0.3))
    is_over.set()


def test_an_address_that_hangs_leaves_no_time_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have one deadline: the second is not even called when the first used it up."""
    with socket.create_server(("127.0.0.2", 0)) as hanging:
        port = hanging.getsockname()[1]
        with socket.create_server(("127.0.0.3", port)) as second:
            second.settimeout(0)
            both = [(socket.AF_INET, 1, 6, "", (each, port)) for each in ("127.0.0.2", "127.0.0.3")]
            resolver = {"two.test": both}
            original = socket.getaddrinfo
            monkeypatch.setattr(
                pinned.socket,
                "getaddrinfo",
                lambda host, *some, **named: resolver.get(host) or original(host, *some, **named),
            )
            with pytest.raises(WebhookFailed, match="did not answer: TimeoutError"):
                deliver(f"https://two.test:{port}/", {}, b"{}", replace(OPEN, timeout_s=0.3))
            with pytest.raises(BlockingIOError):
                second.accept()


@pytest.mark.parametrize(
    ("path", "error"), [("/headers", "HTTPException"), ("/line", "LineTooLong")]
)
def test_an_answer_without_end_is_none(server: str, path: str, error: str) -> None:
    with pytest.raises(WebhookFailed, match=f"did not answer: {error}"):
        deliver(f"http://{server}{path}", {}, b"{}", OPEN)


def test_of_a_huge_answer_no_more_is_read_than_its_status(server: str) -> None:
    deliver(f"http://{server}/huge", {}, b"{}", OPEN)
    while not Receiver.sent:
        time.sleep(0.01)
    assert Receiver.sent[0] < 100


def test_no_proxy_of_the_environment_is_asked(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        for each in (name, name.upper()):
            monkeypatch.setenv(each, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    deliver(f"http://{server}/204", {}, b"{}", OPEN)
    assert Receiver.came[0][0] == "/204"


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"]
)
def test_no_name_leads_to_our_own_network(server: str, host: str) -> None:
    port = server.partition(":")[2]
    with pytest.raises(WebhookRefused):
        deliver(f"http://{host}:{port}/200", {}, b"{}", DeliveryRules(2.0, allow_http=True))
    assert Receiver.came == []


def test_without_tls_nothing_is_sent(server: str) -> None:
    with pytest.raises(WebhookRefused):
        deliver(f"http://{server}/200", {}, b"{}", DeliveryRules(2.0, allow_private=True))
    assert Receiver.came == []


def test_over_tls_a_server_is_told_that_shows_who_it_is(authority: Authority) -> None:
    known = replace(OPEN, allow_http=False, ca_file=authority.certificates)
    deliver(f"https://{authority.server}/204", {}, b"{}", known)
    ((path, headers, _),) = Receiver.came
    assert (path, headers["host"]) == ("/204", authority.server)


def test_over_tls_nobody_is_told_whom_we_do_not_trust(authority: Authority) -> None:
    port = authority.server.partition(":")[2]
    known = replace(OPEN, ca_file=authority.certificates)
    for url, rules in (
        (f"https://{authority.server}/204", OPEN),
        (f"https://127.0.0.1:{port}/204", known),
    ):
        with pytest.raises(WebhookFailed, match="SSLCertVerificationError"):
            deliver(url, {}, b"{}", rules)
    assert Receiver.came == []


def test_certificates_that_are_not_there_are_named(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        deliver(f"https://{authority.server}/", {}, b"", replace(OPEN, ca_file=tmp_path / "none"))


def test_a_name_is_resolved_once_and_the_address_that_was_looked_at_is_taken(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means something else when it is asked for again gains nothing by it."""
    port = int(server.partition(":")[2])
    answers = [[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]]
    original = socket.getaddrinfo

    def resolve(host: Any, *arguments: Any, **named: Any) -> Any:
        return answers.pop() if host == "rebind.test" else original(host, *arguments, **named)

    monkeypatch.setattr(pinned.socket, "getaddrinfo", resolve)
    deliver(f"http://rebind.test:{port}/200", {}, b"{}", OPEN)
    assert Receiver.came[0][1]["host"] == f"rebind.test:{port}"
    assert answers == []


def test_of_several_addresses_none_may_be_our_own(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(server.partition(":")[2])
    both = [(socket.AF_INET, 1, 6, "", (each, port)) for each in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(pinned.socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(WebhookRefused):
        deliver(f"http://rebind.test:{port}/200", {}, b"{}", DeliveryRules(2.0, allow_http=True))
    assert Receiver.came == []

"""Webhooks are signed, go where they may and nowhere else, and never for long."""

import base64
import hashlib
import hmac
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters import webhook_delivery
from adapters.webhook_delivery import (
    DeliveryRules,
    WebhookFailed,
    WebhookRefused,
    deliver,
    is_open_to_all,
    sign,
)

_COMMON_NAME: Final = NameOID.COMMON_NAME
_PEM: Final = serialization.Encoding.PEM
OPEN = DeliveryRules(2.0, allow_http=True, allow_private=True)


class Receiver(BaseHTTPRequestHandler):
    """Answers as its path asks for, and remembers what came."""

    came: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.came.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        match self.path:
            case "/drip":
                self._drip()
            case "/away":
                self.send_response(302)
                self.send_header("location", "/elsewhere")
                self.end_headers()
            case path:
                self.send_response(int(path[1:]))
                self.end_headers()

    def _drip(self) -> None:
        try:
            for _ in range(100):
                self.wfile.write(b"H")
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Receiver.came = []
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
    Receiver.came = []
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
    """The example of the standard's own libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    digest = hmac.new(key, b'msg_1.1614265330.{"test": 1}', hashlib.sha256).digest()
    signed = sign(secret, "msg_1", 1614265330, b'{"test": 1}')
    assert signed == "v1," + base64.b64encode(digest).decode()
    assert signed != sign(secret, "msg_1", 1614265331, b'{"test": 1}')


@pytest.mark.unit
@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("ff0e::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
    ],
)
def test_only_addresses_of_the_internet_are_open(address: str, is_open: bool) -> None:
    assert is_open_to_all(ipaddress.ip_address(address)) is is_open


def test_a_message_comes_as_it_was_sent(server: str) -> None:
    deliver(f"http://{server}/204", {"webhook-id": "e_1"}, b"{}", OPEN)
    ((path, headers, body),) = Receiver.came
    assert (path, headers["webhook-id"], headers["host"], body) == ("/204", "e_1", server, b"{}")


@pytest.mark.parametrize("path", ["/400", "/410", "/500", "/away"])
def test_what_is_no_success_failed_and_no_redirect_is_followed(server: str, path: str) -> None:
    with pytest.raises(WebhookFailed, match="answered"):
        deliver(f"http://{server}{path}", {}, b"{}", OPEN)
    assert [came[0] for came in Receiver.came] == [path]


def test_who_answers_a_byte_now_and_then_is_too_slow(server: str) -> None:
    with pytest.raises(WebhookFailed, match="did not answer"):
        deliver(f"http://{server}/drip", {}, b"{}", replace(OPEN, timeout_s=0.3))


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

    monkeypatch.setattr(webhook_delivery.socket, "getaddrinfo", resolve)
    deliver(f"http://rebind.test:{port}/200", {}, b"{}", OPEN)
    assert Receiver.came[0][1]["host"] == f"rebind.test:{port}"
    assert answers == []


def test_of_several_addresses_none_may_be_our_own(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(server.partition(":")[2])
    both = [(socket.AF_INET, 1, 6, "", (each, port)) for each in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(webhook_delivery.socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(WebhookRefused):
        deliver(f"http://rebind.test:{port}/200", {}, b"{}", DeliveryRules(2.0, allow_http=True))
    assert Receiver.came == []

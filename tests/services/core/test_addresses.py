"""Which addresses the system calls by itself."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask import Flask

from app.services.core import addresses
from app.services.core.addresses import Unreachable
from app.services.webhooks import calling
from config import WrongSetting, from_environment
from tests.receiver import receiving

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True), ("2606:4700::6810:84e5", True), ("10.1.2.3", False), ("172.16.0.1", False),
        ("192.168.1.1", False), ("127.0.0.1", False), ("0.0.0.0", False), ("169.254.169.254", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False), ("::", False),
        ("fe80::1%eth0", False), ("fd00::1", False), ("::ffff:10.0.0.1", False), (f"::ffff:{PUBLIC}", True),
        ("2002:7f00:1::", False), ("64:ff9b::7f00:1", False), ("2001:0:7f00:1::", False),
    ],
)  # fmt: skip
def test_what_is_public(app: Flask, address: str, public: bool) -> None:
    assert addresses.is_public(address) is public


class Names:
    """A name server whose answers change, one after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers, self.real, self.asked = list(answers), socket.getaddrinfo, 0
        monkeypatch.setattr(socket, "getaddrinfo", self._answer)

    def _answer(self, host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host != "hooks.example.id":
            return self.real(host, port, *more, **named)
        self.asked += 1
        now = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in now]


def test_a_name_leads_to_the_address_that_was_judged(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when it is looked up first and private when it is looked up again reaches nothing."""
    with receiving() as receiver, app.test_request_context():
        names = Names(monkeypatch, [PUBLIC], ["127.0.0.1"])
        tried: list[str] = []
        monkeypatch.setattr(socket.socket, "connect", lambda _self, where: tried.append(where[0]) or _refuse())
        answer = calling.post(f"https://hooks.example.id:{receiver.port}/hook", b"{}", {})
        assert (tried, names.asked) == ([PUBLIC], 1)
        assert answer.status is None
        monkeypatch.undo()
        Names(monkeypatch, ["127.0.0.1"])
        answer = calling.post(f"https://hooks.example.id:{receiver.port}/hook", b"{}", {})
        assert "hooks.example.id" in answer.error
        assert receiver.got == []


def _refuse() -> None:
    raise ConnectionRefusedError


def test_of_several_addresses_the_permitted_ones(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, ["10.0.0.1", PUBLIC])
    with app.test_request_context():
        assert addresses.resolve("hooks.example.id", 443, encrypted=True) == [PUBLIC]
        with pytest.raises(Unreachable):
            addresses.resolve("hooks.example.id", 80, encrypted=False)
        monkeypatch.setitem(app.config, "WEBHOOK_ALLOW_PRIVATE", [ip_network("10.0.0.0/8")])
        assert addresses.resolve("hooks.example.id", 80, encrypted=False) == ["10.0.0.1"]
        with pytest.raises(Unreachable):
            addresses.resolve("no-such-host.invalid", 443, encrypted=True)


def certificate(folder: Path, name: str) -> Path:
    """A certificate that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))  # OpenSSL goes by the machine's clock
        .not_valid_after(datetime(2200, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    pem = folder / f"{name}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + made.public_bytes(Encoding.PEM))
    return pem


@pytest.mark.parametrize(
    ("name", "trusted", "status"),
    [("hooks.example.id", True, 204), ("hooks.example.id", False, None), ("other.example.id", True, None)],
)
def test_the_certificate_is_that_of_the_name_though_an_address_is_connected_to(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, trusted: bool, status: int | None
) -> None:
    pem = certificate(tmp_path, name)
    monkeypatch.setitem(app.config, "WEBHOOK_ALLOW_PRIVATE", [ip_network("127.0.0.1/32")])
    Names(monkeypatch, ["127.0.0.1"])
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with receiving(pem) as receiver, app.test_request_context():
        answer = calling.post(f"https://hooks.example.id:{receiver.port}/hook", b"{}", {})
        assert answer.status == status, answer.error
        assert len(receiver.got) == (1 if status else 0)


def test_an_answer_that_trickles_is_ended(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WEBHOOK_ALLOW_PRIVATE", [ip_network("127.0.0.1/32")])
    monkeypatch.setattr(calling, "WHOLE", 0.3)
    with receiving() as receiver, app.test_request_context():
        receiver.slow = 0.05
        answer = calling.post(receiver.url, b"{}", {})
        assert answer.error == "Timeout"
        assert not answer.accepted


def test_settings_that_cannot_be_right_are_named(tmp_path: Any) -> None:
    for name, wrong in (("WEBHOOK_ALLOW_PRIVATE", "10.0.0.0/33"), ("PUBLIC_URL", "tuntas.example.id")):
        with pytest.raises(WrongSetting, match=name):
            from_environment({"INSTANCE_PATH": str(tmp_path), name: wrong})
    read = from_environment({"INSTANCE_PATH": str(tmp_path), "PUBLIC_URL": "https://tuntas.example.id/"})
    assert read["PUBLIC_URL"] == "https://tuntas.example.id"

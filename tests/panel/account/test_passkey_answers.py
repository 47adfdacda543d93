"""What an authenticator says is checked: its challenge, its host, its holder; what a stranger sends instead is refused
in words."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask.testing import FlaskClient
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from tests.cast import Cast
from tests.factors import is_in, logged, password_given
from tests.panel.account.test_factors import PAGE, factors

HERE, ELSEWHERE = "http://localhost", "https://evil.example"
QUESTION, ALONE, STEP = "/login/passkey/options", "/login/passkey", "/login/passkey?step=1"
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


class Key:
    """A security key in software (CTAP2, ES256); ``count``: how often it was used, as it says."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id, self.count, self.handle = b"\x07" * 32, 0, ""

    def make(self, options: dict[str, Any], origin: str = HERE) -> str:
        self.handle = options["user"]["id"]
        public = self.private.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")})
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        data = self._data(options["rp"]["id"], PRESENT | VERIFIED | ATTESTED) + attested
        response = {
            "clientDataJSON": _client("webauthn.create", options["challenge"], origin),
            "attestationObject": bytes_to_base64url(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["usb", "nonsense", 7],
        }
        return self._said(response)

    def answer(self, options: dict[str, Any], flags: int = PRESENT | VERIFIED, origin: str = HERE, **more: str) -> str:
        self.count += 1
        data = self._data(options["rpId"], flags)
        client = _client("webauthn.get", more.pop("challenge", options["challenge"]), origin)
        signed = self.private.sign(data + hashlib.sha256(base64url_to_bytes(client)).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": client, "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signed), "userHandle": self.handle,
        }  # fmt: skip
        return self._said(response | more)

    def _data(self, rp_id: str, flags: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _said(self, response: dict[str, Any]) -> str:
        pk = bytes_to_base64url(self.id)
        return json.dumps({"id": pk, "rawId": pk, "type": "public-key", "response": response})


def _client(kind: str, challenge: str, origin: str) -> str:
    return bytes_to_base64url(json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode())


def question(browser: FlaskClient, path: str = QUESTION) -> dict[str, Any]:
    answer = browser.post(path)
    assert (answer.status_code, answer.cache_control.no_store) == (200, True)
    return dict(answer.json)


def key_of(cast: Cast, name: str) -> Key:
    browser, key = cast.login(name), Key()
    made = key.make(question(browser, f"{PAGE}passkey/options"))
    assert browser.post(f"{PAGE}passkey", data={"credential": made, "name": "Kunci"}).status_code == 200
    return key


def let_in(cast: Cast, said: str, browser: FlaskClient) -> bool:
    browser.post(ALONE, data={"credential": said})
    return is_in(browser)


def test_a_key_signs_in_and_each_answer_counts_once(any_cast: Cast) -> None:
    key = key_of(any_cast, "cs")
    [kept] = factors(any_cast.app, "cs")
    assert (kept.name, kept.transports, kept.rp_id) == ("Kunci", ["usb"], "localhost")
    browser = any_cast.app.test_client()
    said = key.answer(question(browser))
    cookie = browser.get_cookie("tuntas")
    assert cookie
    assert let_in(any_cast, said, browser)
    thief = any_cast.app.test_client()
    thief.set_cookie("tuntas", cookie.value)
    assert not let_in(any_cast, said, thief), "the whole of it again, cookie and answer, is worth nothing"
    assert logged(any_cast.app, "sign_in")[-1] == ("sign_in.done", "cs", {"way": "passkey"})


def test_what_proves_nothing_lets_nobody_in(cast: Cast) -> None:
    key = key_of(cast, "cs")
    stranger, browser = Key(), cast.app.test_client()
    stranger.handle = key.handle
    for wrong in (
        lambda asked: key.answer(asked, flags=PRESENT),  # nobody has unlocked it
        lambda asked: key.answer(asked, flags=VERIFIED),  # nobody is there
        lambda asked: key.answer(asked, origin=ELSEWHERE),
        lambda asked: key.answer(asked | {"rpId": "evil.example"}),
        lambda asked: key.answer(asked, challenge=bytes_to_base64url(b"another challenge of 32 letters.")),
        lambda asked: key.answer(asked, userHandle=bytes_to_base64url(b"another user")),
        lambda asked: key.answer(asked, userHandle=""),
        lambda asked: key.answer(asked, signature=bytes_to_base64url(b"x" * 70)),
        lambda asked: stranger.answer(asked),  # the id of the key, another's signature
    ):
        assert not let_in(cast, wrong(question(browser)), browser)
    assert let_in(cast, key.answer(question(browser)), browser)


def test_a_copied_key_is_found_out(cast: Cast) -> None:
    """Its count says that the other one was used since."""
    key = key_of(cast, "cs")
    for _time in range(3):
        browser = cast.app.test_client()
        assert let_in(cast, key.answer(question(browser)), browser)
    key.count = 1
    browser = cast.app.test_client()
    assert not let_in(cast, key.answer(question(browser)), browser)


def test_a_challenge_is_for_one_purpose(cast: Cast) -> None:
    key = key_of(cast, "cs")
    browser = password_given(cast, "cs")
    asked = question(browser)  # instead of a password
    browser.post(STEP, data={"credential": key.answer(asked)})
    assert not is_in(browser)
    asked = question(browser, f"{QUESTION}?step=1")
    assert [one["id"] for one in asked["allowCredentials"]] == [bytes_to_base64url(key.id)]
    browser.post(STEP, data={"credential": key.answer(asked, flags=PRESENT)})
    assert is_in(browser), "after the password it is enough that the key is there"


def test_anothers_key_is_no_second_step(cast: Cast) -> None:
    key_of(cast, "cs")
    other = Key()
    other.id = b"\x08" * 32
    legal = cast.login("legal")
    assert legal.post(f"{PAGE}passkey", data={"credential": other.make(question(legal, f"{PAGE}passkey/options"))})
    browser = password_given(cast, "cs")
    browser.post(STEP, data={"credential": other.answer(question(browser, f"{QUESTION}?step=1"))})
    assert not is_in(browser)


def test_who_is_deactivated_stays_out(cast: Cast) -> None:
    key = key_of(cast, "cs")
    with cast.app.app_context():
        user = cast.app.appbuilder.sm.find_user(username="cs")
        user.active = False
        cast.app.appbuilder.sm.update_user(user)
    browser = cast.app.test_client()
    assert not let_in(cast, key.answer(question(browser)), browser)


def test_a_key_is_made_for_us_and_now(cast: Cast) -> None:
    browser, key = cast.login("cs"), Key()
    path = f"{PAGE}passkey"
    asked = question(browser, f"{path}/options")
    for said in (
        key.make(asked, ELSEWHERE),
        key.make(asked | {"rp": {"id": "evil.example"}}),
        key.answer(asked | {"rpId": "x"}),
    ):
        assert browser.post(path, data={"credential": said}).status_code == 400
        asked = question(browser, f"{path}/options")
    assert browser.post(path, data={"credential": key.make(asked | {"challenge": "AAAA"})}).status_code == 400
    assert browser.post(path, data={"credential": key.make(asked)}).headers["Location"] == path, "it was asked once"
    assert factors(cast.app, "cs") == []


def test_the_address_of_the_settings_goes_before_the_hosts(make_app: Any) -> None:
    cast = Cast(make_app(PUBLIC_URL="https://tuntas.example.id"))
    browser = cast.login("cs")
    asked = question(browser, f"{PAGE}passkey/options")
    assert asked["rp"]["id"] == "tuntas.example.id"
    said = Key().make(asked, "http://localhost")
    assert browser.post(f"{PAGE}passkey", data={"credential": said}).status_code == 400
    asked = question(browser, f"{PAGE}passkey/options")
    said = Key().make(asked, "https://tuntas.example.id")
    assert browser.post(f"{PAGE}passkey", data={"credential": said}).status_code == 200


def hostile() -> list[str]:
    """What is no answer of an authenticator."""
    good = json.loads(Key().answer({"rpId": "localhost", "challenge": "AAAA"}))
    found = [
        "",
        "{",
        "null",
        "[]",
        "7",
        '"x"',
        "{}",
        "[" * 5000,
        "\x00",
        "x" * 30_000,
        '{"id": null}',
        '{"id": {"a": 1}}',
    ]
    for key in ("id", "rawId", "type", "response"):
        found += [json.dumps(good | {key: value}) for value in (None, 7, [], {}, "", "é", "x" * 3000, "\x00")]
    for key in ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"):
        for value in (None, 7, [], {}, "", "%%%", "AAAA", "x" * 3000, bytes_to_base64url(b"[" * 900)):
            found.append(json.dumps(good | {"response": good["response"] | {key: value}}))
    return found


def test_hostile_answers_are_refused_in_words(cast: Cast) -> None:
    key_of(cast, "cs")
    signed_in, stranger, halfway = cast.login("legal"), cast.app.test_client(), password_given(cast, "cs")
    for said in hostile():
        question(signed_in, f"{PAGE}passkey/options")
        assert signed_in.post(f"{PAGE}passkey", data={"credential": said}).status_code == 400, said[:200]
        for browser, path, asks in ((stranger, ALONE, QUESTION), (halfway, STEP, f"{QUESTION}?step=1")):
            question(browser, asks)
            answer = browser.post(path, data={"credential": said})
            assert answer.status_code in (302, 400), said[:200]
    assert not is_in(stranger)
    assert not is_in(halfway)
    assert len(hostile()) > 80

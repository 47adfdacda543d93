"""A key that never leaves its token: SoftHSM, where it and python-pkcs11 are there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.services.evidence import keys

PLACES = ("/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", os.environ.get("SOFTHSM2_FOLDER", "/nowhere"))
LIBRARIES = tuple(Path(place) / "libsofthsm2.so" for place in PLACES)
ED25519 = "1.3.101.112"


def make_key(pkcs11: Any, library: Path) -> None:
    from pkcs11.util.ec import encode_named_curve_parameters

    token = pkcs11.lib(str(library)).get_token(token_label="tuntas")
    curve = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(ED25519)}
    with token.open(rw=True, user_pin="1234") as session:
        parameters = session.create_domain_parameters(pkcs11.KeyType.EC_EDWARDS, curve, local=True)
        parameters.generate_keypair(
            mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, store=True, label="checkpoint"
        )  # fmt: skip


def test_a_key_in_a_token_signs(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pkcs11 = pytest.importorskip("pkcs11", reason="needs python-pkcs11, an extra")
    library = next((place for place in LIBRARIES if place.exists()), None)
    tool = shutil.which("softhsm2-util")
    if library is None or tool is None:
        pytest.skip("needs softhsm2")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    (tmp_path / "pin").write_text("1234\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    initialise = [tool, "--init-token", "--free", "--label", "tuntas", "--pin", "1234", "--so-pin", "1234"]
    subprocess.run([*initialise, "--module", str(library)], check=True)
    make_key(pkcs11, library)
    address = f"pkcs11:token=tuntas;object=checkpoint?module-path={library}&pin-source={tmp_path / 'pin'}"
    monkeypatch.setitem(app.config, "CHECKPOINT_KEY", address)
    app.extensions.pop("tuntas_checkpoint_key", None)
    with app.app_context():
        signer = keys.signer()
        assert keys.is_signed(signer.public, b"checkpoint", signer.sign(b"checkpoint"))
        app.extensions.pop("tuntas_checkpoint_key")
        monkeypatch.setitem(app.config, "CHECKPOINT_KEY", address.replace("object=checkpoint", "object=other"))
        with pytest.raises(keys.NoKey):
            keys.signer()

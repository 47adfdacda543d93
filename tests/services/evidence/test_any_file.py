"""The stand-alone verifier is given whatever there is: it judges it or says that it can't be told, and never breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.evidence import checking, keys, verifier
from tests.databases import sqlite_alone
from tests.fuzz.conftest import tries
from tests.fuzz.test_readers import spoilt
from tests.services.evidence.owner import Office

pytestmark = [pytest.mark.slow, sqlite_alone]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def altered(lines: list[dict[str, Any]]) -> st.SearchStrategy[bytes]:
    """An export in which one value somewhere is another."""

    @st.composite
    def made(draw: Callable[..., Any]) -> bytes:
        changed = json.loads(json.dumps(lines))
        at: Any = changed
        while isinstance(at, list | dict) and at and draw(st.integers(0, 4)):
            places = list(range(len(at))) if isinstance(at, list) else sorted(at)
            place = draw(st.sampled_from(places))
            if not isinstance(at[place], list | dict) or not at[place]:
                at[place] = draw(JSON)
                break
            at = at[place]
        else:
            changed[draw(st.integers(0, len(changed) - 1))] = draw(JSON)
        return "".join(f"{json.dumps(one)}\n" for one in changed).encode()

    return made()


@pytest.mark.parametrize("any_app", ["sqlite"], indirect=True)
def test_it_never_breaks(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, export, anchor = (tmp_path / name for name in ("key.pem", "export.jsonl", "checkpoints.jsonl"))
    key.write_text(keys.pem(keys.signer().public))
    with export.open("w") as file:
        checking.export(file)
    sound, anchored = export.read_bytes(), office.anchor.read_bytes()
    lines = [json.loads(line) for line in sound.splitlines()]

    @tries(120)
    @given(one=altered(lines) | spoilt([sound]), other=st.just(anchored) | spoilt([anchored]))
    def judged(one: bytes, other: bytes) -> None:
        export.write_bytes(one)
        anchor.write_bytes(other)
        code = verifier.main(["--key", str(key), "--checkpoints", str(anchor), str(export)])
        assert code in (0, 1, 2)
        assert capsys.readouterr().out or code == 2

    judged()
    for nothing in (b"", b"\xff\xfe\x00", b"SQLite format 3\x00" + bytes(100)):
        export.write_bytes(nothing)
        assert verifier.main(["--key", str(key), str(export)]) in (0, 2)

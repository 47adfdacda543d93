"""``flask sop check``, ``show``, ``diff``, ``new`` and ``schema``: what is said of the documents of SOPs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import Result
from flask import Flask

from app.commands import sop_documents
from app.sop import LOADED, SOPS
from app.sop.documents import load_file
from app.workflow.document.vocabulary import SOP, TABLES
from app.workflow.mistakes import Mistake
from app.workflow.texts import LANGUAGES
from config import sop_folders
from tests.test_run import PATIENCE, ROOT

REFUND = ROOT / "tests" / "refund.toml"
Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    def ran(*arguments: object) -> Result:
        return app.test_cli_runner().invoke(args=["sop", *map(str, arguments)])

    return ran


def changed(folder: Path, name: str, *changes: tuple[str, str]) -> Path:
    """The refund of the tests with each text replaced by another."""
    text = REFUND.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


WRONG = ('kind = "waiting"', 'kind = "wait"')


def test_a_good_document_is_told_in_figures(run: Run) -> None:
    told = run("check", REFUND)
    figures = "Revisi 0; status: 6, langkah: 9, isian: 14, jenis dokumen: 2"
    assert (told.exit_code, told.output) == (0, f"{REFUND}: tidak ada kesalahan. {figures}\n")


def test_each_mistake_has_a_line_and_the_good_ones_are_told_as_well(run: Run, tmp_path: Path) -> None:
    eyes = 'four_eyes = "{}"\n[steps.send_back]'
    wrong = changed(tmp_path, "wrong.toml", WRONG, (eyes.format("propose"), eyes.format("purpose")))
    told = run("check", wrong, REFUND, tmp_path / "absent.toml")
    assert told.exit_code == 1
    assert [line.removeprefix(f"{tmp_path}/").split(": ")[:2] for line in told.stderr.splitlines()] == [
        ["wrong.toml", "states.awaiting_proof.kind"], ["wrong.toml", "steps.approve.four_eyes"],
        ["absent.toml", told.stderr.splitlines()[-1].split(": ")[1]],
    ]  # fmt: skip
    assert told.stdout.startswith(f"{REFUND}: tidak ada kesalahan")
    assert "Traceback" not in told.output


def test_without_files_it_tells_what_runs_and_what_was_left_out(run: Run) -> None:
    told = run("check")
    assert told.exit_code == 0
    assert [line.split(":")[0] for line in told.stdout.splitlines()] == list(SOPS)
    left_out = replace(LOADED, broken=(Mistake("states", "lacks “%(word)s”", {"word": "x"}, "own/sop.toml"),))
    with patch.object(sop_documents, "LOADED", left_out):
        told = run("check")
    assert (told.exit_code, told.stderr) == (1, "own/sop.toml: states: belum ada “x”\n")


@pytest.mark.parametrize("key", SOPS)
def test_what_show_writes_is_the_same_sop_again(run: Run, key: str, tmp_path: Path) -> None:
    told = run("show", key)
    assert told.exit_code == 0
    written = tmp_path / f"{key}.toml"
    written.write_text(told.stdout, encoding="utf-8")
    assert replace(load_file(written, SOPS.values()), source="") == replace(SOPS[key], source="")
    assert run("show", written).stdout == told.stdout
    assert run("diff", key, written).output == ""


def test_show_names_what_there_is_when_there_is_no_such_sop(run: Run, tmp_path: Path) -> None:
    told = run("show", "somassi")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == f"“somassi” bukan SOP yang berjalan di sini ({', '.join(SOPS)}) dan bukan pula berkas.\n"
    told = run("show", changed(tmp_path, "wrong.toml", WRONG))
    assert (told.exit_code, told.stdout) == (1, "")
    assert "states.awaiting_proof.kind" in told.stderr


def test_diff_says_what_was_renamed_added_and_taken_away(run: Run, tmp_path: Path) -> None:
    new = changed(
        tmp_path, "new.toml",
        ('en = "Payout"', 'en = "Paying"'),
        ('[steps.ask_for_proof]\nlabel = { id = "Minta bukti", en = "Ask for proof" }\nfrom = "checking"\n'
         'to = "awaiting_proof"\nby = "Refund Desk"\nnote = "required"\n', ""),
        ('[steps.proof_came]\nlabel = { id = "Terima bukti", en = "Proof came" }\nfrom = "awaiting_proof"\n'
         'to = "checking"\nby = "Refund Desk"\ndocuments = { any_of = "proof", fresh = true }\n', ""),
        ('awaiting_proof = { label = { id = "Menunggu bukti", en = "Waiting for proof" }, kind = "waiting" }\n', ""),
        ('from = ["checking", "awaiting_proof"]\nby = "Refund Desk"', 'from = "checking"\nby = "Refund Desk"'),
        ('from = ["checking", "awaiting_proof"]\nto = "refused"', 'from = "checking"\nto = "refused"'),
        ("[deadlines.refund]", '[steps.look]\nlabel = { id = "Lihat", en = "Look" }\nfrom = "payout"\n'
         'by = "Refund Desk"\n[deadlines.refund]'),
    )  # fmt: skip
    told = run("diff", REFUND, new)
    lines = told.stdout.splitlines()
    assert told.exit_code == 1
    assert '  states.payout.label.en: "Payout" -> "Paying"' in lines
    assert any(re.match(r"- states\.awaiting_proof = \{ label = ", line) for line in lines)
    assert any(re.match(r"- steps\.ask_for_proof = ", line) for line in lines)
    assert any(re.match(r"\+ steps\.look = ", line) for line in lines)
    assert all(re.match(r"[+-] steps\.|[+-] states\.|  ", line) for line in lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_is_right_in_every_language_and_runs(run: Run, language: str, tmp_path: Path) -> None:
    told = run("new", "lost_parcel", "--folder", tmp_path, "--language", language)
    target = tmp_path / "lost_parcel" / "sop.toml"
    assert told.exit_code == 0
    assert told.stdout.split(": ")[1] == f"flask --app run sop check {target}\n"
    assert run("check", target).exit_code == 0
    text = target.read_text(encoding="utf-8")
    assert not re.search(r"KEY|NAME\b|PREFIX|^#(id|en) ", text, re.M)
    assert ("# Everybody who takes part." in text) is (language == "en")


def test_the_example_speaks_the_language_of_the_deployment_and_lies_in_its_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOP_PATH", str(tmp_path / "own"))
    assert run("new", "lost_parcel").exit_code == 0
    assert "# Semua peran yang terlibat." in (sop_folders()[0] / "lost_parcel" / "sop.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("Refund", "Kunci “Refund” harus diawali huruf kecil dan paling banyak 31 karakter dari a-z, 0-9, dan _."),
        ("../up", "Kunci “../up” harus diawali huruf kecil dan paling banyak 31 karakter dari a-z, 0-9, dan _."),
        ("somasi", "“somasi” sudah menjadi SOP."),
        ("search", "search: “search” means something else in Tuntas already"),
    ],
)
def test_new_refuses_a_key_that_could_not_run(run: Run, tmp_path: Path, key: str, sentence: str) -> None:
    told = run("new", key, "--folder", tmp_path / "own")
    assert (told.exit_code, told.stdout, told.stderr) == (1, "", f"{sentence}\n")
    assert not (tmp_path / "own").exists()


def test_new_writes_over_nothing(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "lost_parcel" / "sop.toml"
    target.parent.mkdir()
    target.write_text("mine")
    told = run("new", "lost_parcel", "--folder", tmp_path)
    assert (told.exit_code, told.stderr) == (1, f"{target} sudah ada.\n")
    assert target.read_text() == "mine"


def test_schema_knows_every_word(run: Run) -> None:
    told = run("schema")
    schema: dict[str, Any] = json.loads(told.stdout)
    assert told.exit_code == 0
    assert schema["$defs"]["sop"]["properties"].keys() == SOP.words.keys()
    assert schema["$defs"].keys() == {"label", *(table.name for table in TABLES)}


@pytest.mark.slow
def test_the_example_starts_as_it_is(run: Run, tmp_path: Path) -> None:
    assert run("new", "lost_parcel", "--folder", tmp_path / "own").exit_code == 0
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment |= {"INSTANCE_PATH": str(tmp_path / "instance"), "SOP_PATH": str(tmp_path / "own")}
    for command in (["setup"], ["sop", "check"]):
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "run", *command],
            cwd=ROOT, env=environment, text=True, capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert "lost_parcel: " in done.stdout

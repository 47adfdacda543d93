"""Mailboxes of the settings: what can't be right stops the start by its name, and never tells a password."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from app.jobs.ticks import ticks
from config import WrongSetting, from_environment

GOOD = {"MAILBOX_1_URL": "imaps://layanan%40contoh.example:p%40ss@mail.example", "MAILBOX_1_SOP": "pengaduan"}


def test_a_mailbox_is_read_from_its_url(tmp_path: Path) -> None:
    second = {
        "MAILBOX_2_URL": "imap://a:b@localhost:1143/Aduan/Baru",
        "MAILBOX_2_SOP": "x",
        "MAILBOX_2_FOLDER_DONE": "Y",
    }
    first, other = from_environment(GOOD | second | {"INSTANCE_PATH": str(tmp_path)})["MAILBOXES"]
    assert (first.host, first.port, first.user, first.password) == (
        "mail.example", 993, "layanan@contoh.example", "p@ss",
    )  # fmt: skip
    assert (first.folder, first.folder_done, first.encrypted) == ("INBOX", "", True)
    assert first.address == "layanan@contoh.example@mail.example/INBOX"
    assert "p@ss" not in repr(first)
    assert (other.port, other.folder, other.folder_done, other.encrypted) == (1143, "Aduan/Baru", "Y", False)
    assert [tick.name for tick in ticks(False, (first, other))][-2:] == ["read_mailbox_1", "read_mailbox_2"]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"MAILBOX_1_URL": ""}, "MAILBOX_1_URL"),
        ({"MAILBOX_1_SOP": ""}, "MAILBOX_1_SOP"),
        ({"MAILBOX_1_URL": "https://a:rahasia@mail.example"}, "MAILBOX_1_URL"),
        ({"MAILBOX_1_URL": "imaps://mail.example/INBOX"}, "MAILBOX_1_URL"),
        ({"MAILBOX_1_URL": "imaps://a:rahasia@mail.example:port"}, "MAILBOX_1_URL"),
        ({"MAILBOX_1_URL": "imaps://a:rahasia@[mail"}, "MAILBOX_1_URL"),
        ({"MAILBOX_1_URL": "imap://a:rahasia@mail.example"}, "MAILBOX_1_URL"),
        ({"MAILBOX_1_FOLDER_DONE": "INBOX"}, "MAILBOX_1_FOLDER_DONE"),
        ({"MAILBOX_X_URL": "imaps://a:b@c"}, "MAILBOX_X_URL"),
        ({"MAILBOX_1_FOLDER": "Selesai"}, "MAILBOX_1_FOLDER"),
        ({"MAILBOX_2_URL": GOOD["MAILBOX_1_URL"], "MAILBOX_2_SOP": "pengaduan"}, "MAILBOX_2_URL"),
    ],
)
def test_a_wrong_one_is_refused_by_its_name(tmp_path: Path, changed: dict[str, str], named: str) -> None:
    with pytest.raises(WrongSetting, match=rf"^{named}\b") as refusal:
        from_environment(GOOD | changed | {"INSTANCE_PATH": str(tmp_path)})
    assert "rahasia" not in str(refusal.value)


@pytest.mark.parametrize("key", ["somasi", "tidak_ada"])
def test_an_sop_that_takes_no_mails_is_refused_at_the_start(
    make_app: Callable[..., Flask], tmp_path: Path, key: str
) -> None:  # fmt: skip
    boxes = from_environment(GOOD | {"MAILBOX_1_SOP": key, "INSTANCE_PATH": str(tmp_path)})["MAILBOXES"]
    with pytest.raises(WrongSetting, match=r"^MAILBOX_1_SOP.*pengaduan"):
        make_app(MAILBOXES=boxes)

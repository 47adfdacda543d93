"""Which mail addresses and phone numbers are taken for one."""

from __future__ import annotations

import pytest

from app.workflow.contacts import is_phone, mail_address


@pytest.mark.parametrize(
    "written",
    ["rina@contoh.id", "Rina.M+kasus@contoh.co.id", "a@b-c.example", "cs@uji.test", "sent_to.08123456789@contoh.id"],
)
def test_an_address_is_taken(written: str) -> None:
    assert mail_address(written) == written


@pytest.mark.parametrize(
    "written",
    ["bukan email", "rina", "rina@", "@contoh.id", "rina@contoh", "rina@@contoh.id", "rina@contoh..id",
     "ri na@contoh.id", "rina.@contoh.id", "Rina <rina@contoh.id>", "rina@contoh.id, budi@contoh.id",
     "rina@localhost", "", "@", "a" * 300],
)  # fmt: skip
def test_what_is_no_address_is_refused(written: str) -> None:
    assert mail_address(written) is None


def test_capitals_of_a_domain_mean_nothing() -> None:
    assert mail_address("Rina@Contoh.ID") == "Rina@contoh.id"


def test_in_an_office_a_domain_may_be_a_host() -> None:
    for written in ("admin@localhost", "admin@tuntas.local", "rina@contoh.id"):
        assert mail_address(written, internal=True) == written
    for written in ("admin", "admin@", "bukan email", "a b@localhost", "admin@ho st"):
        assert mail_address(written, internal=True) is None


@pytest.mark.parametrize(
    "written",
    ["0812 3456 7890", "0812-3456-7890", "021-555-1234", "(0251) 8312 445", "+62 812.3456.7890", "+65 6123 4567",
     "6281234567890", "123", "14000", "*123#", "0812 3456 7890 / 0813 1111 2222", "0812-3456-7890 (Ibu Ani)",
     "WA 081234567890", "021 5551234 ext 12", "nomor.08123456789@contoh.id"],
)  # fmt: skip
def test_a_number_is_taken_as_people_write_it(written: str) -> None:
    assert is_phone(written)


@pytest.mark.parametrize(
    "written",
    ["bukan nomor", "-", "", "12", "+62", "tidak ada", "rina@contoh.id", "Jl. Mawar 12", "regu 3 pos 41", "..."],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    assert not is_phone(written)

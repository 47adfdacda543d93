"""Which passwords are taken, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale

from app.services.accounts import passwords

BUDI = ("Budi", "Santoso", "budi.santoso", "b.santoso")


@pytest.fixture
def house(app: Flask) -> Iterator[Flask]:
    app.config["COMPANY_NAME"] = "PT Terang Sentosa"
    with app.test_request_context(), force_locale("en"):
        yield app
    app.config["COMPANY_NAME"] = ""


def why(password: str) -> str:
    return passwords.problem(password, *BUDI) or ""


@pytest.mark.parametrize(
    "password",
    ["kucing hujan lemari biru", "kuda-nil-terbang-rendah", "Gunung-Api-93-Ceria", "correct horse battery staple",
     "xK9#mQ2$vL7p", "雨の日に猫が青い椅子で寝る", "budi naik sepeda ungu ke pasar", "b" + "x7Qe2m9Zk1" * 12],
)  # fmt: skip
def test_what_is_hard_to_guess_is_taken(house: Flask, password: str) -> None:
    assert why(password) == ""


@pytest.mark.parametrize(
    "password",
    ["rahasia123", "Rahasia@2026", "bismillah786", "sayangkamu123", "Indonesia1945!", "garudaindonesia", "1234567890",
     "password123", "qwertyuiop", "katasandi2026", "januari2026", "persibbandung", "assalamualaikum"],
)  # fmt: skip
def test_common_ones_are_not(house: Flask, password: str) -> None:
    assert "common ones" in why(password)
    assert "three or four words" in why(password), "it says what to do"


@pytest.mark.parametrize(
    "password",
    ["budi.santoso", "BudiSantoso1", "santosobudi99", "Budi Santoso 2026", "b.santoso!!!", "terangsentosa",
     "PT Terang 2026", "tuntas-demo", "Tuntas2026!"],
)  # fmt: skip
def test_names_are_not(house: Flask, password: str) -> None:
    assert "a name of this person or of the organisation" in why(password)


@pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "abcabcabcabc", "zaqwsxcde321"])
def test_rows_and_repetitions_are_not(house: Flask, password: str) -> None:
    assert why(password)


def test_lengths(house: Flask) -> None:
    assert why("xK9#mQ2$vL7") == "Please take at least 12 characters."
    assert why("xK9#mQ2$vL7p" * 11) == "Please take at most 128 characters."


def test_a_short_one_that_is_known_to_all_is_told_so(house: Flask) -> None:
    """Its length is the least of it: with two digits more it would be known as well."""
    assert "common ones" in why("rahasia12")
    assert "too easy" in why("x")


def test_two_people_at_once_do_not_share_their_names(house: Flask) -> None:
    """zxcvbn's own way to take names would keep them for everybody who asks after."""
    assert why("kartosuwiryo77xq") == ""
    assert passwords.problem("kartosuwiryo77xq", "Kartosuwiryo")
    assert why("kartosuwiryo77xq") == ""


def test_one_time_passwords(house: Flask) -> None:
    made = {passwords.one_time() for _n in range(50)}
    assert len(made) == 50
    assert not any(map(why, made))
    assert {len(one) for one in made} == {19}

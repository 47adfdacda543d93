"""What expressions mean: types, empty values, days and times, and how they are said to people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from app.workflow.document.compiler import compiled
from app.workflow.document.expressions import FUNCTIONS, NAMES, Scope, Surface, WrongExpression
from app.workflow.parts import Choice, Field, Records
from app.workflow.texts import Words
from app.workflow.values import LARGEST

JAKARTA = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 28, 23, 30, tzinfo=JAKARTA)


def label(indonesian: str, english: str) -> Words:
    return Words((indonesian, english))


SAID = Field("said", label("Isi", "Said"))
NEXT = Field("next_day", label("Berikutnya", "Next"), "date")
CHANNELS = (Choice("mail", label("Surat", "Mail")), Choice("phone", label("Telepon", "Phone")))
FIELDS = [
    Field("paid", label("Dibayar", "Paid"), "money"),
    Field("approved", label("Disetujui", "Approved"), "money"),
    Field("name", label("Nama", "Name")),
    Field("nickname", label("Panggilan", "Nickname")),
    Field("email", label("Email", "Mail"), format="email"),
    Field("checked", label("Diperiksa", "Checked"), "boolean"),
    Field("sealed", label("Disegel", "Sealed"), "boolean"),
    Field("channel", label("Kanal", "Channel"), "choice", choices=CHANNELS),
    Field("channels", label("Kanal-kanal", "Channels"), "list", choices=CHANNELS),
    Field("due", label("Tenggat", "Due"), "date"),
    Field("called", label("Ditelepon", "Called"), "datetime"),
    Field("branch", label("Cabang", "Branch"), "reference", reference="branch"),
]
SURFACE = Surface(
    fields={field.key: field for field in FIELDS},
    names=tuple(NAMES),
    functions=tuple(FUNCTIONS),
    steps={"send": label("Kirim", "Send"), "visit": label("Kunjungi", "Visit"), "close": label("Tutup", "Close")},
    records={"calls": Records("calls", label("Telepon", "Calls"), (SAID, NEXT))},
    documents={"letter": label("Surat", "Letter")},
    references={"branch": {"code": "text", "since": "date"}},
)
CASE = SimpleNamespace(
    paid=500,
    approved=None,
    name="Sari",
    nickname="",
    email="sari@example.com",
    checked=True,
    sealed=None,
    channel="mail",
    channels=["mail"],
    due=date(2026, 11, 30),
    called=datetime(2026, 11, 28, 20, tzinfo=UTC),
    branch=SimpleNamespace(code="JKT", since=date(2020, 1, 1)),
    calls=[SimpleNamespace(id=2, said="b", next_day=date(2026, 12, 2)), SimpleNamespace(id=1, said="a", next_day=None)],
    round=2,
    number="RFD-1",
    state="checking",
    created_at=datetime(2026, 11, 1, 3, tzinfo=UTC),
    closed_at=None,
)
SCOPE = Scope(
    CASE, {"note": "why"}, NOW, "Budi",
    {"send": (datetime(2026, 8, 28, 9, tzinfo=JAKARTA), 1), "visit": (datetime(2026, 8, 1, 9, tzinfo=JAKARTA), 1)},
    {"letter"}, set(),
)  # fmt: skip


def value(source: str, scope: Scope = SCOPE) -> Any:
    return compiled(source, SURFACE).value(scope)


@pytest.mark.parametrize(
    ("source", "kind", "result"),
    [
        ("1 + 2 * 3 - 4", "number", 3),
        ("-paid", "number", -500),
        ("paid - 1", "number", 499),
        ("name + ' ' + number", "text", "Sari RFD-1"),
        ("paid < 501", "truth", True),
        ("1 < paid <= 500", "truth", True),
        ("1 < paid < 500", "truth", False),
        ("name == 'Sari' and checked", "truth", True),
        ("not checked or paid != 500", "truth", False),
        ("'yes' if checked else 'no'", "text", "yes"),
        ("paid if checked else null", "number", 500),
        ("null if checked else paid", "number", None),
        ("channel == 'mail'", "truth", True),
        ("channel in ['mail', 'phone']", "truth", True),
        ("channel not in ('phone',)", "truth", True),
        ("'mail' in channels", "truth", True),
        ("channel not in channels", "truth", False),
        ("branch.code", "text", "JKT"),
        ("branch.since < today", "truth", True),
        ("case.paid", "number", 500),
        ("len(name) + len(channels)", "number", 5),
        ("lower(name)", "text", "sari"),
        ("starts_with(name, 'Sa')", "truth", True),
        ("is_mail(email)", "truth", True),
        ("is_phone('0812-3456-7890')", "truth", True),
        ("is_phone(name)", "truth", False),
        ("has('letter')", "truth", True),
        ("fresh('letter')", "truth", False),
        ("count('calls')", "number", 2),
        ("newest('calls', 'said')", "text", "b"),
        ("newest('calls', 'next_day')", "date", date(2026, 12, 2)),
        ("round", "number", 2),
        ("actor + note + state", "text", "Budiwhychecking"),
        ("true", "truth", True),
    ],
)
def test_an_expression_has_a_type_and_a_value(source: str, kind: str, result: Any) -> None:
    assert compiled(source, SURFACE).type == kind
    assert value(source) == result


@pytest.mark.parametrize(
    ("source", "kind", "result"),
    [
        ("today", "date", date(2026, 11, 28)),
        # Eight in the evening by the clock of the world is the next day in the deployment's zone.
        ("date(called)", "date", date(2026, 11, 29)),
        ("due - today", "span", timedelta(days=2)),
        ("due - today <= days(2)", "truth", True),
        ("due + days(1)", "date", date(2026, 12, 1)),
        ("due + months(3)", "date", date(2027, 2, 28)),
        ("due - months(1)", "date", date(2026, 10, 30)),
        ("called + hours(3)", "moment", datetime(2026, 11, 28, 23, tzinfo=UTC)),
        ("called - months(1)", "moment", datetime(2026, 10, 28, 20, tzinfo=UTC)),
        ("now - last('send') > days(90)", "truth", True),
        ("today > date(last('send')) + months(3)", "truth", False),
        ("date(last('close', 'send', 'visit'))", "date", date(2026, 8, 28)),
        ("days(1) + hours(12) - hours(36)", "span", timedelta()),
        ("short(due)", "text", "30/11/2026"),
        ("called > now", "truth", True),
    ],
)
def test_days_and_times_are_calculated_in_the_zone_of_the_deployment(source: str, kind: str, result: Any) -> None:
    assert compiled(source, SURFACE).type == kind
    assert value(source) == result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        # A comparison with what is empty is neither true nor false, nor is its opposite.
        ("approved == 1", None),
        ("approved != 1", None),
        ("not approved == 1", None),
        ("approved + 1", None),
        ("-approved", None),
        ("1 < paid < approved", None),
        ("501 < paid < approved", False),
        ("nickname == 'x'", None),
        ("nickname in ['x']", None),
        ("len(nickname)", None),
        ("closed_at - created_at", None),
        ("sealed", None),
        ("not sealed", None),
        # "and" and "or" are unknown only where the other side does not decide.
        ("sealed and checked", None),
        ("checked and sealed", None),
        ("sealed and not checked", False),
        ("not checked and sealed", False),
        ("sealed or checked", True),
        ("checked or sealed", True),
        ("sealed or not checked", None),
        ("not checked or sealed", None),
        ("sealed or sealed", None),
        # Emptiness itself is always known.
        ("approved == null", True),
        ("approved != null", False),
        ("null == nickname", True),
        ("approved + 1 == null", True),
        ("paid != null", True),
        ("last('send') == null", False),
        ("null == null", True),
        # A condition that is unknown takes the other branch.
        ("'yes' if sealed else 'no'", "no"),
    ],
)
def test_what_needs_an_empty_value_is_unknown(source: str, result: Any) -> None:
    assert value(source) is result or value(source) == result


def test_an_answer_counts_before_what_the_case_has() -> None:
    emptied = Scope(CASE, {"paid": None, "name": "", "channels": []}, NOW)
    assert [value(source, emptied) for source in ("paid == null", "name == null", "channels == null")] == [True] * 3
    assert value("case.paid == 500", emptied) is True
    assert value("paid > 600", Scope(CASE, {"paid": 700}, NOW)) is True


def test_before_there_is_a_case_its_values_are_empty() -> None:
    nothing = Scope()
    assert value("round", nothing) == 1
    for source in ("paid == null", "number == null", "today == null", "last('send') == null", "actor == null"):
        assert value(source, nothing) is True
    assert value("count('calls')", nothing) == 0
    assert value("newest('calls', 'said')", nothing) is None


@pytest.mark.parametrize(
    "source",
    [
        f"today + days({LARGEST})",
        f"due + months({LARGEST})",
        "due + days(3000000)",
        "due - months(30000)",
        f"days({LARGEST})",
        f"hours({LARGEST}) + days(1)",
        f"paid * {LARGEST}",
        f"-paid * {LARGEST}",
        f"{LARGEST} + 1",
        "9" * 900,
    ],
)
def test_what_leaves_the_calendar_or_the_database_is_unknown(source: str) -> None:
    assert value(source) is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("paid == name", "“paid == name”: a number and a text don't go together"),
        ("name < nickname", "“name < nickname”: a text and a text don't go together"),
        ("checked + 1", "“checked + 1”: a truth and a number don't go together"),
        ("due + 1", "“due + 1”: a date and a number don't go together"),
        ("due == called", "“due == called”: a date and a moment don't go together"),
        ("due + due", "“due + due”: a date and a date don't go together"),
        ("paid and checked", "“paid” is a number, but a truth is needed"),
        ("not paid", "“paid” is a number, but a truth is needed"),
        ("-name", "“name” is a text, but a number is needed"),
        ("+paid", "“+paid” is not possible in an expression"),
        ("paid if name else 1", "“name” is a text, but a truth is needed"),
        ("paid if checked else name", "“paid if checked else name”: a number and a text don't go together"),
        ("paid < null", "“paid < null”: a number and a null don't go together"),
        ("paid in name", "“name” is a text, but a list is needed"),
        ("paid in ['a']", "“'a'” is a text, but a number is needed"),
        ("channel == 'fax'", "unknown choice “fax”"),
        ("'fax' == channel", "unknown choice “fax”"),
        ("channel in ['mail', 'pone']", "unknown choice “pone”; did you mean “phone”?"),
        ("'fax' in channels", "unknown choice “fax”"),
        ("len(paid)", "“paid” is a number, but a text or list is needed"),
        ("days(name)", "“name” is a text, but a number is needed"),
        ("days(1, 2)", "“days” takes 1 values"),
        ("days(number=1)", "“days” takes 1 values"),
        ("last()", "“last” takes 1 values"),
        ("last('send', 'sent')", "unknown step “sent”; did you mean “send”?"),
        ("last(name)", "unknown step “name”"),
        ("last('sent')", "unknown step “sent”; did you mean “send”?"),
        ("newest('calls', 'sayd')", "unknown column “sayd”; did you mean “said”?"),
        ("newest('calls', name)", "unknown column “name”"),
        ("branch.town", "unknown column “town”"),
        ("name.upper()", "unknown function “name.upper”"),
        ("case.round", "unknown field “round”"),
        ("eval('1')", "unknown function “eval”"),
        ("None", "write true, false and null in small letters"),
        ("paid ** 2", "“paid ** 2” is not possible in an expression"),
        ("paid % 2", "“paid % 2” is not possible in an expression"),
        ("b'x'", "“b'x'” is not possible in an expression"),
        ("{'a': 1}", "“{'a': 1}” is not possible in an expression"),
        ("paid is null", "“paid is null” is not possible in an expression"),
        ("*paid", "can't be read at character 1: “*paid”"),
        ("paid; name", "can't be read at character 5: “paid; name”"),
        ("", "can't be read at character 0: “”"),
    ],
)
def test_names_and_types_are_checked_before_anything_runs(source: str, message: str) -> None:
    with pytest.raises(WrongExpression) as wrong:
        compiled(source, SURFACE)
    assert str(wrong.value) == message


def test_what_a_place_does_not_know_can_not_be_used_there() -> None:
    bare = Surface(fields=SURFACE.fields, names=(), functions=())
    for source in ("now", "has('letter')"):
        with pytest.raises(WrongExpression, match="can't be used here"):
            compiled(source, bare)


@pytest.mark.parametrize(
    ("source", "indonesian", "english"),
    [
        ("approved <= paid", "“Disetujui” ≤ “Dibayar”", "“Approved” ≤ “Paid”"),
        ("channel == 'mail'", "“Kanal” = “Surat”", "“Channel” = “Mail”"),
        ("channel in ['mail', 'phone']", "“Kanal” salah satu dari “Surat”, “Telepon”",
         "“Channel” is one of “Mail”, “Phone”"),
        ("name == null", "“Nama” kosong", "“Name” is empty"),
        ("name != null", "“Nama” terisi", "“Name” is filled in"),
        ("checked and not sealed", "“Diperiksa” dicentang dan “Disegel” tidak dicentang",
         "“Checked” is ticked and “Sealed” is not ticked"),
        ("checked and (sealed or paid > 1)", "“Diperiksa” dicentang dan (“Disegel” dicentang atau “Dibayar” > 1)",
         "“Checked” is ticked and (“Sealed” is ticked or “Paid” > 1)"),
        ("today - due > days(3)", "hari ini - “Tenggat” > 3 hari", "today - “Due” > 3 days"),
        ("count('calls') > 0", "jumlah baris “Telepon” > 0", "the number of rows of “Calls” > 0"),
        ("has('letter')", "dokumen “Surat” ada", "the document “Letter” is there"),
        ("now > last('send', 'visit')", "sekarang > waktu langkah “Kirim” atau “Kunjungi”",
         "now > the time of the step “Send” or “Visit”"),
    ],
)  # fmt: skip
def test_an_expression_is_said_in_both_languages(source: str, indonesian: str, english: str) -> None:
    words = compiled(source, SURFACE).words
    assert (words.in_language("id"), words.in_language("en")) == (indonesian, english)

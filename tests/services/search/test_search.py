"""One box that finds any case, on both databases."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.services.cases import transitions
from app.services.core.access import Actor
from app.services.documents import documents
from app.services.search.index import reindex
from app.services.search.search import search
from tests.cast import Cast
from tests.services.cases.test_transitions import REPORT, depok

SOMASI = {
    "letter_number": "001/SOM/XI/2026", "letter_date": "2026-11-02", "received_date": "2026-11-05",
    "sender": "Kantor Hukum Sitompul", "customer_name": "Rahmawati Kusuma", "customer_phone": "0813 1111 2222",
    "waybill_number": "JNE-0099-8877-66", "subject": "Paket elektronik hilang",
}  # fmt: skip


@pytest.fixture
def world(any_app: Flask) -> Any:
    """A request in which a CSO has reported; answers the cast."""
    with any_app.test_request_context():
        depok()
        yield Cast(any_app)
        db.session.remove()


def report(cast: Cast, sop: str = "keluhan", **more: Any) -> str:
    return str(transitions.create(cast.actor("cso"), sop, REPORT | more).number)


def numbers(actor: Actor, q: str, **more: Any) -> list[str]:
    return [hit.case.number for hit in search(actor, q, **more)]


def spellings(number: str) -> list[str]:
    spaced = f"{number[:3]} {number[3:9]} {number[9:]}"
    return [
        number,
        number.lower(),
        spaced,
        spaced.replace(" ", "-"),
        f"  {number[0]} {number[1:]} ",
        number[1:],
        number[3:],
    ]


def test_a_number_is_found_however_it_is_written(world: Cast) -> None:
    number = report(world)
    report(world, phone="0899 0000 1111")
    for typed in [*spellings(number), number[-5:]]:
        assert numbers(world.actor("cso"), typed)[0] == number, typed
    assert [hit.exact for hit in search(world.actor("cso"), number)] == [True]


def test_a_number_with_dashes_is_found_without_them(world: Cast, pdf: bytes) -> None:
    import io

    from app.services.documents.documents import Upload

    actor = world.actor("legal")
    number = transitions.create(actor, "somasi", SOMASI, {"somasi": [Upload("s.pdf", io.BytesIO(pdf))]}).number
    for typed in (number, number.replace("-", "").lower(), number.replace("-", " "), number[-5:],
                  "JNE 0099 8877 66", "jne0099887766", "rahmawati", "Rahmawati Kusumo", "0813-1111-2222",
                  "paket hilang", "001/SOM/XI/2026", "sitompul"):  # fmt: skip
        assert numbers(actor, typed) == [number], typed
        assert numbers(world.actor("cso"), typed) == [], "a CSO sees no somasi"


@pytest.mark.parametrize("typed", ["081234567890", "+62 812-3456-7890", "62812 3456 7890", "0812.3456.7890",
                                   "(0812) 3456 7890", "812 3456 7890", "+62812-34567890"])  # fmt: skip
def test_a_phone_is_found_in_any_writing(world: Cast, typed: str) -> None:
    number = report(world, phone="0812-3456-7890", name="Sigit Pamungkas")
    report(world, phone="0812 3456 7899", name="Sigit Rendra")
    assert numbers(world.actor("cso"), typed) == [number]
    assert numbers(world.actor("cso"), f"sigit {typed}") == [number]


def test_a_customer_id_is_found_with_and_without_spaces(world: Cast) -> None:
    number = report(world, customer_id="5211 2233 4455")
    report(world, customer_id="521122334456")
    for typed in ("521122334455", "5211 2233 4455", "5211-2233-4455", f"{REPORT['name']} 521122334455"):
        assert numbers(world.actor("cso"), typed) == [number], typed


@pytest.mark.parametrize("typed", ["rina@contoh.example", " Rina@Contoh.EXAMPLE "])
def test_a_whole_mail_address_finds_its_case_first(world: Cast, pdf: bytes, typed: str) -> None:
    def letter(**more: str) -> str:
        papers = {"somasi": [documents.Upload("surat.pdf", io.BytesIO(pdf))]}
        return str(transitions.create(world.actor("legal"), "somasi", SOMASI | more, papers).number)

    number = letter(customer_email="rina@contoh.example")
    others = [letter(customer_email="contoh@rina.example"), letter(sender="Rina, contoh: example.org")]
    found = numbers(world.actor("legal"), typed)
    assert found[0] == number
    assert set(found) <= {number, *others}


@pytest.mark.parametrize("typed", [
    "Sigit Pamungkas", "pamungkas sigit", "SIGIT", "Sgiit", "Sigit Pamunkas", "pamungkaas", "Pamung", "sigid pamungcas",
    "Trunojoyo", "jl trunojyo", "Truno Joyo", "Jl. Trunojoyo No. 5", "jalan trunojoyo", "trunojoyo xqzwv",
    "lampu padam", "kabel putus", "padam sigit trunojoyo", "Sígit",
])  # fmt: skip
def test_names_addresses_and_words_are_found_though_misspelt(world: Cast, typed: str) -> None:
    number = report(world, name="Sigit Pamungkas", address="Jl. Trunojoyo No. 5", phone="0812 1111 2222",
                    description="Lampu padam total sejak kabel putus")  # fmt: skip
    report(
        world,
        name="Ratna Wijaya",
        address="Gang Kelapa Dua 17",
        description="Meteran berbunyi",
        phone="0812 1111 3333",
    )
    assert numbers(world.actor("cso"), typed)[:1] == [number]


def test_joined_words_are_taken_apart(world: Cast) -> None:
    number = report(world, address="Jl. Truno Joyo 5")
    assert numbers(world.actor("cso"), "trunojoyo") == [number]


def test_the_best_find_comes_first(world: Cast) -> None:
    name = report(world, name="Bambang Melati", description="Listrik padam", address="Gang 1")
    description = report(world, name="Ratna", description="Pohon milik Bambang di Melati", address="Gang 2")
    near = report(world, name="Bambanh Melatj", description="Listrik padam", address="Gang 3")
    assert numbers(world.actor("cso"), "bambang melati") == [name, description]
    assert numbers(world.actor("cso"), "bambang") == [name, description, near]


def test_a_mutated_pair_is_one_result_with_the_live_report_first(world: Cast) -> None:
    unit = world.actor("unit", unit="ULP-DPK")
    complaint = report(world)
    pk = search(world.actor("cso"), complaint)[0].case.id
    transitions.perform(unit, "keluhan", pk, "mutate_to_gangguan", {"mutation_reason": "urgent"})
    for typed in (
        complaint,
        f"{complaint[:3]} {complaint[3:9]} {complaint[9:]}",
        REPORT["phone"],
        REPORT["name"],
    ):
        hits = search(world.actor("cso"), typed)
        assert [h.case.number[:3] for h in hits] == ["G99"], typed
        assert [r.number for r in hits[0].related] == [complaint]
    live = hits[0].case.number
    assert numbers(world.actor("cso"), live) == numbers(unit, live) == [live]
    assert numbers(world.actor("cso"), complaint, sop="keluhan") == [live]


def test_only_what_one_may_see_is_found(world: Cast) -> None:
    number = report(world)
    assert numbers(world.actor("unit", unit="ULP-DPK"), number) == [number]
    assert numbers(world.actor("u2", "unit", unit="ULP-BGR"), number) == []
    assert numbers(world.actor("legal"), number) == numbers(Actor(None, "", frozenset()), number) == []
    assert numbers(world.actor("cso"), number, sop="somasi") == numbers(world.actor("cso"), number, sop="nope") == []


@pytest.mark.parametrize("typed", [
    "", "   ", "\x00", '"', "'", '"" OR 1=1 --', "%", "_", "*", "sigit*", "NEAR(a b)", "a AND OR NOT", "(((",
    "{words}: x",
    "^", "words:sigit", "-", "--", "\\", "'&|!:*", "<->", "\ud800", "🙂🙂", "ﷺ" * 300, "x" * 10_000, "a b " * 2_500,
    "1" * 10_000, "K", "0", "K54", "00", "+", "٠٨١٢", "٠٨١٢٣٤٥٦٧٨٩٠", "ß", "İ", "\u0301", "½", "²³", "a\x00b",
    "0812" * 30,
])  # fmt: skip
def test_nothing_that_is_typed_is_an_error(world: Cast, typed: str) -> None:
    report(world)
    assert isinstance(search(world.actor("cso"), typed), list)


def test_an_empty_query_finds_nothing(world: Cast) -> None:
    report(world)
    assert [search(world.actor("cso"), q) for q in ("", "  ", "\x00", "!?")] == [[], [], [], []]
    assert search(world.actor("cso"), REPORT["name"], limit=0) == []


def test_what_has_changed_is_found_as_it_is_now(world: Cast) -> None:
    from app.models import Case
    from app.services.core.database import write_transaction
    from app.services.search.search import index

    number = report(world, name="Bagaskara Lestari")
    pk = search(world.actor("cso"), number)[0].case.id
    with write_transaction() as session:
        case = session.get(Case, pk)
        case.name = case.reporter_name = "Candrawati"
        index(session, case)
    assert numbers(world.actor("cso"), "bagaskara") == numbers(world.actor("cso"), "bagaskaro") == []
    assert numbers(world.actor("cso"), "candrawati") == numbers(world.actor("cso"), "candrowati") == [number]


def test_the_index_can_be_made_anew(world: Cast) -> None:
    from sqlalchemy import text

    from app.services.core.database import write_transaction

    number = report(world)
    with write_transaction() as session:
        for table in ("search_text", "search_keys", "search_words"):
            session.execute(text(f"DELETE FROM {table}"))
    assert numbers(world.actor("cso"), number) == []
    assert list(reindex()) == [1]
    assert numbers(world.actor("cso"), number) == numbers(world.actor("cso"), REPORT["name"]) == [number]


def test_results_are_limited(world: Cast) -> None:
    for _n in range(4):
        report(world)
    assert len(search(world.actor("cso"), REPORT["name"], limit=3)) == 3

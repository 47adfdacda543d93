"""``flask sop move-cases``: what it tells beforehand, what it refuses, what it moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import update

from app.models import Clock
from app.services.core.database import write_transaction
from tests.databases import BOTH
from tests.revised import KEY, Trial, loaded, revised


@pytest.fixture(params=BOTH)
def app(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    url = {} if request.param == "sqlite" else {"SQLALCHEMY_DATABASE_URI": request.getfixturevalue("pg_url")}
    with revised(make_app, **url) as made:
        yield made


@pytest.fixture
def trial(app: Flask) -> Trial:
    return Trial(app)


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["sop", "move-cases", *arguments])


def test_without_yes_it_tells_what_would_happen(app: Flask, trial: Trial) -> None:
    drafted, parked, done = trial.old(), trial.old("parked"), trial.old("done")
    trial.new()
    told = run(app, KEY)
    assert told.exit_code == 0, told.output
    assert told.output.splitlines() == [
        "Trial: ke revisi 1",
        "  revisi 0, “Writing” (drafting): 1 kasus → “Writing” (drafting)",
        "  revisi 0, “Parked” (parked): 1 kasus. Revisi 1 tidak memiliki status terbuka “parked”: sebutkan ke mana "
        "kasusnya dengan --map parked=STATUS.",
        "Belum ada yang diubah. Pakai --yes untuk memindahkan.",
    ]
    assert [trial.stored(pk).revision for pk in (drafted, parked, done)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nothing",), "Tidak ada SOP “nothing”."),
        ((KEY, "--to", "7"), "Revisi 7 dari “trial” tidak dimuat; yang ada: 0, 1."),
        ((KEY, "--from", "7"), "Tidak ada revisi 7 dari “trial”."),
        ((KEY, "--from", "1"), "Kasus tidak dapat dipindahkan dari revisi 1 ke revisi itu sendiri."),
        ((KEY, "--map", "parked"), "Tulis --map LAMA=BARU, bukan “parked”."),
        ((KEY, "--map", "garage=review"), "Tidak ada revisi dari “trial” yang memiliki status “garage”."),
        ((KEY, "--map", "parked=garage"), "Revisi 1 tidak memiliki status “garage”."),
        ((KEY, "--map", "parked=done"),
         "“done” adalah status akhir: kasus yang masih terbuka tidak dapat dipindahkan ke sana."),
        ((KEY, "--map", "review=checked"),
         "Revisi 1 masih memiliki status “review”; hanya status yang sudah tidak ada yang dipetakan."),
        ((KEY,),
         "Revisi 1 tidak memiliki status terbuka “parked”: sebutkan ke mana kasusnya dengan --map parked=STATUS."),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_refused_and_nothing_is_moved(
    app: Flask, trial: Trial, arguments: tuple[str, ...], sentence: str
) -> None:
    drafted, parked = trial.old(), trial.old("parked")
    told = run(app, *arguments, "--yes")
    assert told.exit_code == 1
    assert told.stderr.strip() == sentence
    assert [(c.revision, c.state, c.version) for c in map(trial.stored, (drafted, parked))] == [
        (0, "drafting", 1), (0, "parked", 2)
    ]  # fmt: skip


def test_cases_move_with_their_clocks_and_the_history_says_so(app: Flask, trial: Trial) -> None:
    drafted, parked, done, new = trial.old(), trial.old("parked"), trial.old("done"), trial.new()
    due, version = trial.stored(drafted).due_at, trial.stored(parked).version
    told = run(app, KEY, "--map", "parked=drafting", "--reason", "Revisi baru berlaku", "--yes")
    assert told.exit_code == 0, told.output
    assert told.output.splitlines()[-1] == "2 kasus dipindahkan."
    assert [(c.revision, c.state) for c in map(trial.stored, (drafted, parked, done, new))] == [
        (1, "drafting"), (1, "drafting"), (0, "done"), (1, "drafting")
    ]  # fmt: skip
    assert trial.stored(parked).version == version + 1
    last = trial.last_event(parked)
    assert (last.action, last.from_state, last.to_state, last.note, last.changes, last.version) == (
        "move_revision", "parked", "drafting", "Revisi baru berlaku", {"revision": [0, 1]}, version + 1
    )  # fmt: skip
    clocks = trial.clocks(drafted)
    assert (clocks["answer"].amount, clocks["answer"].outcome) == (3, "")
    assert trial.stored(drafted).due_at == clocks["answer"].due_at != due
    assert clocks["visit"].outcome == "missed", "it had run out before"
    with app.app_context():
        verified = app.test_cli_runner().invoke(args=["verify-history"])
    assert verified.exit_code == 0, verified.output


def test_a_deadline_that_is_gone_was_not_kept(app: Flask, trial: Trial) -> None:
    pk = trial.old()
    with app.app_context(), write_transaction() as session:
        later = trial.stored(pk).due_at.replace(year=2030)
        session.execute(update(Clock).where(Clock.case_id == pk, Clock.key == "visit").values(due_at=later))
    assert run(app, KEY, "--yes").exit_code == 0
    assert trial.clocks(pk)["visit"].outcome == "void"


def test_a_case_can_go_back_to_the_revision_before(app: Flask, trial: Trial) -> None:
    pk = trial.new()
    assert run(app, KEY, "--to", "0", "--yes").exit_code == 0
    assert trial.stored(pk).revision == 0
    assert run(app, KEY, "--to", "0").output.splitlines()[0] == (
        "Trial: tidak ada kasus terbuka yang perlu dipindahkan ke revisi 0."
    )


def test_cases_of_a_revision_that_is_not_loaded_are_told_and_moved(app: Flask, trial: Trial) -> None:
    drafted, parked, done = trial.old(), trial.old("parked"), trial.old("done")
    assert trial.problems() == []
    with loaded(only=(1,)):
        assert trial.problems() == [
            "2 kasus terbuka dari “trial” berada di bawah revisi 0, yang tidak dimuat. Muat revisi itu, atau "
            "pindahkan kasusnya: flask --app run sop move-cases trial"
        ]
        told = run(app, KEY, "--from", "0", "--map", "parked=review", "--yes")
        assert told.exit_code == 0, told.output
        assert trial.problems() == []
    assert [(c.revision, c.state) for c in map(trial.stored, (drafted, parked, done))] == [
        (1, "drafting"), (1, "review"), (0, "done")
    ]  # fmt: skip

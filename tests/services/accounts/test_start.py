"""What stands in the way of serving is told in sentences, with the command that helps."""

from __future__ import annotations

from flask import Flask

from app import create_app
from app.extensions import db
from app.services.accounts.start import start_problems
from app.workflow.declaration import Field
from tests.conftest import settings_for
from tests.services.accounts.test_sop_tables import WORDS, a_case, declared, execute, is_set_up, parcel


def problems(app: Flask) -> list[str]:
    with app.app_context():
        found = start_problems(db.session())
        db.session.remove()
        return found


def test_a_database_that_fits_has_none(any_app: Flask) -> None:
    assert problems(any_app) == []


def test_tables_and_columns_that_are_missing_are_named_in_one_sentence(any_app: Flask) -> None:
    with declared(parcel(WORDS)):
        [line] = problems(any_app)
        assert "parcel, parcel_lines" in line
        assert "“flask --app run setup”" in line
        is_set_up(any_app)
        assert problems(any_app) == []
    with declared(parcel(WORDS, Field("more", "More"))):
        [line] = problems(any_app)
        assert "(parcel.more)" in line


def test_a_shared_table_counts_as_well(any_app: Flask) -> None:
    execute(any_app, "DROP TABLE feed_tokens")
    execute(any_app, "ALTER TABLE units DROP COLUMN zone")
    [line] = problems(any_app)
    assert "feed_tokens" in line
    assert "units.zone" in line


def test_a_field_that_does_not_fit_is_told_to_whoever_serves(any_app: Flask) -> None:
    with declared(parcel(WORDS)):
        is_set_up(any_app)
    with declared(parcel(Field("words", "Words", "money"))):
        [line] = problems(any_app)
    assert "“money”" in line


def test_open_cases_in_states_that_are_gone_are_counted(any_app: Flask) -> None:
    a_case(any_app, "keluhan", "gone")
    a_case(any_app, "keluhan", "gone", closed=True)
    a_case(any_app, "keluhan", "reported")
    a_case(any_app, "no_sop", "open")
    [line] = problems(any_app)
    for named in ("keluhan", "“gone”", "1 ", "“flask --app run sop move-cases keluhan”"):
        assert named in line


def test_while_the_database_is_away_there_is_nothing_to_tell(tmp_path: object) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    assert problems(create_app(settings_for(tmp_path, SQLALCHEMY_DATABASE_URI=nowhere))) == []  # type: ignore[arg-type]

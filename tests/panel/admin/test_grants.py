"""Roles given and taken: everybody learns of it whom it concerns, and with four eyes nobody gives them alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Notice, OutgoingMail, RoleProposal
from app.services.core.access import user_named
from tests.cast import Cast
from tests.panel.admin.test_people import entry, number
from tests.panel.helpers import one_time_password


@pytest.fixture
def strict(make_app: Callable[..., Flask]) -> Cast:
    return Cast(make_app(ROLE_GRANTS_FOUR_EYES=True))


def roles(app: Flask, name: str) -> set[str]:
    with app.app_context():
        return {role.name for role in user_named(name).roles}


def told(app: Flask, kind: str = "roles") -> dict[str, list[str]]:
    """The actions of notices by user name."""
    with app.app_context():
        rows = db.session.execute(select(Notice.user_id, Notice.action).where(Notice.kind == kind).order_by(Notice.id))
        found: dict[str, list[str]] = {}
        names = {user_named(name).id: name for name in ("admin", "second", "cs", "legal") if user_named(name)}
        for user, action in rows:
            found.setdefault(names.get(user, str(user)), []).append(action)
        return found


def entries(app: Flask, prefix: str) -> list[tuple[str, str, dict[str, Any]]]:
    with app.app_context():
        found = select(AuditEntry).where(AuditEntry.action.startswith(prefix)).order_by(AuditEntry.seq)
        return [(one.action, one.account, one.detail) for one in db.session.scalars(found)]


def edit(admin: FlaskClient, app: Flask, name: str, *wanted: str, **more: Any) -> None:
    form = {key: value for key, value in (entry(app, name, *wanted) | more).items() if value is not None}
    answer = admin.post(f"/users/edit/{number(app, name)}", data=form)
    assert answer.status_code == 302, answer.text


def proposal(app: Flask) -> int:
    with app.app_context():
        return int(db.session.scalars(select(RoleProposal.id).order_by(RoleProposal.id.desc())).first() or 0)


def test_every_admin_and_whom_it_concerns_learn_of_it(app: Flask, cast: Cast) -> None:
    for name in ("second", "cs", "legal"):
        cast.user(name, "admin" if name == "second" else name)
    edit(cast.login("admin"), app, "cs", "Legal", "CSO")
    assert roles(app, "cs") == {"Legal", "CSO"}
    assert told(app) == {name: ["roles@cs"] for name in ("admin", "second", "cs")}
    before_after = {"before": ["CS"], "after": ["CSO", "Legal"]}
    assert entries(app, "role.") == [
        ("role.granted", "admin", before_after), ("role.removed", "admin", before_after)
    ]  # fmt: skip
    with app.app_context():
        mails = db.session.scalars(select(OutgoingMail)).all()
        assert {mail.recipient for mail in mails} == {f"{name}@example.test" for name in ("admin", "second", "cs")}
        assert all("CSO, Legal" in mail.text and "cs" in mail.subject for mail in mails)


def test_an_admin_who_helps_themselves_is_seen(app: Flask, cast: Cast) -> None:
    cast.user("second", "admin")
    edit(cast.login("admin"), app, "admin", "Admin", "Legal")
    assert told(app) == {name: ["roles@admin"] for name in ("admin", "second")}


def test_switching_on_and_off_is_told(app: Flask, cast: Cast) -> None:
    cast.user("cs")
    admin = cast.login("admin")
    edit(admin, app, "cs", "CS", active=None)
    edit(admin, app, "cs", "CS")
    assert told(app)["cs"] == ["deactivated@cs", "activated@cs"]
    switched = [action for action, *_more in entries(app, "user.") if action.endswith("activated")]
    assert switched == ["user.deactivated", "user.activated"]


def test_nothing_is_told_of_what_stays(app: Flask, cast: Cast) -> None:
    cast.user("cs")
    admin = cast.login("admin")
    made = entries(app, "user.c")
    edit(admin, app, "cs", "CS")
    assert (told(app), told(app, "account"), entries(app, "role."), entries(app, "user.c")) == ({}, {}, [], made)


def test_a_name_is_an_admins_to_change(app: Flask, cast: Cast) -> None:
    cast.user("cs")
    edit(cast.login("admin"), app, "cs", "CS", first_name="Citra", email="citra@example.test")
    assert told(app, "account") == {"cs": ["details@cs"]}
    [(_action, account, detail)] = entries(app, "user.changed")
    assert account == "admin"
    assert detail["changes"]["first_name"] == ["Cs", "Citra"]
    with app.app_context():
        sent = set(db.session.scalars(select(OutgoingMail.recipient)))
    assert sent == {"cs@example.test", "citra@example.test"}, "the address that was theirs learns of it too"


def test_what_is_given_waits_and_what_is_taken_is_gone(strict: Cast) -> None:
    app = strict.app
    for name in ("second", "cs"):
        strict.user(name, "admin" if name == "second" else name)
    admin, second = strict.login("admin"), strict.login("second")
    edit(admin, app, "cs", "Legal", "Admin")
    assert roles(app, "cs") == set()
    pk = proposal(app)
    assert strict.login("cs").post(f"/grants/{pk}/confirm").status_code == 403
    assert admin.post(f"/grants/{pk}/confirm").status_code == 403, "nobody confirms their own"
    assert roles(app, "cs") == set()
    assert f"/grants/{pk}/confirm" not in admin.get("/grants/").text
    assert f"/grants/{pk}/confirm" in second.get("/grants/").text
    assert second.post(f"/grants/{pk}/confirm").status_code == 302
    assert roles(app, "cs") == {"Legal", "Admin"}
    assert second.post(f"/grants/{pk}/confirm").status_code == 409
    assert told(app)["cs"] == ["roles@cs", "proposed@cs", "confirmed@cs"]
    assert [(action, account) for action, account, _detail in entries(app, "role.")] == [
        ("role.removed", "admin"), ("role.proposed", "admin"), ("role.confirmed", "second"),
    ]  # fmt: skip


def test_what_is_declined_is_never_given(strict: Cast) -> None:
    app = strict.app
    for name in ("second", "cs"):
        strict.user(name, "admin" if name == "second" else name)
    admin, second = strict.login("admin"), strict.login("second")
    edit(admin, app, "cs", "CS", "Legal")
    assert second.post(f"/grants/{proposal(app)}/decline").status_code == 302
    edit(admin, app, "cs", "CS", "CSO")
    assert admin.post(f"/grants/{proposal(app)}/decline").status_code == 302
    assert roles(app, "cs") == {"CS"}
    assert second.post(f"/grants/{proposal(app)}/confirm").status_code == 409
    assert [action for action, *_more in entries(app, "role.")][-2:] == ["role.proposed", "role.withdrawn"]


def test_what_waits_already_is_not_proposed_twice(strict: Cast) -> None:
    app = strict.app
    strict.user("cs")
    admin = strict.login("admin")
    edit(admin, app, "cs", "CS", "Legal")
    edit(admin, app, "cs", "CS", "Legal")
    edit(admin, app, "cs", "CS", "Legal", "CSO")
    with app.app_context():
        assert list(db.session.scalars(select(RoleProposal.roles).order_by(RoleProposal.id))) == [["Legal"], ["CSO"]]


def test_a_new_user_waits_for_their_roles(strict: Cast) -> None:
    app = strict.app
    strict.user("second", "admin")
    one_time_password(strict.login("admin").post("/users/add", data=entry(app, "rina", "Legal")))
    assert roles(app, "rina") == set()
    strict.login("second").post(f"/grants/{proposal(app)}/confirm")
    assert roles(app, "rina") == {"Legal"}


def test_switching_on_again_waits_too(strict: Cast) -> None:
    app = strict.app
    for name in ("second", "cs"):
        strict.user(name, "admin" if name == "second" else name)
    admin = strict.login("admin")
    edit(admin, app, "cs", "CS", active=None)
    edit(admin, app, "cs", "CS")

    def active() -> bool:
        with app.app_context():
            return bool(user_named("cs").active)

    assert not active()
    strict.login("second").post(f"/grants/{proposal(app)}/confirm")
    assert active()


def test_who_is_no_admin_any_more_gives_nothing(strict: Cast) -> None:
    """Somebody proposes their friend and is found out before it is confirmed."""
    app = strict.app
    for name in ("second", "cs"):
        strict.user(name, "admin" if name == "second" else name)
    edit(strict.login("second"), app, "cs", "CS", "Admin")
    admin = strict.login("admin")
    edit(admin, app, "second", "Admin", active=None)
    assert admin.post(f"/grants/{proposal(app)}/confirm").status_code == 409
    assert roles(app, "cs") == {"CS"}


def test_the_only_admin_is_told_so(strict: Cast) -> None:
    app = strict.app
    strict.user("cs")
    admin = strict.login("admin")
    admin.get("/lang/en")
    edit(admin, app, "cs", "CS", "Admin")
    assert "You are the only active admin" in admin.get("/grants/").text
    assert roles(app, "cs") == {"CS"}
    runner = app.test_cli_runner()
    assert "cs: Admin" in runner.invoke(args=["grants"]).output
    assert runner.invoke(args=["grants", "--confirm", "99"]).exit_code == 1
    assert runner.invoke(args=["grants", "--confirm", str(proposal(app))]).exit_code == 0
    assert roles(app, "cs") == {"CS", "Admin"}
    assert entries(app, "role.confirmed")[0][1] == "", "on the server, by nobody's account"


@pytest.mark.parametrize("pk", [0, 99, 99999999999999999999])
def test_proposals_that_are_not_there(strict: Cast, pk: int) -> None:
    admin = strict.login("admin")
    assert admin.post(f"/grants/{pk}/confirm").status_code == 404
    assert admin.post(f"/grants/{pk}/decline").status_code == 404

"""Every page on which somebody writes leaves an entry in the audit log; a new one stands here or fails."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import AuditEntry, OutgoingMail, User, WebhookDelivery
from app.panel.account.keys import ALL
from app.services.accounts import keys
from app.services.audit import log
from app.services.audit.actions import ACTIONS, KINDS
from app.services.core.database import write_transaction
from app.services.mail.taking_in import take_in
from app.services.notices import outbox
from app.services.operation import runs
from app.sop import SOPS
from config import from_environment
from tests.cast import PASSWORD, Cast
from tests.panel.helpers import posko
from tests.receiver import receiving
from tests.services.mail.building import plain
from tests.services.mail.corpus import KNOWN
from tests.web.test_pages import ADMINS_OWN as ADMINS_OWN

CODED = {"code": "X1", "name": "Nama", "active": "y"}
#: The forms of plain tables, filled in.
FORMS: dict[str, dict[str, Any]] = {
    "UnitView": CODED,
    "PoskoView": CODED | {"unit": "1"},
    "CrewView": CODED | {"unit": "1"},
    "HearingStageView": CODED | {"forum": "court_hearing", "position": "1"},
    "StaffView": CODED | {"user": "__None"},
    "ComplaintCategoryView": CODED | {"position": "1"},
    "DeadlinePolicyView": {"target": "keluhan/state:reported", "amount": "4", "measure": "working_hours",
                           "joint_leave": "y", "active": "y"},
    "CalendarDayView": {"day": "2026-12-24", "unit": "__None", "working": "0", "name": "Libur"},
    "WorkingHoursView": {"unit": "__None", "weekdays": ["0"], "weekday": "0", "opens": "08:00",
                         "closes": "16:00"},
    "NoticeChannelView": {"name": "Grup", "url": "", "active": "y"},
    "WebhookView": {"name": "CRM", "url": "", "active": "y"},
}  # fmt: skip
CHANGED = {"CalendarDayView": {"name": "Lain"}, "WorkingHoursView": {"closes": "15:00"},
           "DeadlinePolicyView": {"amount": "3"}}  # fmt: skip
#: Where nobody comes: Flask-AppBuilder's routes without a right.
NOBODYS = {f"{view}.{verb}" for view in ("CustomerView", "RoleModelView") for verb in ("add", "edit", "delete")}
#: What leaves no entry: what somebody does for themselves, what is a case's history, what only looks.
UNLOGGED = {
    "AuthDBView.login": "see the test of sign-ins", "CsvDialectView.choose": "a reader's own",
    "ThemeView.choose": "a reader's own", "NoticesView.choose": "a reader's own", "NoticesView.open": "a reader's own",
    "NoticesView.read": "a reader's own", "PublicView.ask": "asks for one case", "ReportsView.narrow": "looks",
    "CustomerView.preview": "looks", "SecondFactorView.question": "asks the browser",
    "SecondStepView.question": "asks the browser",
}  # fmt: skip


@dataclass
class Stage:
    app: Flask
    cast: Cast
    admin: FlaskClient
    url: str

    def post(self, path: str, **data: Any) -> TestResponse:
        answer = self.admin.post(path, data=data, buffered=True)
        assert answer.status_code in (200, 302, 303), (path, answer.status_code)
        return answer

    def add(self, view: str) -> int:
        form = dict(FORMS[view])
        if form.get("url") == "":
            form["url"] = self.url.replace("http:", "json:") if view == "NoticeChannelView" else self.url
        self.post(f"/{view.lower()}/add", **form)
        return self.newest_of(view)

    def newest_of(self, view: str) -> int:
        with self.app.app_context():
            model = next(one for one in self.app.appbuilder.baseviews if type(one).__name__ == view).datamodel.obj
            return int(db.session.scalars(select(model.id).order_by(model.id.desc()).limit(1)).one())

    def edit(self, view: str) -> None:
        form = FORMS[view] | CHANGED.get(view, {"name": "Lain"})
        if form.get("url") == "" and view == "WebhookView":
            form["url"] = self.url
        self.post(f"/{view.lower()}/edit/{self.add(view)}", **form)

    def user(self, name: str) -> dict[str, Any]:
        with self.app.app_context():
            role = self.app.appbuilder.sm.find_role("CS").id
        return {"first_name": "Rina", "last_name": "Wati", "username": name, "email": f"{name}@example.test",
                "unit": "__None", "roles": [str(role)], "active": "y"}  # fmt: skip

    def mail(self) -> int:
        with self.app.app_context(), write_transaction() as session:
            row = outbox.write(session, "a@example.test", "Kabar", "Halo", internal=True)
            session.flush()
            return int(row.id)

    def incoming(self) -> tuple[int, str]:
        """A mail that waits, and the number of the case that another one has made."""
        url = {"MAILBOX_1_URL": "imap://a:b@127.0.0.1/INBOX", "MAILBOX_1_SOP": "pengaduan"}
        [mailbox] = from_environment(url | {"INSTANCE_PATH": self.app.config["INSTANCE_PATH"]})["MAILBOXES"]
        self.app.config["MAILBOXES"] = (mailbox,)
        with self.app.app_context():
            take_in(mailbox, plain("first", "Saldo hilang.", sender=KNOWN))
            take_in(mailbox, plain("second", "Apa kabar?", sender="tanpa.nama@pelanggan.example"))
            from app.models import Case, IncomingMail

            waiting = select(IncomingMail.id).where(IncomingMail.state == "quarantined")
            return db.session.scalars(waiting).first(), db.session.scalars(select(Case.number)).one()  # type: ignore[return-value]

    def failed(self) -> int:
        with self.app.app_context():
            pk = runs.begin("make_export", "t", "w", None, [12])
            runs.end(pk, "failed", "OSError")
            return pk

    def delayed(self) -> str:
        """A task that is tried again later."""
        with self.app.app_context():
            queue = self.app.extensions["tuntas_queue"]
            task = next(one for one in queue._registry._registry.values() if one.__name__ == "make_export")
            made = task((1,), eta=datetime(2036, 1, 1))
            queue.storage.add_to_schedule(queue.serialize_task(made), made.eta)
            return str(made.id)


@pytest.fixture
def stage(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setitem(app.config, "WEBHOOK_ALLOW_PRIVATE", [ip_network("127.0.0.0/8")])
    monkeypatch.setitem(app.config, "MAILBOXES", ())
    posko(app)
    with receiving() as receiver:
        yield Stage(app, cast, cast.login("admin", "Admin", "CS", "Supervisor", "QC"), receiver.url)


def closed_case(stage: Stage) -> int:
    raise NotImplementedError


def load_customers(stage: Stage) -> None:
    table = b"Nama;Telepon;Order ID\nNur Aini;0812 3344 5566;ORD-1\n"
    page = stage.post("/customers/load", file=(io.BytesIO(table), "pelanggan.csv"))
    [ticket] = re.findall(r'name="ticket" value="([^"]+)"', page.text)
    stage.post("/customers/apply", ticket=ticket)


def webhook_delivery(stage: Stage) -> str:
    pk = stage.add("WebhookView")
    stage.post(f"/webhookview/test/{pk}")
    with stage.app.app_context():
        return f"/webhookview/replay/{pk}/{db.session.scalars(select(WebhookDelivery.id)).one()}"


def held(stage: Stage) -> None:
    from tests.services.running import HARD

    spv = stage.cast.actor("spv")
    with stage.app.app_context():
        from app.services.cases import transitions

        number = transitions.create(spv, "hard_complaint", HARD).number
    stage.post("/retention/hold", number=number, reason="Perkara")


def attached(stage: Stage) -> None:
    pk, number = stage.incoming()
    stage.post(f"/incoming-mail/{pk}/attach", number=number)


def others_ended(stage: Stage) -> None:
    stage.cast.login("admin")
    stage.post("/sessions/end")


def all_ended(stage: Stage) -> None:
    stage.cast.login("legal")
    stage.post(f"/users/sessions/{number(stage, 'legal')}/end")


def locked_out(stage: Stage) -> None:
    pk = number(stage, "legal")
    for _guess in range(20):
        stage.app.test_client().post("/login/", data={"username": "legal", "password": "salah sekali"})
    stage.post(f"/users/unlock/{pk}")


#: What is done on each page, by the actions that it leaves.
GESTURES: dict[str, tuple[str, Callable[[Stage], Any]]] = {
    **{f"{view}.add": ("record.created", lambda s, v=view: s.add(v)) for view in FORMS},
    **{f"{view}.edit": ("record.changed", lambda s, v=view: s.edit(v)) for view in FORMS},
    **{
        f"{view}.delete": ("record.deleted", lambda s, v=view: s.post(f"/{v.lower()}/delete/{s.add(v)}"))
        for view in FORMS
    },
    "UserDBModelView.add": (
        "user.created", lambda s: s.post("/users/add", **s.user("rina"), password=PASSWORD, conf_password=PASSWORD)
    ),
    "UserDBModelView.edit": (
        "user.changed", lambda s: s.post(f"/users/edit/{number(s, 'legal')}", **s.user("legal")),
    ),
    "AgendaView.subscribe": ("calendar.made", lambda s: s.post("/agenda/subscription")),
    "AgendaView.unsubscribe": (
        "calendar.revoked", lambda s: (s.post("/agenda/subscription"), s.post("/agenda/subscription/revoke"))
    ),
    "BackgroundView.again": ("job.ordered", lambda s: s.post("/background/again", run=s.failed())),
    "BackgroundView.drop": ("job.dropped", lambda s: s.post("/background/drop", task=s.delayed())),
    "BackgroundView.run": ("job.ordered", lambda s: s.post("/background/run", name="count_anew")),
    "BackgroundView.settle": ("job.settled", lambda s: s.post("/background/settle", run=s.failed())),
    "CustomerView.apply": ("import.done", load_customers),
    "IncomingMailView.attach": ("mail.attached", attached),
    "IncomingMailView.discard": (
        "mail.discarded", lambda s: s.post(f"/incoming-mail/{s.incoming()[0]}/discard")
    ),
    "NoticeChannelView.again": (
        "channel.resent", lambda s: s.post(f"/noticechannelview/again/{s.add('NoticeChannelView')}")
    ),
    "NoticeChannelView.test": (
        "channel.tested", lambda s: s.post(f"/noticechannelview/test/{s.add('NoticeChannelView')}")
    ),
    "OutboxView.discard": ("outbox.discarded", lambda s: s.post("/outbox/discard", mail=s.mail())),
    "OutboxView.resend": ("outbox.resent", lambda s: s.post("/outbox/resend", mail=s.mail())),
    "OutboxView.test": ("outbox.tested", lambda s: s.post("/outbox/test")),
    "ReportsView.ask": (
        "export.begun", lambda s: s.post("/reports/cases-keluhan", format="csv", background="1")
    ),
    "RetentionView.hold": ("record.created", held),
    "RetentionView.period": (
        "record.created", lambda s: s.post("/retention/period", sop="somasi", document_type="somasi", years="7")
    ),
    "RetentionView.release": (
        "record.changed", lambda s: (held(s), s.post("/retention/release", hold=1, reason="Selesai"))
    ),
    "KeysView.make": ("key.made", lambda s: s.post("/keys/", name="skrip", access=keys.READ, sops=ALL, days="90")),
    "ResetPasswordView.give": ("password.reset", lambda s: s.post(f"/resetpassword/form?pk={number(s, 'legal')}")),
    "SessionsView.end_others": ("session.ended", others_ended),
    "UserDBModelView.unlock": ("sign_in.unlocked", locked_out),
    "UserSessionsView.end_all": ("session.ended", all_ended),
    "WebhookView.replay": ("webhook.replayed", lambda s: s.post(webhook_delivery(s))),
    "WebhookView.rotate": (
        "record.changed", lambda s: s.post(f"/webhookview/rotate/{s.add('WebhookView')}")
    ),
    "WebhookView.secret": (
        "webhook.secret_shown", lambda s: s.post(f"/webhookview/secret/{s.add('WebhookView')}")
    ),
    "WebhookView.test": ("webhook.tested", lambda s: s.post(f"/webhookview/test/{s.add('WebhookView')}")),
}  # fmt: skip
#: What other tests look at, which have what it takes: the action that it leaves.
TESTED_ELSEWHERE = {
    "RetentionView.purge": "purge.done",
    "AuthDBView.logout": "sign_out.done",
    "ConfirmView.check": "sign_in.confirmed",
    "GrantsView.confirm": "role.confirmed",
    "GrantsView.decline": "role.declined",
    "KeysView.revoke": "key.revoked",
    "PrivacyView.answer": "privacy.answered",
    "PrivacyView.determine": "privacy.matched",
    "PrivacyView.erase": "privacy.erased",
    "PrivacyView.export": "privacy.exported",
    "PrivacyView.record": "privacy.recorded",
    "ResetMyPasswordView.this_form_post": "password.changed",
    "SecondFactorResetView.reset": "second_factor.reset",
    "SecondFactorView.confirm_app": "second_factor.added",
    "SecondFactorView.keep_passkey": "second_factor.added",
    "SecondFactorView.new_codes": "recovery_codes.made",
    "SecondFactorView.remove": "second_factor.removed",
    "SecondFactorView.rename": "second_factor.renamed",
    "SecondStepView.check": "sign_in.done",
    "SecondStepView.passkey": "sign_in.done",
    "SessionsView.end": "session.ended",
    "UserSessionsView.end": "session.ended",
}


def number(stage: Stage, name: str) -> int:
    stage.cast.user(name)
    with stage.app.app_context():
        return int(db.session.scalars(select(User.id).where(User.username == name)).unique().one())


def writing(app: Flask) -> set[str]:
    """The endpoints of the panel by which something is sent, besides those of cases."""
    from app.web.roles import view_name

    of_cases = {view_name(key) for key in SOPS}
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.methods - {"GET", "HEAD", "OPTIONS"} and not rule.rule.startswith("/api/")
        and rule.endpoint.partition(".")[0] not in of_cases
    }  # fmt: skip


def test_every_page_that_writes_is_known(app: Flask) -> None:
    assert writing(app) == {*GESTURES, *UNLOGGED, *NOBODYS, *TESTED_ELSEWHERE}


@pytest.mark.parametrize("endpoint", sorted(GESTURES))
def test_it_leaves_an_entry(stage: Stage, endpoint: str) -> None:
    action, gesture = GESTURES[endpoint]
    gesture(stage)
    with stage.app.app_context():
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.account == "admin", AuditEntry.action == action)
        ).all()
        assert entries, action
        for entry in entries:
            assert entry.request
            assert entry.address == "127.0.0.1"
            assert not entry.subject_type or entry.subject_type in KINDS
        assert not list(log.verify(db.session()))


def test_every_action_has_a_word() -> None:
    assert {action for action, _gesture in GESTURES.values()} | set(TESTED_ELSEWHERE.values()) <= set(ACTIONS)


@pytest.mark.parametrize("endpoint", sorted(NOBODYS))
def test_nobody_comes_there(stage: Stage, endpoint: str) -> None:
    view, verb = endpoint.split(".")
    base = {"CustomerView": "/customers", "RoleModelView": "/roles"}[view]
    path = f"{base}/{verb}" + ("" if verb == "add" else "/1")
    assert stage.admin.post(path, data={"name": "X"}).status_code in (403, 404)


def test_sign_ins_and_refused_ones_are_listed(app: Flask, cast: Cast) -> None:
    cast.user("cs")
    app.test_client().post("/login/", data={"username": "cs", "password": "salah sekali"})
    cast.api("cs")
    cast.login("cs").post("/logout/")
    cast.user("auditor")
    page = cast.login("auditor").get("/audit/").text
    for action in ("sign_in.refused", "sign_in.done", "sign_out.done"):
        assert str(ACTIONS[action]) in page or action in page
    with app.app_context():
        told = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.like("sign_%")).order_by(AuditEntry.seq)
        ).all()
        assert told[:4] == ["sign_in.refused", "sign_in.done", "sign_in.done", "sign_out.done"]


def test_mails_are_named_by_their_numbers_alone(stage: Stage) -> None:
    pk = stage.mail()
    stage.post("/outbox/discard", mail=pk)
    with stage.app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "outbox.discarded")).one()
        assert entry.detail == {"mails": [pk]}
        assert db.session.get_one(OutgoingMail, pk).state == "discarded"

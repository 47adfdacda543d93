"""An admin sets a limit; the officer sees it on the case, and when it has run out a notice says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from app.extensions import db
from app.models import Clock
from app.services.cases import transitions
from app.services.core import clock
from app.services.notices import deadline_warnings
from tests.e2e.conftest import Live
from tests.e2e.gestures import examined
from tests.services.deadlines.test_clocks import MAIL


def test_a_limit_from_the_admin_to_the_inbox(live: Live, browser_page: Callable[..., Page]) -> None:
    admin = browser_page("admin")
    admin.goto(f"{live.url}/deadlinepolicyview/add")
    admin.select_option("#target", "pengaduan/state:open")
    admin.fill("#amount", "2")
    admin.locator("form [type=submit]").last.click()
    expect(admin.locator("main")).to_contain_text("2 hari kerja")

    officer = browser_page("cs", width=390)
    actor = live.cast.actor("cs")
    with live.app.test_request_context():
        pk = int(transitions.create(actor, "pengaduan", MAIL).id)
    officer.goto(f"{live.url}/pengaduan/{pk}")
    expect(officer.locator(".clocks li")).to_have_count(2)
    expect(officer.locator(".clocks li").first).to_contain_text("Tercatat")
    serious = [v for v in examined(officer)["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == []
    assert officer.evaluate("document.documentElement.scrollWidth") <= 390

    with live.app.test_request_context():
        due = db.session.query(Clock.due_at).filter_by(case_id=pk, key="state:open").scalar()
        with clock.at(due + timedelta(minutes=1)):
            assert deadline_warnings.watch() == 1
    officer.reload()
    expect(officer.locator(".timeline, main").first).to_contain_text("Peringatan tenggat")
    officer.locator(".bell-button").click()
    expect(officer.locator(".bell-menu .notice").first).to_contain_text("Tercatat")

"""What runs, failed and waits in the background, and who does it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import JobRun
from app.services.core import clock
from app.services.core.formatting import NOTHING
from app.services.evidence import handing
from app.services.operation import queued, runs, workers
from app.web.pages import OPERATION, SYSTEM, Page, admins
from app.workflow.declaration import Text

OUTCOMES: dict[str, tuple[Text, str]] = {
    "running": (_l("Running"), "blue"),
    "done": (_l("Done"), "green"),
    "failed": (_l("Failed"), "red"),
    "retrying": (_l("Failed, tried again by itself"), "amber"),
    "lost": (_l("Its worker went away"), "red"),
}
#: What people call the tasks that are ordered; those that come by themselves bring their own names.
ORDERED: dict[str, Text] = {
    "make_export": _l("Making a report"),
    "end_sessions": _l("Ending sessions"),
    "send_mails_now": _l("Sending mails"),
    "send_out_now": _l("Sending to webhooks and chats"),
}


class BackgroundView(BaseView):
    route_base = "/background"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        ticks, known = queued.scheduled_ticks(), workers.known()
        return str(
            self.render_template(
                "panel/admin/background.html",
                title=_("Background work"), now=clock.now(), ticks=ticks, last=runs.last_of([t.name for t in ticks]),
                running=runs.running(), failed=runs.failed(), failed_count=runs.failed_count(),
                queue=queued.now_queued(), workers=known, alive=[one for one in known if workers.is_alive(one)],
                anchors=handing.states(), label_of=_label, took=_took, outcomes=OUTCOMES,
                can_run_again=queued.can_run_again, reason=_reason,
            )
        )  # fmt: skip

    @expose("/run", methods=["POST"])
    @has_access
    def run(self) -> Any:
        tick = queued.run_now(request.form.get("name", ""))
        return self._back(_("“%(name)s” will be done as soon as a worker is free.", name=tick.label or tick.name))

    @expose("/again", methods=["POST"])
    @has_access
    def again(self) -> Any:
        name = queued.run_again(request.form.get("run", 0, type=int))
        return self._back(_("“%(name)s” will be done as soon as a worker is free.", name=_label(name)))

    @expose("/settle", methods=["POST"])
    @has_access
    def settle(self) -> Any:
        runs.settle(request.form.get("run", 0, type=int))
        return self._back(_("It is not listed any more."))

    @expose("/drop", methods=["POST"])
    @has_access
    def drop(self) -> Any:
        queued.drop(request.form.get("task", ""))
        return self._back(_("It will not be tried again."))

    @staticmethod
    def _back(said: str) -> Any:
        flash(said, "success")
        return redirect(url_for("BackgroundView.page"))


def _label(name: str) -> str:
    """What people call a task."""
    ticks = {tick.name: tick.label for tick in queued.scheduled_ticks()}
    return str(ticks.get(name) or ORDERED.get(name) or name)


def _took(run: JobRun) -> str:
    """Seconds, or nothing while it runs."""
    if run.ended_at is None:
        return NOTHING
    seconds = round((run.ended_at - run.started_at).total_seconds(), 2)
    return str(_("%(seconds)s s", seconds=format_decimal(seconds)))


def _reason(error: str) -> str:
    """The last line of a traceback: what went wrong."""
    lines = error.strip().splitlines()
    return lines[-1][:200] if lines else ""


PAGE = Page(
    BackgroundView,
    admins,
    key="background",
    label=_l("Background work"),
    href="BackgroundView.page",
    category=SYSTEM,
    group=OPERATION,
)

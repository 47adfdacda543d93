"""The days from which what is lodged against a decision counts; they follow from the whole course of the hearings."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _

from app.workflow.declaration import Case, Facts
from app.workflow.outline import told

#: Codes of the hearing stages that start or stop a deadline.
JUDGMENT, APPEAL, CASSATION = "putusan", "banding", "kasasi"
#: What is lodged against a court's judgment, and against the judgment on that.
REMEDIES = (APPEAL, CASSATION)
#: The same where the court decided on an objection to a decision of the BPSK (UU 8/1999, article 58).
ON_OBJECTION = (CASSATION,)


@told(_("the registration, as long as the BPSK has not decided"))
def awaiting_decision(case: Case) -> date | None:
    """BPSK decides within 21 working days of the registration (UU 8/1999, article 55)."""
    return None if _decided(case, "bpsk_hearing") else case.registered_date


@told(_("the decision of the BPSK"))
def objection_from(case: Case) -> date | None:
    """An objection goes to the court within 14 working days of the BPSK decision (UU 8/1999, article 56)."""
    return _decided(case, "bpsk_hearing")


def bpsk_decided(facts: Facts) -> bool:
    """Whether a decision of the BPSK is recorded, to which one can object."""
    return facts.case is not None and _decided(facts.case, "bpsk_hearing") is not None


@told(_("the judgment of the court, as long as no appeal is lodged"))
def appeal_from(case: Case) -> date | None:
    """An appeal is lodged within 14 days of the judgment (HIR/RBg)."""
    return None if _objected(case) else _lodged_from(case, APPEAL, REMEDIES)


@told(_("the judgment on appeal, as long as no cassation is lodged"))
def cassation_from(case: Case) -> date | None:
    """A cassation is lodged within 14 days of the judgment on appeal (UU 14/1985, article 46)."""
    return None if _objected(case) else _lodged_from(case, CASSATION, REMEDIES)


@told(_("the decision of the court on the objection, as long as no cassation is lodged"))
def cassation_on_objection_from(case: Case) -> date | None:
    """Against the court's decision on an objection only cassation lies, within 14 days (UU 8/1999, article 58)."""
    return _lodged_from(case, CASSATION, ON_OBJECTION) if _objected(case) else None


def _objected(case: Case) -> bool:
    """Whether a case at court came there by an objection: no other way leads from the BPSK to the court."""
    return case.bpsk_case_number is not None


def _decided(case: Case, forum: str) -> date | None:
    """The day of the newest judgment that was recorded in a forum."""
    days = [row.hearing_date for row in case.hearings if row.stage.forum == forum and row.stage.code == JUDGMENT]
    return max(days, default=None)


def _lodged_from(case: Case, remedy: str, remedies: tuple[str, ...]) -> date | None:
    """The day of the judgment against which ``remedy``, the next of ``remedies``, may still be lodged in court; once it
    is, no deadline runs."""
    rows = [row for row in case.hearings if row.stage.forum == "court_hearing"]
    lodged, judged = 0, None
    for row in sorted(rows, key=lambda row: (row.hearing_date, row.id)):
        if row.stage.code == JUDGMENT:
            judged = row.hearing_date
        elif row.stage.code in remedies:
            lodged, judged = remedies.index(row.stage.code) + 1, None
    return judged if lodged < len(remedies) and remedies[lodged] == remedy else None

"""What waits for somebody on a full day: cases of several SOPs."""

from __future__ import annotations

from app.extensions import db
from app.services.cases import transitions
from tests.e2e.conftest import Live
from tests.panel.test_public import COMPLAINT
from tests.services.cases.test_transitions import REPORT, depok

UNIT = "ULP-DPK"
#: Roles for whom all of these wait.
ROLES = ("unit", "cs")


def workload(live: Live, many: int) -> None:
    """So many complaints, outages and complaints of customers as make ``many`` cases that wait for ``ROLES``."""
    cso, cs = live.cast.actor("cso"), live.cast.actor("cs")
    with live.app.test_request_context():
        depok()
        for nth in range(many):
            if nth % 3 == 2:
                answers = {"name": f"Pengguna {nth:03}", "order_id": f"ORD-{nth}"}
                transitions.create(cs, "pengaduan", COMPLAINT | answers)
            else:
                sop = ("keluhan", "gangguan")[nth % 3]
                transitions.create(cso, sop, REPORT | {"name": f"Warga {nth:03}", "phone": f"0812 3456 {7000 + nth}"})
        db.session.remove()

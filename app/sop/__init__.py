"""The SOPs that run here: add a sixth by adding its file and its line."""

from __future__ import annotations

from app.models.derive import derive_case
from app.sop.apkt import GANGGUAN, KELUHAN
from app.sop.common import SUPERVISOR
from app.sop.hard_complaint import HARD_COMPLAINT
from app.sop.intera import INTERA
from app.sop.pengaduan import PENGADUAN
from app.sop.reply_template import REPLY_TEMPLATE
from app.sop.somasi import SOMASI
from app.workflow.checks import check
from app.workflow.declaration import Sop

#: In the order of the menu; an SOP to whose cases another refers comes before it.
SOPS: dict[str, Sop] = {
    sop.key: check(sop) for sop in (SOMASI, KELUHAN, GANGGUAN, REPLY_TEMPLATE, PENGADUAN, HARD_COMPLAINT, INTERA)
}

for _sop in SOPS.values():
    derive_case(_sop)

#: Every role that some SOP names, in order of appearance.
ROLES: tuple[str, ...] = tuple(dict.fromkeys([role for sop in SOPS.values() for role in sop.roles] + [SUPERVISOR]))

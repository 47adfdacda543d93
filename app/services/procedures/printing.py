"""A procedure on paper; the layout is in ``templates/procedures``."""

from __future__ import annotations

from dataclasses import asdict

from flask_babel import get_locale
from flask_babel import gettext as _

from app.services.core import clock
from app.services.core.formatting import moment
from app.services.documents.printing import TEMPLATES, typeset
from app.services.procedures.outline import outline
from app.workflow.declaration import Sop


def printed(sop: Sop) -> bytes:
    """The procedure as PDF, in the reader's language."""
    words = {
        "procedure": _("Procedure"),
        "revision": _("Revision"),
        "picture": _("The procedure as a picture"),
        "required": _("required"),
        "page": _("Page"),
        "printed": _("Printed on %(moment)s", moment=moment(clock.now())),
    }
    own = {"code": sop.sheet.code, "revision": str(sop.revision), "language": str(get_locale() or "id")}
    return typeset(TEMPLATES / "procedures" / "sheet.typ", procedure=asdict(outline(sop)) | own, words=words)

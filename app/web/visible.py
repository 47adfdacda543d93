"""The base filter of every list and resource: which rows Flask-AppBuilder may show to whom."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.models.filters import BaseFilter
from sqlalchemy.orm import Query

from app.models import Case
from app.services.core.access import visible_rows
from app.sop import SOPS
from app.web.actor import current_actor


class VisibleCases(BaseFilter):
    """The rows of an SOP that the present user may see; its column and value mean nothing."""

    name = "visible"

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        sop = SOPS[self.model.__mapper__.polymorphic_identity]
        return query.filter(Case.sop == sop.key, visible_rows(current_actor(), sop))

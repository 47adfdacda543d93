"""Users' complaints to a fintech lender and the templates of their replies, with the report to OJK that is theirs."""

from __future__ import annotations

from app.sop.pengaduan.declaration import PENGADUAN
from app.sop.pengaduan.reply_template import REPLY_TEMPLATE

__all__ = ["PENGADUAN", "REPLY_TEMPLATE"]

"""Users' complaints to a fintech lender, the templates of the replies, and the report to OJK."""

from __future__ import annotations

from app.sop.pengaduan.declaration import PENGADUAN
from app.sop.pengaduan.reply_template import REPLY_TEMPLATE

__all__ = ["PENGADUAN", "REPLY_TEMPLATE"]

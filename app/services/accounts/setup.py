"""Prepares a database: schema, roles, initial master data, a first admin."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import select

from app.extensions import db
from app.models import ComplaintCategory, HearingStage
from app.services.accounts import one_time, sop_tables
from app.services.core import exclusive
from app.services.core.database import write_transaction

#: Stages by forum: court (HIR/RBg, PERMA 1/2016) and BPSK (Kepmenperindag 350/2001); an admin can add to both.
STAGES = {
    "court_hearing": (
        "pendaftaran", "panggilan", "mediasi", "pembacaan gugatan", "jawaban", "replik", "duplik",
        "pembuktian surat", "pembuktian saksi", "kesimpulan", "putusan", "banding", "kasasi", "eksekusi",
    ),
    "bpsk_hearing": (
        "pendaftaran", "pra-sidang", "konsiliasi", "mediasi", "arbitrase", "pembuktian", "putusan",
    ),
}  # fmt: skip


#: code, name, whether CS may answer at once (general matters), in the order of the form.
CATEGORIES = (
    ("payment_method", "Cara pembayaran", True),
    ("product_information", "Informasi produk", True),
    ("bill_amount", "Jumlah tagihan", True),
    ("how_to_apply", "Cara pengajuan", True),
    ("application_status", "Status aplikasi", True),
    ("payment_detail", "Detail pembayaran", False),
    ("application_fault", "Kerusakan sistem aplikasi", False),
    ("other", "Lainnya", False),
)


def prepare() -> None:
    """Schema, roles and initial master data, as far as they are not there yet. Processes that start at once do it one
    after the other. Raises ``sop_tables.Unfit``."""
    with exclusive.held("setup"):
        migrate()
        fill()


def migrate() -> None:
    """Brings the shared tables to the newest version, and the SOPs' own to their declarations. Raises
    ``sop_tables.Unfit``."""
    upgrade()
    sop_tables.follow()


def fill() -> None:
    """Roles, hearing stages and complaint categories, as far as they are not there yet."""
    security = _security()
    for name in (*current_app.config["FAB_ROLES"], security.auth_role_public):
        security.add_role(name)
    with write_transaction() as session:
        there = set(session.execute(select(HearingStage.forum, HearingStage.code)).tuples())
        for forum, names in STAGES.items():
            for position, name in enumerate(names):
                code = name.replace(" ", "_").replace("-", "_")
                if (forum, code) not in there:
                    session.add(
                        HearingStage(forum=forum, code=code, name=name.capitalize(), position=position, active=True)
                    )
        categories = set(session.scalars(select(ComplaintCategory.code)))
        for position, (code, name, direct) in enumerate(CATEGORIES):
            if code not in categories:
                session.add(ComplaintCategory(code=code, name=name, direct=direct, position=position, active=True))


def first_admin(username: str = "admin") -> str | None:
    """Creates the first admin and returns their one-time password; None when there are users already."""
    security = _security()
    with exclusive.held("setup"):
        if security.count_users():
            return None
        password, kept = one_time.made()
        user = security.add_user(
            username, "Admin", "Tuntas", f"{username}@localhost", security.find_role(security.auth_role_admin),
            hashed_password=kept, commit=False,
        )  # fmt: skip
        one_time.put(user, kept, one_time.FIRST_GOOD_FOR)
        db.session.commit()
    return password


def _security() -> Any:
    return current_app.appbuilder.sm  # type: ignore[attr-defined]

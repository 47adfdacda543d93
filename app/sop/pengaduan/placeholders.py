"""The placeholders of a reply template, filled in from a complaint."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.workflow.declaration import Case

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def rupiah(amount: int | None) -> str:
    return "–" if amount is None else "Rp" + f"{amount:,}".replace(",", ".")


def of_customer(read: Callable[[Any], Any]) -> Callable[[Case], str]:
    """What the customer list says; a dash when the case's customer is not in it."""
    return lambda case: "–" if case.customer is None else str(read(case.customer) or "–")


#: The placeholders of a template (in braces), and their values from a case.
PLACEHOLDERS: dict[str, Callable[[Case], str]] = {
    "nama": lambda case: case.name,
    "nomor_tiket": lambda case: case.number,
    "order_id": lambda case: case.order_id or "–",
    "produk": of_customer(lambda c: c.product),
    "jumlah_tagihan": of_customer(lambda c: rupiah(c.bill)),
    "jatuh_tempo": of_customer(lambda c: c.due_date and f"{c.due_date:%d/%m/%Y}"),
    "status": of_customer(lambda c: c.application_status),
}


def unknown_placeholders(text: str) -> list[str]:
    return [name for name in PLACEHOLDER.findall(text or "") if name not in PLACEHOLDERS]


def filled(text: str, case: Case) -> str:
    """``text`` with its placeholders filled from a complaint."""
    return PLACEHOLDER.sub(lambda found: PLACEHOLDERS[found[1]](case), text)

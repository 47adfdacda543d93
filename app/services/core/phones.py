"""Indonesian phone numbers in any notation."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers


@lru_cache(maxsize=4096)
def normalised(written: str | None) -> str:
    """E.164 (``+6281234567890``) when ``written`` can be an Indonesian or international number, else its digits."""
    if not written:
        return ""
    try:
        number = phonenumbers.parse(re.sub(r"^\s*62", "+62", written), "ID")
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_possible_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return re.sub(r"\D", "", written)[:64]


def national(written: str | None) -> str:
    """The form that spreadsheets keep intact and people dial: ``0812-3456-7890``."""
    normal = normalised(written)
    if not normal.startswith("+62"):
        return written or ""
    return phonenumbers.format_number(phonenumbers.parse(normal), phonenumbers.PhoneNumberFormat.NATIONAL)

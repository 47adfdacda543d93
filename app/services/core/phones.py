"""Indonesian phone numbers in any notation."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from app.workflow.contacts import HOME

LETTER = re.compile(r"[^\W\d_]")
E164 = phonenumbers.PhoneNumberFormat.E164
#: In some countries a number does not tell which of both it is.
MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


@lru_cache(maxsize=4096)
def normalised(written: str | None) -> str:
    """E.164 (``+6281234567890``) when ``written`` can be an Indonesian or international number, else its digits."""
    if not written:
        return ""
    try:
        number = phonenumbers.parse(re.sub(r"^\s*62", "+62", written), HOME)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_possible_number(number):
        return phonenumbers.format_number(number, E164)
    return re.sub(r"\D", "", written)[:64]


@lru_cache(maxsize=4096)
def mobile(written: str | None) -> str:
    """The digits by which a messenger knows the number, with its country code (``6281234567890``); empty where it can't
    be that of a mobile phone, or is masked."""
    if not written or "*" in written:
        return ""
    if LETTER.search(written):  # among words, of which letters would count as digits
        found = iter(phonenumbers.PhoneNumberMatcher(written, HOME, leniency=phonenumbers.Leniency.POSSIBLE))
        number = next((one.number for one in found), None)
    else:
        normal = normalised(written)
        number = phonenumbers.parse(normal) if normal.startswith("+") else None
    if number is None:
        return ""
    is_mobile = phonenumbers.number_type(number) in MOBILE
    return phonenumbers.format_number(number, E164).removeprefix("+") if is_mobile else ""


def national(written: str | None) -> str:
    """The form that spreadsheets keep intact and people dial: ``0812-3456-7890``."""
    normal = normalised(written)
    if not normal.startswith("+62"):
        return written or ""
    return phonenumbers.format_number(phonenumbers.parse(normal), phonenumbers.PhoneNumberFormat.NATIONAL)

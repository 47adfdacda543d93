"""Recognises mail addresses and phone numbers as people write them."""

from __future__ import annotations

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

#: Short codes are numbers too, such as 123 of a call centre.
LEAST_DIGITS = 3
#: What a number consists of, however it is grouped; two may stand beside each other.
DIALLED = re.compile(r"[\d\s()+.,;/#*\-\u2010-\u2014]+")
#: The country of numbers without a country code.
HOME = "ID"


def mail_address(written: str, internal: bool = False) -> str | None:
    """The normalised address; None when ``written`` is not one.

    Whether the domain exists is not checked. ``internal``: its domain may be a name of the own network, such as
    ``localhost``.
    """
    # Before a domain reserved for testing any host name is valid.
    tail = ".test" if internal else ""
    try:
        found = validate_email(written + tail, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return found.normalized.removesuffix(tail)


def is_phone(written: str) -> bool:
    """Whether it can be dialled: digits in any grouping, or words with a possible number among them
    (``0812-3456-7890 (Ibu Ani)``)."""
    if DIALLED.fullmatch(written):
        return sum(c.isdigit() for c in written) >= LEAST_DIGITS
    return phonenumbers.PhoneNumberMatcher(written, HOME, leniency=phonenumbers.Leniency.POSSIBLE).has_next()

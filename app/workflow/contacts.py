"""Mail addresses and phone numbers, as people write them: change here what counts as one."""

from __future__ import annotations

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

#: Short codes are numbers too, such as 123 of a call centre.
LEAST_DIGITS = 3
#: What a number consists of, however it is grouped; two may stand beside each other.
DIALLED = re.compile(r"[\d\s()+.,;/#*\-\u2010-\u2014]+")
#: Numbers without the code of a country are this one's.
HOME = "ID"


def mail_address(written: str, internal: bool = False) -> str | None:
    """The address that ``written`` is, in its usual writing; None when it is none.

    Whether the domain exists is not asked. ``internal``: its domain may be a name of the own network, such as
    ``localhost``.
    """
    # In front of a domain that is reserved for trying things out any name of a host will do.
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

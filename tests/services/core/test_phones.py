"""Numbers as people write them: which can be a mobile phone's."""

from __future__ import annotations

import pytest

from app.services.core import phones


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("0812-3456-7890", "6281234567890"), ("+62 812 3456 7890", "6281234567890"),
        ("62 81234567890", "6281234567890"), ("0812 3456 7890 (Ibu Ani)", "6281234567890"), ("(021) 345 6789 Ani", ""),
        ("+44 7400 123456", "447400123456"), ("(021) 3456 789", ""), ("021-34567890", ""), ("123", ""), ("", ""),
        (None, ""), ("0812*****345", ""), ("122345678901", ""), ("nama@contoh.example", ""),
        ("+1 202 555 0123", "12025550123"), ("x" * 99, ""),
    ],
)  # fmt: skip
def test_what_can_be_a_mobile_phone(written: str | None, digits: str) -> None:
    assert phones.mobile(written) == digits

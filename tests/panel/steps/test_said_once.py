"""What a page says, it says once, and to the one whom it concerns."""

from __future__ import annotations

from flask import Flask, render_template

from app.services.core.errors import FieldError


def test_a_refusal_gives_its_reason_once(app: Flask) -> None:
    said = [FieldError("role", "cs", "Alasan pertama."), FieldError("role", "cs", "Alasan kedua.")]
    with app.test_request_context("/"):
        page = render_template("web/problem.html", status=503, message="Alasan pertama.", errors=said)
    assert page.split("<main", 1)[1].count("Alasan pertama.") == 1
    assert "Alasan kedua." in page

"""What was typed into a search, marked where it stands in the results."""

from __future__ import annotations

from markupsafe import Markup, escape

from app.services.search.matching import Typed


def marked(text: str, typed: Typed) -> Markup:
    """The text, escaped, with ``<mark>`` around what was typed."""
    said, at = Markup(), 0
    for start, end in typed.spans(text):
        said += escape(text[at:start]) + Markup("<mark>{}</mark>").format(text[start:end])
        at = end
    return said + escape(text[at:])

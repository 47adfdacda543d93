"""What Flask and Flask-AppBuilder would read from a request without asking whether it can be read."""

from __future__ import annotations

import re

from flask import Flask, current_app, request
from flask_babel import gettext as _
from werkzeug.routing import IntegerConverter, ValidationError

from app.services.core.errors import Malformed, WrongContent

#: The largest id that each database holds.
LARGEST_ID = 2**31 - 1
#: Pages and their sizes in the lists of Flask-AppBuilder, by the name of a view.
PAGED = re.compile(r"p(age|size)_(?!size$)")
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


class IdConverter(IntegerConverter):
    """A number that is nobody's id is the address of nothing."""

    def to_python(self, value: str) -> int:
        if not value.isascii() or len(value) > len(str(LARGEST_ID)) or int(value) > LARGEST_ID:
            raise ValidationError
        return super().to_python(value)  # type: ignore[no-any-return]


def register(app: Flask) -> None:
    """Before any address is known."""
    app.url_map.converters["int"] = IdConverter
    app.before_request(_refuse_unreadable)


def _refuse_unreadable() -> None:
    for name, said in request.args.items(multi=True):
        if PAGED.search(name) and not NUMBER.fullmatch(said) and not _reads_any_page():
            raise Malformed(_("The number of the page can't be read."))
    if request.is_json and not request.path.startswith("/api/"):
        # Forms would take any JSON for their fields.
        raise WrongContent(_("A page takes a form; programs send JSON to the API."))


def _reads_any_page() -> bool:
    """Lists of our own make do with whatever an address says; ``reads_any_page`` says so on their view."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(getattr(view, "__self__", None), "reads_any_page", False))

"""A document's bytes as an answer to a browser or an API client: ranges, names and caching."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask import Response, g, request, stream_with_context
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.datastructures import Range

from app.extensions import db
from app.models import Document
from app.services import reports
from app.services.core.access import Actor
from app.services.core.errors import Malformed
from app.services.documents import openings, storage
from app.services.documents.sniff import INLINE
from app.services.reports import ReportParams, jobs
from app.services.tables.dialects import DIALECTS, Dialect, dialect_of
from app.web.actor import current_actor
from app.workflow import file_names


def document_response(document: Document, filename: str = "") -> Response:
    """The content of ``document``, streamed; with ``Range`` the part named by it (206), or 416 with the length.
    ``filename``: how it is called instead of its own name.

    The caller has checked that the user may open it. Only what a browser shows safely is shown in it, and nothing in
    which something was found; everything else is a download. The content of a version never changes, so its hash is its
    ETag; a browser keeps none of it, since others may sit at the same machine.
    """
    size = document.size
    response = Response(status=200, mimetype=document.content_type)
    response.headers["Content-Disposition"] = disposition(
        filename or document.filename, document.content_type in INLINE and not document.warnings
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Accept-Ranges"] = "bytes"
    response.cache_control.private = True
    response.cache_control.no_store = True
    response.set_etag(document.sha256)
    if request.method != "HEAD":
        openings.opened(current_actor(), document, in_part=request.range is not None)
    if request.if_none_match.contains(document.sha256):
        response.status_code = 304
        return response
    start, end = 0, size
    if wanted := _range(document.sha256):
        part = wanted.range_for_length(size)
        if part is None:
            response.status_code = 416
            response.headers["Content-Range"] = f"bytes */{size}"
            return response
        start, end = part
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response.content_length = end - start
    if request.method != "HEAD":
        response.response = stream_with_context(_chunks(document.storage_key, start, end - start))
    return response


def _chunks(key: str, start: int, length: int) -> Iterator[bytes]:
    """The bytes, with the database connection given back first: a slow client must not keep it for the whole
    download. Raises ``Unavailable`` while the storage is away."""
    chunks = storage.read(key, start, length)

    def sent() -> Iterator[bytes]:
        db.session.remove()
        yield from chunks

    return sent()


def _range(etag: str) -> Range | None:
    """The range of the request; None when the client has another version, or wants something other than one
    range."""
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    known = request.if_range
    return wanted if known is None or known.etag == etag or (known.etag is None and known.date is None) else None


def export_response(file: jobs.File) -> Response:
    """An export as a download, streamed, and not to be kept by a cache."""
    response = Response(stream_with_context(file.chunks), mimetype=file.content_type)
    response.headers["Content-Disposition"] = disposition(file.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.cache_control.private = True
    response.cache_control.no_store = True
    return response


def report_response(actor: Actor, key: str, form: str = "csv", **filters: Any) -> Response:
    """A report in the reader's language and dialect, for the pages that show what is in it."""
    report = reports.report_of(actor, key)
    params = ReportParams(form, lang=str(get_locale()), dialect=dialect().key, **filters)
    return export_response(jobs.stream(actor, report, params))


def dialect(chosen: bool = False) -> Dialect:
    """How a CSV for the present user is written: as the address says (``dialect``), else as they have ``chosen``."""
    asked = "" if chosen else request.args.get("dialect")
    if asked and asked not in DIALECTS:
        raise Malformed(_("There is no such CSV format."))
    return dialect_of(asked or getattr(g.user, "csv_dialect", ""), get_locale())


def disposition(filename: str, inline: bool = False) -> str:
    """The Content-Disposition of a file: an ASCII name for old clients, the true one for the others (RFC
    6266)."""
    clean = file_names.clean(filename)
    plain = clean.encode("ascii", "replace").decode().replace("?", "_")
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"

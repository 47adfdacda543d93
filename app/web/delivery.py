"""How answers travel: compressed, and kept by nobody but the reader's own window."""

from __future__ import annotations

from flask import Flask, Response
from flask_compress import Compress

#: Texts alone; pictures, recordings and workbooks are packed as they are, and a part of a file must stay one.
COMPRESSED = ["text/html", "text/calendar", "application/json", "image/svg+xml"]


def register(app: Flask) -> None:
    # Sessions are SameSite=Lax: no other site can have our pages asked again and again, which guessing a secret from
    # the length of compressed answers takes.
    app.config.from_mapping(
        COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_ALGORITHM_STREAMING=["br", "gzip"], COMPRESS_MIMETYPES=COMPRESSED
    )
    Compress(app)
    app.after_request(_keep_nowhere)


def _keep_nowhere(answer: Response) -> Response:
    """What a view says of its own answer counts; whatever else it is, it may be about people."""
    if "Cache-Control" not in answer.headers:
        answer.cache_control.private = True
        answer.cache_control.no_store = True
    return answer

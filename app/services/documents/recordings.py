"""The length of a recording, read from its file."""

from __future__ import annotations

import tempfile

from tinytag import TinyTag, TinyTagException

from app.models import Document
from app.services.documents import storage


def recording_seconds(document: Document) -> int | None:
    """Whole seconds, rounded up; None when the file does not say."""
    with tempfile.NamedTemporaryFile(suffix=".mp3") as copy:
        for chunk in storage.read(document.storage_key, 0, document.size):
            copy.write(chunk)
        copy.flush()
        try:
            length = TinyTag.get(copy.name, image=False).duration
        except TinyTagException:
            return None
    return int(-(-length // 1)) if length else None

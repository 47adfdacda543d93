"""Files of the design: joined, named after what is in them, compressed once, served before a page of ours is asked.

A name with the fingerprint of its content may be kept for years: what changes gets another name. Older ones stay in
the folder, so that a page that was sent before an upgrade still finds its files.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import quote
from wsgiref.headers import Headers

import brotli
from flask import Flask
from whitenoise import WhiteNoise

SOURCES = Path(__file__).resolve().parent.parent / "static"
#: Where they are found: ``/assets/<name>.<fingerprint>.<ending>``.
PREFIX = "/assets/"
#: How long what has no fingerprint may be kept, seconds.
A_DAY = 86_400
#: What most pages need comes in one piece; the order of style sheets is that in which they override each other.
JOINED: dict[str, tuple[str, ...]] = {
    "tuntas.css": tuple(
        f"css/{name}.css"
        for name in (
            "tokens", "base", "buttons", "forms", "tables", "blocks", "frame", "lists", "worklist", "case", "timeline",
            "uploads", "intake", "dashboards", "calendar", "procedures", "guide", "print",
        )
    ),
    "tuntas.js": tuple(
        f"js/{name}.js"
        for name in (
            "menus", "forms", "dates", "money", "passwords", "drafts", "notices", "presence", "intake", "keys",
            "palette", "rows", "tour",
        )
    ),
}  # fmt: skip
#: Bytes from which packing is content with less.
LARGE = 500_000
#: How the name of a file ends while it is being written.
PART = ".part"
#: Smaller than a packet, or packed already.
UNPACKED = frozenset({".png", ".woff2"})


class UnknownAsset(LookupError):
    """A template names a file that the design doesn't have."""


def register(app: Flask) -> None:
    folder = Path(app.config["ASSETS_PATH"])
    publish(folder)
    served = WhiteNoise(
        app.wsgi_app, max_age=A_DAY, allow_all_origins=False, add_headers_function=_say_no_more_than_it_is,
        immutable_file_test=lambda path, url: url.startswith(PREFIX),
    )  # fmt: skip
    # Not by ``add_files``, which also asks for the size of what another process is just laying, and has then laid.
    for file in folder.iterdir():
        if file.suffix != PART and file.is_file():
            served.add_file_to_dictionary(PREFIX + file.name, str(file))
    # Browsers ask for it by this name whatever a page says.
    served.add_file_to_dictionary("/favicon.ico", str(folder / _names()["logo.svg"]))
    app.wsgi_app = served  # type: ignore[method-assign]
    app.jinja_env.globals.update(asset=asset, asset_within=within)


def asset(name: str) -> str:
    """The address of ``tuntas.css``, ``logo.svg``, ``js/recording.js``. Raises ``UnknownAsset``."""
    try:
        return PREFIX + _names()[name]
    except KeyError:
        raise UnknownAsset(name) from None


@cache
def within(name: str) -> str:
    """A small picture as an address that holds it: nothing more is asked for."""
    return "data:image/svg+xml," + quote(_content(name).decode())


def publish(folder: Path) -> None:
    """Lays every file into ``folder``; what is there already is the same. Several processes may do it at once."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, published in _names().items():
        target = folder / published
        if target.exists():
            continue
        content = _content(name)
        if target.suffix not in UNPACKED:
            _lay(target.with_name(target.name + ".br"), brotli.compress(content, quality=_effort(content)))
            _lay(target.with_name(target.name + ".gz"), gzip.compress(content, mtime=0))
        _lay(target, content)


def _effort(content: bytes) -> int:
    """The last percent of a large library would hold up the first start for seconds."""
    return 11 if len(content) < LARGE else 9


def _say_no_more_than_it_is(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def _lay(target: Path, content: bytes) -> None:
    """Whole or not at all."""
    handle, written = tempfile.mkstemp(dir=target.parent, suffix=PART)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.chmod(written, 0o644)
    os.replace(written, target)


@cache
def _names() -> dict[str, str]:
    """What templates call a file, and what it is called in the folder."""
    alone = {str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.*") if path.is_file()}
    joined = {part for parts in JOINED.values() for part in parts}
    return {name: _fingerprinted(name) for name in sorted({*JOINED, *(alone - joined)})}


def _fingerprinted(name: str) -> str:
    stem, _dot, ending = name.rpartition(".")
    return f"{stem.replace('/', '-')}.{hashlib.sha256(_content(name)).hexdigest()[:12]}.{ending}"


@cache
def _content(name: str) -> bytes:
    return b"\n".join((SOURCES / part).read_bytes() for part in JOINED.get(name, (name,)))

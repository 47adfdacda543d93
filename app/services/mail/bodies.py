"""The text of a mail: HTML is cleaned before anything else sees it, and shown as text."""

from __future__ import annotations

import re
from email.message import Message
from html.parser import HTMLParser
from typing import Any

import nh3

from app.services.mail.headers import decoded, storable
from app.services.mail.structure import Untrusted

#: Characters of a text and of HTML that are read; the raw source has the rest.
LONGEST_TEXT, LONGEST_HTML = 200_000, 1_000_000
#: Tags of a page, and how deep they may lie in each other: cleaning takes the square of that.
MOST_TAGS, DEEPEST = 60_000, 200
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
#: These are closed by what follows them, or hold nothing.
CLOSED_BY_THEMSELVES = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "dd",
        "dt",
        "hr",
        "img",
        "input",
        "li",
        "link",
        "meta",
        "option",
        "p",
        "param",
        "source",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "wbr",
    ]
)
TAGS = {
    "a", "b", "blockquote", "br", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
#: These go with what is in them.
DROPPED = {"script", "style", "title", "head", "template", "object", "svg", "math"}
BLOCKS = frozenset(TAGS - {"a", "b", "em", "i", "strong", "u", "td", "th", "br"})
SPACES, EMPTY_LINES = re.compile(r"[ \t\xa0]+"), re.compile(r"\n{3,}")
TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)


def text_of_part(part: Message[Any, Any]) -> str:
    """The text of a ``text/…`` part, in the end always some."""
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    charset = _charset(part)
    if part.get_content_subtype() == "html":
        return text_of_html(decoded(raw[: LONGEST_HTML * 4], charset))
    text = decoded(raw[: LONGEST_TEXT * 4], charset)
    if str(part.get_param("format") or "").lower() == "flowed":
        text = _unfolded(text, str(part.get_param("delsp") or "").lower() == "yes")
    return tidy(text)


def _charset(part: Message[Any, Any]) -> str | None:
    try:
        return part.get_content_charset()
    except (LookupError, ValueError, TypeError):
        return None


def text_of_html(html: str) -> str:
    """Raises ``Untrusted`` for what takes too long to be cleaned."""
    _bounded(html[:LONGEST_HTML])
    clean = nh3.clean(
        html[:LONGEST_HTML], tags=TAGS, clean_content_tags=DROPPED, attributes={"a": {"href"}}, link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"},
    )  # fmt: skip
    reader = _Reader()
    reader.feed(clean)
    reader.close()
    return tidy("".join(reader.written))


def _bounded(html: str) -> None:
    depth: dict[str, int] = {}
    for count, (closing, tag) in enumerate(TAG.findall(html)):
        name = tag.lower()
        if name not in CLOSED_BY_THEMSELVES:
            depth[name] = max(0, depth.get(name, 0) + (-1 if closing else 1))
            if depth[name] > DEEPEST:
                raise Untrusted("unreadable", "HTML")
        if count > MOST_TAGS:
            raise Untrusted("unreadable", "HTML")


def tidy(text: str) -> str:
    """Without what is invisible, and no more than one empty line at a time."""
    text = storable(text[:LONGEST_TEXT]).replace("\r\n", "\n").replace("\r", "\n").replace("\u200b", "")
    text = "".join(c for c in text if c.isprintable() or c in "\n\t ")
    return EMPTY_LINES.sub("\n\n", TRAILING.sub("", text)).strip()


def _unfolded(text: str, without_blank: bool) -> str:
    """Paragraphs whose lines a mail program has broken (RFC 3676); a signature's mark ends with a blank as well."""
    lines: list[str] = []
    open_ended = False
    for line in text.replace("\r\n", "\n").split("\n"):
        stuffed = line.removeprefix(" ")
        if open_ended and not line.startswith(">"):
            lines[-1] += stuffed
        else:
            lines.append(stuffed)
        open_ended = line.endswith(" ") and line != "-- " and not line.startswith(">")
        if open_ended and without_blank:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


class _Reader(HTMLParser):
    """Reads clean HTML as text: blocks on lines of their own, cells with a tab between them, links with their
    address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._link: tuple[str, int] = ("", 0)
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._quoted += 1
        if tag == "br" or tag in BLOCKS:
            self._new_line(tag != "br")
        if tag == "li":
            self.written.append("- ")
        if tag == "a":
            self._link = (dict(attrs).get("href") or "", len(self.written))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            address, begun = self._link
            shown = "".join(self.written[begun:]).strip()
            bare = address.removeprefix("mailto:").removeprefix("tel:")
            if bare and bare.rstrip("/") not in shown:
                self.written.append(f" ({bare})")
            self._link = ("", 0)
        if tag in ("td", "th"):
            self.written.append("\t")
        if tag in BLOCKS:
            self._new_line(True)
            if tag == "p":
                self.written.append("\n")
        if tag == "blockquote":
            self._quoted -= 1
            self.written.append("\n")

    def handle_data(self, data: str) -> None:
        words = SPACES.sub(" ", data.replace("\r", " ").replace("\n", " "))
        if self._begins_line:
            words = words.lstrip()
            if words and self._quoted > 0:
                words = ">" * min(self._quoted, 9) + " " + words
        if words:
            self.written.append(words)

    @property
    def _begins_line(self) -> bool:
        return not self.written or self.written[-1].endswith("\n")

    def _new_line(self, only_once: bool) -> None:
        if not (only_once and self._begins_line):
            self.written.append("\n")

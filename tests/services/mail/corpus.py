"""Mails of all kinds, each with what must become of it. They write themselves, and stand in the order in which they
come: the first opens the case that the replies answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.services.mail.building import (
    JPEG,
    PDF,
    SERVICE,
    archive,
    head,
    in_charset,
    letter,
    mixed,
    nested,
    of_type,
    plain,
    report,
    winmail,
    with_files,
)

KNOWN = "Rahmat Hidayat <rahmat@pelanggan.example>"
FIRST = "<first@pelanggan.example>"
#: What a reply quotes, by mail program.
QUOTES = {
    "gmail_id": "Pada tanggal Rab, 18 Nov 2026 pukul 10.12 Layanan Pengaduan <layanan@\ncontoh.example> menulis:\n\n"
    "> Kami memerlukan KTP.\n> Salam\n",
    "gmail_en": "On Wed, Nov 18, 2026 at 10:12 AM Layanan <layanan@contoh.example> wrote:\n\n> Kami memerlukan KTP.\n",
    "outlook_id": "Dari: Layanan Pengaduan <layanan@contoh.example>\nDikirim: Rabu, 18 November 2026 10.12\n"
    "Kepada: Rahmat\nPerihal: [{number}] Kami memerlukan\n\nKami memerlukan KTP.\n",
    "outlook_en": "________________________________\nFrom: Layanan <layanan@contoh.example>\n"
    "Sent: Wednesday, November 18, 2026 10:12\nTo: Rahmat\nSubject: [{number}] x\n\nKami memerlukan KTP.\n",
    "outlook_old": "-----Original Message-----\nFrom: Layanan\nSent: Wednesday\nTo: Rahmat\n\nKami memerlukan KTP.\n",
    "yahoo_id": "Pada Rabu, 18 November 2026 pukul 10.12.33 WIB, Layanan <layanan@contoh.example> menulis: \n\n"
    " Kami memerlukan KTP.\n",
    "yahoo_en": "    On Wednesday, November 18, 2026 at 10:12:33 AM GMT+7, Layanan <layanan@contoh.example> wrote:  \n"
    " \n Kami memerlukan KTP.\n",
    "apple_id": "> Pada 18 Nov 2026, pukul 10.12, Layanan <layanan@contoh.example> menulis:\n> \n> Kami memerlukan"
    " KTP.\n",
    "apple_en": "> On 18 Nov 2026, at 10.12, Layanan <layanan@contoh.example> wrote:\n> \n> Kami memerlukan KTP.\n",
    "asli": "----- Pesan Asli -----\nDari: Layanan\nKepada: Rahmat\n\nKami memerlukan KTP.\n",
}


@dataclass(frozen=True)
class Sample:
    """``becomes``: ``case``, ``entry``, ``nothing``, or the reason for which it is quarantined or ignored. ``says``: a
    part of its text; ``not_says``: what must not be in it; ``files``: the names of what comes with it."""

    name: str
    raw: bytes
    becomes: str
    says: str = ""
    not_says: str = "Kami memerlukan"
    files: tuple[str, ...] = ()


def samples(number: str) -> list[Sample]:
    """``number``: of the case that the first opens."""
    return [*_texts(), *_shapes(), *_replies(number), *_programs(), *_hostile()]


def _texts() -> Iterator[Sample]:
    yield Sample("plain", plain("first", "Saldo saya hilang.", sender=KNOWN), "case", "Saldo saya hilang.")
    yield Sample("utf-8", in_charset("utf8", "Kenapa “ditolak”? 😠", "utf-8"), "case", "Kenapa “ditolak”? 😠")
    yield Sample("latin-1", in_charset("latin1", "Café Renée", "iso-8859-1"), "case", "Café Renée")
    yield Sample("cp1252", in_charset("cp1252", "Kartu “hilang” – €5", "cp1252"), "case", "“hilang” – €5")
    yield Sample("utf-16", in_charset("utf16", "Dua bait per huruf", "utf-16"), "case", "Dua bait per huruf")
    yield Sample("japanese", in_charset("jp", "苦情です", "iso-2022-jp"), "case", "苦情です")
    yield Sample("chinese", in_charset("cn", "我要投诉", "gb18030"), "case", "我要投诉")
    yield Sample("russian", in_charset("ru", "Жалоба", "koi8-r"), "case", "Жалоба")
    yield Sample("8bit utf-8", in_charset("bit8", "Lapor “8bit”", "utf-8", encoding="8bit"), "case", "Lapor “8bit”")
    yield Sample("utf-8 as ascii", in_charset("ascii", "Façade", "utf-8", "us-ascii", "8bit"), "case", "Façade")
    yield Sample("latin-1 as utf-8", in_charset("wrong", "Façade", "latin-1", "utf-8"), "case", "Façade")
    yield Sample("unknown charset", in_charset("klingon", "Keluhan é", "utf-8", "x-klingon"), "case", "Keluhan é")
    yield Sample("no charset", in_charset("none", "Renée", "latin-1", "", "8bit"), "case", "Renée")
    q = "=?utf-8?q?Keluhan_=E2=80=9Cbayar=E2=80=9D?= =?utf-8?b?ZGFuIGxhaW4=?="
    yield Sample("encoded subject", plain("encoded", subject=q), "case", "Keluhan “bayar”dan lain")
    cut = "=?utf-8?b?4oKs4oI=?= =?utf-8?b?rOKCrA==?="  # the second euro stands in both
    yield Sample("character cut in two", plain("cut", subject=cut), "case", "€€€")
    yield Sample("raw utf-8 subject", plain("rawsubject", subject="Keluhan “mentah”"), "case", "Keluhan “mentah”")
    broken = plain("badword", subject="=?utf-8?b?!!!?= =?nope?q?x?=")
    yield Sample("broken encoded word", broken, "case", "ditarik dua kali")
    flowed = "Kalimat ini panjang \nsekali.\n> kutipan \n-- \nBudi\n"
    raw = of_type("flowed", "text/plain; format=flowed", flowed.replace("\n", "\r\n").encode())
    yield Sample("flowed", raw, "case", "Kalimat ini panjang sekali.")
    html = "<p>Halo</p><script>alert(1)</script><style>p{}</style><p>Uang <b>saya</b> hilang&nbsp;&amp; kembali</p>"
    yield Sample("html", letter("html", html=html).as_bytes(), "case", "Uang saya hilang & kembali", "alert")
    table = "<table><tr><td>Order</td><td>ORD-9</td></tr></table><img src='http://pelacak.example/1.gif'>"
    yield Sample("html table", letter("table", html=table).as_bytes(), "case", "Order\tORD-9", "pelacak")
    link = "<a href='javascript:alert(1)'>klik</a> <a href='https://bukti.example/x'>bukti</a>"
    yield Sample(
        "html links", letter("links", html=link).as_bytes(), "case", "bukti (https://bukti.example/x)", "alert"
    )
    both = letter("both", "Versi teks", "<p>Versi HTML</p>").as_bytes()
    yield Sample("text and html", both, "case", "Versi teks", "Versi HTML")
    yield Sample("empty text, html", letter("blank", " \n", "<p>Hanya HTML</p>").as_bytes(), "case", "Hanya HTML")
    yield Sample("no subject", plain("nosubject", subject=""), "case", "ditarik dua kali")
    yield Sample("subject alone", plain("nobody", "", subject="Kartu saya tertelan"), "case")
    yield Sample("no id", plain("noid", Message_ID=""), "case", "ditarik dua kali")
    yield Sample("bare id", plain("bareid", Message_ID="123@pelanggan.example"), "case", "ditarik dua kali")
    yield Sample("no date that is one", plain("nodate", Date="kemarin sore"), "case", "ditarik dua kali")
    asked = plain("quiet", X_Auto_Response_Suppress="All", Auto_Submitted="no")
    yield Sample("a person who wants no answer", asked, "case", "ditarik dua kali")


def _shapes() -> Iterator[Sample]:
    yield Sample("pdf", with_files("pdf", ("bukti.pdf", PDF)), "case", "Terlampir.", files=("bukti.pdf",))
    several = with_files("several", ("a.pdf", PDF), ("b.jpg", JPEG), ("c.pdf", PDF + b" "))
    yield Sample("several files", several, "case", files=("a.pdf", "b.jpg", "c.pdf"))
    named = (
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''bukti%20%E2%82%AC.pdf\r\n"
    )
    yield Sample("rfc 2231 name", mixed("rfc2231", named + b"\r\n" + PDF), "case", files=("bukti €.pdf",))
    word = b'Content-Type: application/pdf; name="=?utf-8?q?bukti_=C3=A9.pdf?="\r\n\r\n'
    yield Sample("encoded name", mixed("wordname", word + PDF), "case", files=("bukti é.pdf",))
    yield Sample("a path as a name", with_files("path", ("../../etc/x.pdf", PDF)), "case", files=("x.pdf",))
    yield Sample("a program", with_files("exe", ("faktur.exe", b"MZ" + bytes(99))), "case", files=("faktur.exe",))
    yield Sample("an archive", with_files("zip", ("foto.zip", archive(999))), "case", files=("foto.zip",))
    picture = letter("inline", html="<p>Lihat <img src='cid:x'></p>")
    picture.add_related(JPEG, "image", "jpeg", cid="<x>", filename="layar.jpg", disposition="inline")
    yield Sample("a picture in the text", picture.as_bytes(), "case", "Lihat", files=("layar.jpg",))
    ornament = letter("logo", html="<p>Salam <img src='cid:x'></p>")
    ornament.add_related(JPEG[:900], "image", "jpeg", cid="<x>", filename="logo.jpg", disposition="inline")
    yield Sample("a logo", ornament.as_bytes(), "case", "Salam")
    yield Sample("nested", nested("nested", 20), "case", "Di dalam sekali.")
    passed = (
        "Mohon dibantu.\n\n---------- Pesan terusan ----------\nDari: Ibu <ibu@x.example>\nSubjek: Rusak\n\nRusak!\n"
    )
    yield Sample("passed on", plain("passed", passed, subject="Fwd: Rusak"), "case", "Rusak!")
    inner = letter("inner", "Surel di dalam", subject="Yang dulu")
    outer = letter("outer", "Lihat surel lama")
    outer.add_attachment(inner)
    yield Sample("a mail within", outer.as_bytes(), "case", "Lihat surel lama", "di dalam", ("Yang dulu.eml",))
    packed = winmail("Dari Outlook", ("bukti.pdf", PDF))
    tnef = of_type("tnef", "application/ms-tnef; name=winmail.dat", packed, Content_Transfer_Encoding="binary")
    yield Sample("winmail.dat", tnef, "case", "Dari Outlook", files=("bukti.pdf",))
    yield Sample("broken winmail.dat", of_type("tnefbad", "application/ms-tnef", b"abc"), "unreadable")
    signature = b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n\r\nMIIB'
    signed = mixed("signed", b"Content-Type: text/plain\r\n\r\nDitandatangani.", signature)
    yield Sample("S/MIME, signed", signed.replace(b"multipart/mixed", b"multipart/signed"), "case", "Ditandatangani.")
    yield Sample("S/MIME, sealed", of_type("p7m", "application/pkcs7-mime; smime-type=enveloped-data"), "encrypted")
    opaque = of_type("p7s", "application/x-pkcs7-mime; smime-type=signed-data; name=smime.p7m")
    yield Sample("S/MIME, opaque", opaque, "encrypted")
    yield Sample("PGP", of_type("pgp", "multipart/encrypted; boundary=x"), "encrypted")
    yield Sample("no boundary", of_type("noboundary", "multipart/mixed", b"Tanpa batas"), "case", "Tanpa batas")
    open_ended = mixed("open", b"Content-Type: text/plain\r\n\r\nTerpotong", closed=False)
    yield Sample("cut off", open_ended, "case", "Terpotong")
    bad = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n@@@@"
    yield Sample("broken base64", mixed("base64", b"\r\nTetap terbaca", bad), "case", "Tetap terbaca")
    yield Sample("bytes of anything", head("bytes") + b"\r\n" + bytes(range(1, 256)) + b" akhir", "case", "akhir")
    yield Sample("NUL in the text", head("nul") + b"\r\nsebelum\0sesudah", "case", "sebelumsesudah")
    yield Sample("CR alone at line ends", head("cr") + b"\r\nsatu\rdua\rtiga", "case", "satu\ndua\ntiga")


def _replies(number: str) -> Iterator[Sample]:
    for program, quote in QUOTES.items():
        said = f"Ini KTP saya, {program}.\n\n{quote.format(number=number)}"
        raw = plain(program.replace("_", ""), said, sender=KNOWN, subject="Re: Tagihan", In_Reply_To=FIRST)
        yield Sample(f"reply, {program}", raw, "entry", f"Ini KTP saya, {program}.")
    html = (
        "<div>Sudah saya kirim.</div><div class='gmail_quote'><div>Pada tanggal Rab, 18 Nov 2026 pukul 10.12 Layanan "
        "&lt;<a href='mailto:layanan@contoh.example'>layanan@contoh.example</a>&gt; menulis:</div><blockquote>Kami "
        "memerlukan KTP.</blockquote></div>"
    )
    raw = letter("htmlreply", html=html, sender=KNOWN, References=f"<x@y> {FIRST}").as_bytes()
    yield Sample("reply in html, by references", raw, "entry", "Sudah saya kirim.")
    named = plain("named", "Tambahan.", sender=KNOWN, subject=f"RE: [{number}] kabar?")
    yield Sample("by the number", named, "entry", "Tambahan.")
    small = plain("small", "Huruf kecil.", sender="RAHMAT@Pelanggan.Example", subject=number.lower())
    yield Sample("by the number in small letters", small, "entry", "Huruf kecil.")
    below = "> Kami tanya: berapa?\n\nJawab: dua.\n"
    yield Sample("answered below", plain("below", below, sender=KNOWN, In_Reply_To=FIRST), "entry", "Jawab: dua.")
    file = with_files("withfile", ("ktp.pdf", PDF + b"ktp"), sender=KNOWN, In_Reply_To=FIRST)
    yield Sample("with a file", file, "entry", "Terlampir.", files=("ktp.pdf",))
    yield Sample("a stranger's reply", plain("stranger", In_Reply_To=FIRST), "unknown_sender")
    yield Sample("a stranger with the number", plain("guess", subject=f"[{number}]"), "unknown_sender")
    yield Sample("a number that nobody has", plain("nonumber", subject="[PGD-200101-99999] x"), "case")
    yield Sample("the first once more", plain("first", "Saldo saya hilang.", sender=KNOWN), "nothing")


def _programs() -> Iterator[Sample]:
    yield Sample("auto-replied", plain("auto1", Auto_Submitted="auto-replied"), "auto")
    yield Sample("auto-generated", plain("auto2", Auto_Submitted="auto-generated; type=x"), "auto")
    yield Sample("x-autoreply", plain("auto3", X_Autoreply="yes"), "auto")
    yield Sample("away, of a customer", plain("auto4", sender=KNOWN, In_Reply_To=FIRST, X_Autorespond="cuti"), "auto")
    yield Sample("out of office", plain("auto5", subject="Out of Office: cuti"), "auto")
    yield Sample("balasan otomatis", plain("auto6", subject="Balasan otomatis: Tagihan"), "auto")
    yield Sample("bulk", plain("bulk", Precedence="bulk"), "list")
    yield Sample("a list", plain("list", List_Id="<promo.example>"), "list")
    yield Sample("a newsletter", plain("news", List_Unsubscribe="<mailto:x@y.example>"), "list")
    yield Sample("could not be delivered", report("dsn", "<ours@contoh.example>"), "bounce")
    yield Sample("is delayed", report("delayed", "<ours@contoh.example>", "delayed"), "bounce")
    words = "I couldn't deliver it.\n\nMessage-ID: <Ours@contoh.example>\n"
    yield Sample("a bounce in words", plain("qmail", words, sender="MAILER-DAEMON@mx.example"), "bounce")
    yield Sample("no return path", plain("return", Return_Path="<>"), "bounce")
    read = of_type("mdn", "multipart/report; report-type=disposition-notification; boundary=x")
    yield Sample("was read", read, "auto")
    yield Sample("our own", plain("own", sender=f"Layanan <{SERVICE}>"), "own")


def _hostile() -> Iterator[Sample]:
    yield Sample("nobody", plain("from0", From=""), "no_sender")
    yield Sample("two senders", plain("from2", sender="a@x.example, b@x.example"), "no_sender")
    yield Sample("no name", plain("noname", sender="tanpa.nama@pelanggan.example"), "incomplete")
    yield Sample("nothing at all", plain("empty", "", subject=""), "incomplete")
    injected = plain("inject", subject="=?utf-8?q?Halo=0D=0ABcc:_semua@x.example?=")
    yield Sample("a header within a header", injected, "headers")
    bare = head("barecr").replace(b"Tagihan ganda", b"Halo\rBcc: semua@x.example") + b"\r\nx"
    yield Sample("a bare line break in a header", bare, "headers")
    yield Sample("a megabyte of subject", plain("subject", subject="a" * (1 << 20)), "headers")
    yield Sample("a long subject", plain("subject5", subject="a" * 5_000), "headers")
    many = head("manyheaders") + b"X-A: b\r\n" * 100_000 + b"\r\nx"
    yield Sample("100,000 headers", many, "headers")
    parameters = b"Content-Type: text/plain" + b";a" * 200_000 + b"\r\n\r\nx"
    yield Sample("200,000 parameters", mixed("parameters", parameters), "headers")
    yield Sample("10,000 parts", mixed("parts", *[b"\r\nx"] * 10_000), "too_many_parts")
    yield Sample("500 parts deep", nested("deep", 500), "too_many_parts")
    within = head("mails") + b"Content-Type: message/rfc822\r\n\r\n" * 3_000
    yield Sample("3,000 mails within", within, "too_many_parts")
    bomb = with_files("bomb", ("tagihan.docx", archive(60 << 20)))
    yield Sample("a bomb", bomb, "archive")
    yield Sample("brackets", plain("brackets", sender="(" * 3_000 + "a@x.example"), "no_sender")
    html = head("deephtml", Content_Type="text/html") + b"\r\n" + b"<div>" * 100_000
    yield Sample("html without end", html, "unreadable")
    slow = plain("slow", ("Pada x y z " * 40 + "\n") * 600, sender=KNOWN, In_Reply_To=FIRST)
    yield Sample("a text on which expressions choke", slow, "entry", "Pada x y z")

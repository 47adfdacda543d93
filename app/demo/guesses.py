"""What key and label of a field let one guess, where no words were written for it: invented matters of everyday."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.demo import words
from app.demo.phrases import ANYTHING, DONE, PHRASES, WHEN, Groups
from app.workflow.declaration import Field

if TYPE_CHECKING:
    from app.demo.answers import Person

Guess = Callable[[random.Random, Field, "Person"], Groups]
AHEAD = re.compile(
    r"due|deadline|until|expir|next|plan|schedul|promis|valid|tempo|batas|rencana|jadwal|berikut|berlaku|janji|hingga"
)
BANKS = ("Bank Nusa Karya", "Bank Cipta Sejahtera", "Bank Arta Pasundan")
GOODS = (
    "Penanak nasi", "Sepatu lari", "Kipas angin", "Telepon genggam", "Rak buku", "Setrika", "Jaket hujan", "Kompor gas",
)  # fmt: skip
MATTERS = (
    "Barang yang diterima rusak", "Tagihan tidak sesuai", "Layanan terputus", "Pesanan tidak kunjung tiba",
    "Pembayaran tercatat dua kali", "Petugas tidak datang pada waktunya", "Jumlah barang kurang", "Data tidak sesuai",
)  # fmt: skip
REASONS = (
    "Sesuai ketentuan yang berlaku", "Bukti sudah lengkap", "Pelanggan sudah memberi keterangan", 
    "Perlu diperiksa ulang",
    "Kesalahan pencatatan", "Kelalaian pihak ketiga",
)  # fmt: skip


def _code(chance: random.Random, field: Field, person: Person) -> Groups:
    """A number with the initials of what it numbers."""
    initials = "".join(part[0] for part in field.key.split("_")).upper()[:3]
    return ((f"{initials}-{chance.randrange(100_000, 1_000_000)}",),)


#: A part of the key or of the label, in English or Indonesian, and what to write; the first that fits.
GUESSES: tuple[tuple[str, Guess], ...] = (
    (r"phone|mobile|whatsapp|telepon|ponsel|\bhp\b", lambda c, f, p: ((p.phone,),)),
    (r"mail|surel", lambda c, f, p: ((p.email,),)),
    (r"address|alamat", lambda c, f, p: ((p.address,),)),
    (r"\b(business|shop|store|merchant|seller|vendor|company|toko|usaha|penjual|perusahaan)",
     lambda c, f, p: PHRASES["business_name"]),
    (r"\bbank", lambda c, f, p: (BANKS,)),
    (r"\b(account|rekening)", lambda c, f, p: ((p.account,),)),
    (r"number|invoice|receipt|order|reference|code|serial|nomor|faktur|kuitansi|pesanan|resi\b|kode|seri\b", _code),
    (r"\b(city|town|branch|kota|cabang)", lambda c, f, p: (words.TOWNS,)),
    (r"subject|about|complaint|problem|matter|descri|chronolog|perihal|keluhan|masalah|uraian|kronolog|keterangan",
     lambda c, f, p: (MATTERS, (", ",), WHEN)),
    (r"product|goods|article|\bitem|\bwhat\b|produk|barang", lambda c, f, p: (GOODS,)),
    (r"reason|cause|ground|alasan|penyebab|dasar", lambda c, f, p: (REASONS, (".",))),
    (r"result|action|finding|outcome|solution|hasil|tindakan|temuan|penyelesaian", lambda c, f, p: DONE),
    (r"name|nama|person|customer|client|pelanggan|klien", lambda c, f, p: ((p.name,),)),
)  # fmt: skip


def guessed(chance: random.Random, field: Field, person: Person) -> Groups:
    """Pieces of which a text for the field is made up."""
    called = _called(field)
    guess = next((guess for part, guess in GUESSES if re.search(part, called)), None)
    return guess(chance, field, person) if guess else ANYTHING


def lies_ahead(field: Field) -> bool:
    """Whether the day that the field asks for seems to be one to come."""
    return AHEAD.search(_called(field)) is not None


def _called(field: Field) -> str:
    return f"{field.key.replace('_', ' ')} {field.label}".lower()

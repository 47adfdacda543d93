"""What the users of each SOP call its states, documents and columns: their own words, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask_babel import force_locale

from app.services.tables.csv_writing import heading
from app.sop import SOPS

#: The states of the SOPs whose owners' words are known, by key.
STATES: dict[str, dict[str, str]] = {
    "somasi": {
        "awaiting_cs_documents": "Menunggu dokumen CS",
        "document_check": "Pemeriksaan dokumen",
        "drafting": "Pembuatan draft jawaban",
        "litigation_review": "Review Legal Litigasi 2",
        "manager_review": "Review Legal Manager",
        "awaiting_response_proof": "Menunggu scan surat tanggapan",
        "responded": "Tanggapan terkirim",
        "awaiting_payment_proof": "Menunggu bukti pembayaran",
        "court_hearing": "Sidang pengadilan",
        "bpsk_hearing": "Sidang BPSK",
        "closed_temporarily": "Ditutup sementara (> 3 bulan)",
        "closed": "Selesai",
    },
    "keluhan": {
        "reported": "Lapor",
        "in_progress": "Dalam penanganan",
        "resolved": "Selesai",
        "cancelled": "Batal",
    },
    "gangguan": {
        "reported": "Lapor",
        "crew_assigned": "Penugasan Regu",
        "en_route": "Dalam Perjalanan",
        "investigating": "Pengusutan Regu",
        "restored": "Nyala",
        "resolved": "Selesai",
        "cancelled": "Batal",
    },
    "reply_template": {
        "draft": "Draft",
        "in_review": "Diperiksa QA",
        "approved": "Disetujui",
        "retired": "Tidak dipakai lagi",
    },
    "pengaduan": {
        "open": "Tercatat",
        "in_progress": "Ditangani",
        "awaiting_customer": "Menunggu data pelanggan",
        "callback_scheduled": "Dijadwalkan telepon balik",
        "resolved": "Terselesaikan",
    },
    "hard_complaint": {
        "recording_search": "Pencarian voice recording",
        "analysis": "Analisa rekaman",
        "validation": "Validasi SPV",
        "manager_approval": "Persetujuan Manager",
        "reply": "Pengiriman hasil",
        "closed": "Selesai",
    },
    "intera": {
        "received": "Diterima",
        "verification": "Verifikasi data & transaksi",
        "operations": "Penanganan operasional",
        "guided": "Dipandu jarak jauh",
        "technical": "Penanganan Tim Teknis IT",
        "pic_review": "Tinjauan PIC",
        "compensation_review": "Pertimbangan COO",
        "compensation_offer": "Penyampaian kompensasi",
        "closing": "Penutupan layanan",
        "closed": "Selesai",
        "rejected": "Ditolak / di luar tanggung jawab",
    },
}
SOMASI_DOCUMENTS = {
    "somasi": "Surat somasi",
    "lampiran_somasi": "Lampiran somasi",
    "form_sengketa": "Form Kasus Sengketa Konsumen",
    "kronologis_operasional": "Kronologis Pengiriman Operasional",
    "kronologis_cs": "Kronologis Penanganan CS",
    "bukti_pod": "Bukti POD",
    "tanda_terima": "Bukti Tanda Terima",
    "surat_menyurat": "Bukti Dokumentasi: Surat Menyurat",
    "rekaman_telepon": "Bukti Dokumentasi: Recording Telepon",
    "mom": "Bukti Dokumentasi: MOM",
    "dokumen_pendukung": "Dokumen pendukung lainnya",
    "draft_tanggapan": "Draft tanggapan somasi",
    "analisis_kasus": "Analisis kasus",
    "scan_tanggapan": "Scan surat tanggapan",
    "bukti_kirim": "Bukti pengiriman/tanda terima tanggapan",
    "tanggapan_penerimaan": "Surat tanggapan penerimaan",
    "laporan_penyelesaian": "Laporan penyelesaian kasus",
    "kesepakatan_damai": "Surat kesepakatan perdamaian",
    "bukti_pembayaran": "Bukti pembayaran",
    "somasi_lanjutan": "Somasi II dan seterusnya",
    "tanggapan_customer": "Dokumen tanggapan customer",
    "laporan_perkembangan": "Laporan perkembangan kasus",
    "gugatan_pengadilan": "Gugatan Pengadilan",
    "gugatan_bpsk": "Gugatan BPSK",
    "laporan_sidang": "Laporan sidang",
    "putusan": "Putusan",
}
#: The table in the circular of 16 April 2021.
APKT_COLUMNS = [
    "No. Lapor", "Prioritas", "Nama", "Status", "Alamat Pelapor", "Lokasi", "Posko", "No. Telepon", "Deskripsi",
    "Penyebab", "Tanggal Buat", "Tanggal Padam",
]  # fmt: skip


@contextmanager
def indonesian(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("id"):
        yield


@pytest.mark.parametrize("sop", sorted(STATES))
def test_states_are_called_as_their_users_call_them(app: Flask, sop: str) -> None:
    with indonesian(app):
        assert {state.key: str(state.label) for state in SOPS[sop].states} == STATES[sop]


def test_documents_of_a_somasi_are_called_as_in_its_procedure(app: Flask) -> None:
    with indonesian(app):
        named = {document.key: str(document.label) for document in SOPS["somasi"].documents}
    assert named == SOMASI_DOCUMENTS


@pytest.mark.parametrize("sop", ["keluhan", "gangguan"])
def test_apkt_lists_have_the_columns_of_the_circular(app: Flask, sop: str) -> None:
    with indonesian(app):
        headings = [str(heading(SOPS[sop], column)) for column in SOPS[sop].columns]
    assert headings[: len(APKT_COLUMNS)] == APKT_COLUMNS


@pytest.mark.parametrize("sop", SOPS)
def test_no_two_states_or_documents_of_an_sop_share_a_name(app: Flask, sop: str) -> None:
    """In either language: a badge, a checklist and a CSV tell them apart by their names alone."""
    for language in ("id", "en"):
        with app.test_request_context(), force_locale(language):
            for things in (SOPS[sop].states, SOPS[sop].documents):
                names = [str(thing.label) for thing in things]
                assert len(set(names)) == len(names)


@pytest.mark.parametrize("sop", SOPS)
def test_a_case_never_offers_two_steps_of_the_same_name_to_one_role(app: Flask, sop: str) -> None:
    for language in ("id", "en"):
        with app.test_request_context(), force_locale(language):
            for state in SOPS[sop].states:
                for role in SOPS[sop].roles:
                    steps = SOPS[sop].transitions
                    offered = [str(s.label) for s in steps if state.key in s.source and role in s.by]
                    assert len(set(offered)) == len(offered), (state.key, role)

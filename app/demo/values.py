"""The words of the demo's working day: invented people, places and answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

Answers = dict[str, Any]
#: A span among the answers stands for the day that far from the one on which the step is done.
DAY = timedelta(days=1)

UNITS = (
    ("ULP-BOGOR", "ULP Bogor Timur"),
    ("ULP-CIBINONG", "ULP Cibinong"),
    ("ULP-DEPOK", "ULP Depok Kota"),
)
#: code, name, unit
POSKOS = (
    ("PSK-BOGOR", "POSKO ULP BOGOR TIMUR", "ULP-BOGOR"),
    ("PSK-CIBINONG", "POSKO ULP CIBINONG", "ULP-CIBINONG"),
    ("PSK-DEPOK", "POSKO ULP DEPOK KOTA", "ULP-DEPOK"),
    ("PSK-SAWANGAN", "POSKO ULP DEPOK SAWANGAN", "ULP-DEPOK"),
)
PEOPLE = tuple(
    tuple(name.split(" ", 1))
    for name in (
        "Anisa Rahmawati", "Bagas Prakoso", "Citra Lestari", "Dimas Nugroho", "Eka Wulandari", "Fajar Hidayat",
        "Gita Permata", "Hendra Saputra", "Intan Maharani", "Joko Susilo", "Kartika Sari", "Lukman Hakim",
        "Maya Anggraini", "Nanda Pratama", "Olivia Siregar", "Putu Wirawan", "Ratna Dewi", "Surya Wijaya",
        "Tika Amelia", "Umar Faruq", "Vina Oktaviani", "Wahyu Setiawan", "Yuli Astuti", "Zainal Arifin",
        "Agus Salim", "Bella Kusuma",
    )
)  # fmt: skip
#: order id, name, phone, e-mail, product, bill in rupiah, due date, application status
CUSTOMERS = (
    ("ORD-10021", "Nur Aini", "0812 3344 5566", "nur.aini@contoh.example", "Pinjaman 30 hari", 1_275_000,
     date(2026, 12, 1), "Dana cair"),
    ("ORD-10054", "Rahmat Hidayat", "0878 1200 3400", "rahmat@contoh.example", "Cicilan 3 bulan", 640_000,
     date(2026, 12, 9), "Dana cair"),
    ("ORD-10077", "Yohana Tambunan", "0811 900 800", "yohana@contoh.example", "Pinjaman 30 hari", None, None,
     "Sedang ditinjau"),
)  # fmt: skip
#: Where a lawsuit is heard, and what was said there.
LAWSUIT: Answers = {
    "court": "PN Depok",
    "court_case_number": "112/Pdt.G/2026/PN Dpk",
    "bpsk_office": "BPSK Kota Depok",
    "bpsk_case_number": "31/BPSK/XI/2026",
    "what_happened": "Para pihak hadir; sidang ditunda untuk kelengkapan berkas.",
    "outcome": "settled",
}
ANSWERS: dict[str, tuple[Answers, ...]] = {
    "somasi": tuple(LAWSUIT | letter for letter in (
        {"letter_number": "017/SOM/XI/2026", "letter_date": -9 * DAY, "received_date": -6 * DAY,
         "sender": "Kantor Hukum Prasetyo & Rekan", "counsel": "Rudi Prasetyo, S.H.", "customer_name": "Toko Mekar Jaya",
         "customer_phone": "0812-8890-1122", "subject": "Paket elektronik hilang dalam pengiriman",
         "waybill_number": "TRK88120045", "claimed_amount": "18500000", "cs_person": "cs"},
        {"letter_number": "204/LBH/2026", "letter_date": -4 * DAY, "received_date": -1 * DAY,
         "sender": "LBH Konsumen Sejahtera", "customer_name": "Siti Marlina", "customer_phone": "0857 1122 3344",
         "subject": "Barang pecah belah rusak saat diterima", "waybill_number": "TRK88117310",
         "claimed_amount": "4.250.000"},
        {"letter_number": "S-31/AK/XI/2026", "letter_date": -2 * DAY, "received_date": 0 * DAY,
         "sender": "Andi Kurniawan", "customer_name": "Andi Kurniawan", "customer_phone": "+62 811 222 3344",
         "subject": "Keterlambatan pengiriman dokumen tender", "waybill_number": "TRK88120977",
         "claimed_amount": "75.000.000", "letter_deadline": 14 * DAY},
    )),
    "keluhan": (
        {"priority": "b", "name": "Rina Marlina", "customer_id": "532110098761", "address": "Jl. Nusantara No. 14, Depok",
         "location": "Dekat minimarket", "phone": "0813 1440 2211", "description": "Tagihan bulan ini naik dua kali lipat"},
        {"priority": "c", "name": "Yanto", "customer_id": "532110045120", "address": "Perum Griya Asri B2/7, Cibinong",
         "phone": "0878-5567-1190", "description": "Meteran berbunyi terus sejak kemarin sore"},
        {"priority": "a", "name": "Masjid Al-Ikhlas", "customer_id": "532110077003", "address": "Jl. Raya Tajur 88, Bogor",
         "phone": "(0251) 8312 445", "description": "Kabel sambungan rumah menjuntai ke jalan"},
    ),
    "gangguan": (
        {"priority": "a", "name": "Klinik Sehat Utama", "customer_id": "532110065544", "address": "Jl. Margonda Raya 210, Depok",
         "location": "Gardu MG-12", "phone": "021-7788 1290", "description": "Padam satu jalur sejak pukul 08.10"},
        {"priority": "b", "name": "Dewi Sartika", "customer_id": "532110031278", "address": "Jl. Kemang 5, Cibinong",
         "phone": "0812 9900 1188", "description": "Lampu redup lalu padam, tetangga juga padam"},
        {"priority": "c", "name": "Warung Pak Budi", "customer_id": "532110059001", "address": "Kp. Baru RT 03/05, Bogor",
         "phone": "0856 4410 2298", "description": "MCB turun berulang kali, tercium bau terbakar"},
    ),
    "reply_template": (
        {"template_title": "Cara pembayaran", "category": "payment_method", "channel": "email",
         "text": "Yth. {nama},\n\nTagihan Anda {jumlah_tagihan} untuk {produk} jatuh tempo {jatuh_tempo}. Pembayaran dapat "
                 "dilakukan melalui virtual account di aplikasi.\n\nNomor tiket: {nomor_tiket}"},
        {"template_title": "Status pengajuan", "category": "application_status", "channel": "email",
         "text": "Yth. {nama},\n\nStatus pengajuan Anda saat ini: {status}.\n\nNomor tiket: {nomor_tiket}"},
    ),
    "pengaduan": (
        {"channel": "inbound", "name": "Nur Aini", "phone": "0812 3344 5566", "order_id": "ORD-10021",
         "identity_verified": "matched", "email": "nur.aini@contoh.example", "category": "bill_amount",
         "complaint": "Jumlah tagihan di aplikasi berbeda dengan SMS"},
        {"channel": "email", "name": "Rahmat Hidayat", "phone": "0878 1200 3400", "email": "rahmat@contoh.example",
         "category": "payment_method", "complaint": "Bagaimana cara membayar lewat minimarket?"},
        {"channel": "walk_in", "name": "Yohana Tambunan", "phone": "0811 900 800", "order_id": "ORD-10077",
         "identity_verified": "matched", "category": "application_status", "complaint": "Pengajuan belum diproses sepekan"},
    ),
    "hard_complaint": (
        {"program": "ct0", "source": "plasa", "received_by": "email", "requester_name": "Plasa Margonda",
         "requester_contact": "plasa.margonda@contoh.example", "customer_number": "122345678901",
         "customer_name": "Bambang Irawan", "complaint_date": -1 * DAY, "criterion": "disputes_arrears",
         "complaint": "Pelanggan merasa tidak menyetujui pembayaran tunggakan", "agent": "Agent 0417",
         "customer_profile": "Pelanggan internet sejak 2019", "position": 12, "said": "Menyampaikan jumlah tunggakan",
         "sent_to": "plasa.margonda@contoh.example", "sent_by": "email"},
        {"program": "pranpc", "source": "147", "received_by": "whatsapp", "requester_name": "Petugas 147",
         "requester_contact": "0812 0000 147", "customer_number": "0217788990", "customer_name": "Lilis Suryani",
         "complaint_date": -3 * DAY, "criterion": "impolite_agent",
         "complaint": "Agent berbicara dengan nada tinggi saat menawarkan", "agent": "Agent 0233",
         "customer_profile": "Pelanggan telepon rumah", "position": 47, "said": "Menolak penawaran", "sent_to": "0812 0000 147",
         "sent_by": "whatsapp"},
    ),
    "intera": (
        {"channel": "whatsapp", "client_name": "Hasan Basri", "business_name": "Warkop Pojok", "phone": "0857 7000 1122",
         "location": "Jl. Cemara 12, Bandung", "device_serial": "WK-220193", "chronology": "Koin masuk tetapi Wi-Fi tidak aktif",
         "product_fault": "yes"},
        {"channel": "telepon", "client_name": "Meylani Putri", "business_name": "Laundry Bersih", "phone": "0813 2233 4455",
         "location": "Jl. Anggrek 5, Cimahi", "device_serial": "WK-220087", "chronology": "Perangkat mati setelah hujan deras",
         "product_fault": "yes"},
    ),
}  # fmt: skip

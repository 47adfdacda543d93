"""The words of the demo's working day: invented people, places and answers."""

from __future__ import annotations

from typing import Any

Answers = dict[str, Any]

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
ANSWERS: dict[str, tuple[Answers, ...]] = {
    "somasi": (
        {"letter_number": "017/SOM/XI/2026", "letter_date": "2026-11-09", "received_date": "2026-11-12",
         "sender": "Kantor Hukum Prasetyo & Rekan", "counsel": "Rudi Prasetyo, S.H.", "customer_name": "Toko Mekar Jaya",
         "customer_phone": "0812-8890-1122", "subject": "Paket elektronik hilang dalam pengiriman",
         "waybill_number": "TRK88120045", "claimed_amount": "18500000", "cs_person": "cs"},
        {"letter_number": "204/LBH/2026", "letter_date": "2026-11-03", "received_date": "2026-11-06",
         "sender": "LBH Konsumen Sejahtera", "customer_name": "Siti Marlina", "customer_phone": "0857 1122 3344",
         "subject": "Barang pecah belah rusak saat diterima", "waybill_number": "TRK88117310",
         "claimed_amount": "4.250.000"},
        {"letter_number": "S-31/AK/XI/2026", "letter_date": "2026-11-16", "received_date": "2026-11-18",
         "sender": "Andi Kurniawan", "customer_name": "Andi Kurniawan", "customer_phone": "+62 811 222 3344",
         "subject": "Keterlambatan pengiriman dokumen tender", "waybill_number": "TRK88120977",
         "claimed_amount": "75.000.000", "letter_deadline": "2026-12-02"},
    ),
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
}  # fmt: skip

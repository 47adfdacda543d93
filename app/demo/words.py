"""The words, shares and weights of the large demo: invented people, places and matters. Nothing here is a rule: an SOP
or a field that is not named gets the defaults."""

from __future__ import annotations

#: Of all cases, so many come to an SOP.
SHARES = {
    "keluhan": 33.0, "gangguan": 27.0, "pengaduan": 25.0, "hard_complaint": 6.0, "intera": 5.8, "somasi": 3.0,
    "reply_template": 0.2,
}  # fmt: skip
OTHER_SHARE = 2.0
#: Working days that a step waits, as a rule.
PACE = {
    "keluhan": 0.35, "gangguan": 0.12, "pengaduan": 0.9, "hard_complaint": 1.0, "intera": 0.8, "somasi": 3.5,
    "reply_template": 2.0,
}  # fmt: skip
OTHER_PACE = 1.0
#: Who waits for somebody outside waits longer.
WAITING = 4.0
#: How likely a step is beside the others of its state. What is not named: 1 for what the state waits for, ``ASIDE`` for
#: what is merely possible, ``SENT_BACK`` for what sends a case back.
ASIDE, SENT_BACK = 0.05, 0.12
WEIGHTS = {
    "mutate_to_gangguan": 0.035, "cancel": 0.015, "add_repeat_contact": 0.1,
    "request_data": 0.2, "schedule_callback": 0.2,
    "reply": 0.15, "extend_deadline": 0.02, "report_not_found": 0.12, "revise_litigation": 0.3, "revise_manager": 0.2,
    "continue_somasi": 0.02, "continue_court": 0.02, "continue_bpsk": 0.02, "object_bpsk": 0.15,
    "send_technician": 0.5, "report_to_it": 0.35, "reject_client": 0.01, "edit_template": 0.6, "retire_template": 0.3,
}  # fmt: skip
#: Of the cases that reach a final state so many come out of it again; of those that nobody waits for so many go on.
REOPENED, STIRRED = 0.015, 0.25
#: Of the cases that come in now so many are left where they are for a while, fewer the older they are (working days).
LEFT, FORGOTTEN, FADING = 0.52, 0.0005, 17.0
NOTED, TAKEN, FOLLOWED, OPTIONAL = 0.15, 0.15, 0.02, 0.55

#: code, name, poskos
UNITS = (
    ("ULP-CIANJUR", "ULP Cianjur", ("CIPANAS", "CUGENANG")),
    ("ULP-SUKABUMI", "ULP Sukabumi Kota", ("CISAAT", "CIKOLE")),
    ("ULP-BEKASI", "ULP Bekasi Kota", ("RAWALUMBU", "PONDOK GEDE")),
    ("ULP-KARAWANG", "ULP Karawang Barat", ("TELUKJAMBE", "KLARI")),
    ("ULP-PURWAKARTA", "ULP Purwakarta", ("PLERED", "JATILUHUR")),
    ("ULP-CIMAHI", "ULP Cimahi Selatan", ("LEUWIGAJAH", "BAROS")),
    ("ULP-GARUT", "ULP Garut Kota", ("TAROGONG", "CIKAJANG")),
    ("ULP-TASIK", "ULP Tasikmalaya Kota", ("MANGKUBUMI", "KAWALU")),
    ("ULP-CIREBON", "ULP Cirebon Kota", ("KEJAKSAN", "HARJAMUKTI")),
)
#: How many more people hold a role; of a role limited to its unit so many more in each unit.
PEOPLE = {
    "CSO": 20, "CS": 14, "Supervisor": 3, "QA": 2, "Legal": 3, "Legal Litigasi 1": 4, "Legal Litigasi 2": 3,
    "Legal Manager": 1, "SPV": 5, "QCO": 8, "Manager Operasional": 2, "QC": 2, "Admin Layanan": 6,
    "Officer Support": 5, "Tim Operasional": 6, "Tim Teknis IT": 5, "PIC": 4, "COO": 1, "Head of Product": 1,
}  # fmt: skip
OTHER_PEOPLE = 2
PER_UNIT = 3
FIRST = (
    "Adi", "Aditya", "Agus", "Ahmad", "Ajeng", "Aldi", "Amelia", "Andi", "Andini", "Anggi", "Anita", "Annisa", "Arif",
    "Arini", "Asep", "Ayu", "Bayu", "Bima", "Budi", "Cahya", "Candra", "Citra", "Dadang", "Dani", "Dedi", "Desi", "Dewi",
    "Dian", "Didin", "Dina", "Dodi", "Dwi", "Edi", "Eka", "Elsa", "Endang", "Erna", "Euis", "Fadli", "Farida", "Fitri",
    "Galih", "Gilang", "Hadi", "Hani", "Hariyanto", "Hendri", "Heri", "Ida", "Iin", "Ika", "Imam", "Indah", "Indra", "Irfan",
    "Iwan", "Joni", "Juwita", "Kiki", "Kurnia", "Laila", "Lestari", "Lia", "Lina", "Lukas", "Maria", "Mega", "Mira",
    "Mulyadi", "Nadia", "Neneng", "Nia", "Novi", "Nurul", "Oki", "Putra", "Putri", "Rani", "Ratih", "Reni", "Reza", "Rian",
    "Rina", "Rini", "Rizki", "Robi", "Rudi", "Sari", "Septi", "Sinta", "Siti", "Slamet", "Sri", "Susi", "Taufik", "Teguh",
    "Tini", "Toni", "Tri", "Ujang", "Wawan", "Widya", "Yanti", "Yayan", "Yoga", "Yudi", "Yuni", "Yusuf", "Zahra",
)  # fmt: skip
LAST = (
    "Abdullah", "Adiputra", "Aminah", "Anwar", "Ardiansyah", "Aryani", "Azhari", "Basuki", "Budiman", "Cahyono", "Damanik",
    "Darmawan", "Fadillah", "Fauzi", "Firmansyah", "Ginting", "Gunawan", "Hakim", "Halimah", "Handayani", "Harahap",
    "Hardianto", "Hartati", "Hasanah", "Herlambang", "Hermawan", "Hidayat", "Hutapea", "Ibrahim", "Irawan", "Iskandar",
    "Ismail", "Jayadi", "Kartini", "Komalasari", "Kuncoro", "Kurniawan", "Kusnadi", "Laksana", "Lubis", "Mahendra",
    "Manurung", "Mardiana", "Maulana", "Munawar", "Mustofa", "Nainggolan", "Nasution", "Natalia", "Ningsih", "Novitasari",
    "Nugraha", "Nuraini", "Oktavia", "Pamungkas", "Pangestu", "Panjaitan", "Pardede", "Permana", "Pratama", "Prayitno",
    "Purnama", "Puspita", "Rachman", "Rahayu", "Ramadhan", "Ramdani", "Rosadi", "Rosmawati", "Rusdiana", "Safitri",
    "Santika", "Saputri", "Sasmita", "Setiadi", "Siagian", "Simanjuntak", "Sinaga", "Sitompul", "Solihin", "Subagja",
    "Sudrajat", "Suhendar", "Sulistyo", "Sumarna", "Supriadi", "Suryana", "Susanti", "Sutisna", "Syahputra", "Tambunan",
    "Utami", "Wardana", "Wibisono", "Wibowo", "Wicaksono", "Widodo", "Winarti", "Yuliana", "Yulianti", "Zulkarnain",
)  # fmt: skip
STREETS = (
    "Anggrek", "Melati", "Cempaka", "Kenanga", "Flamboyan", "Mawar", "Dahlia", "Teratai", "Bougenville", "Cendana", "Jati",
    "Mahoni", "Pinus", "Akasia", "Beringin", "Nangka", "Rambutan", "Manggis", "Merpati", "Cendrawasih", "Rajawali", "Kutilang",
    "Garuda", "Pahlawan", "Merdeka", "Veteran", "Sudirman", "Diponegoro", "Gajah Mada", "Pattimura", "Kartini", "Otista",
    "Siliwangi", "Pajajaran", "Galunggung", "Ciremai", "Papandayan", "Salak", "Pangrango", "Citarum", "Cimanuk", "Cisadane",
    "Pasar Lama", "Stasiun", "Terusan", "Pesantren", "Industri", "Perintis", "Sukajadi", "Sukamaju", "Sindangsari", "Mekarwangi",
)  # fmt: skip
QUARTERS = (
    "Babakan", "Cibodas", "Ciherang", "Cikaret", "Cimanggu", "Cipaku", "Ciwaringin", "Empang", "Gunungbatu", "Harjasari",
    "Karanganyar", "Kebonjati", "Kertasari", "Lembursitu", "Margamulya", "Margasari", "Mekarjaya", "Nagasari", "Neglasari",
    "Palasari", "Panaragan", "Pasirjaya", "Pasirmuncang", "Sarimulya", "Sindangrasa", "Sukamulya", "Sukaresmi", "Sukasari",
    "Tanjungpura", "Tegalgundil", "Tanahbaru", "Wanajaya", "Warudoyong",
)  # fmt: skip
TOWNS = (
    "Bogor", "Cibinong", "Depok", "Cianjur", "Sukabumi", "Bekasi", "Karawang", "Purwakarta", "Cimahi", "Garut",
    "Tasikmalaya", "Cirebon",
)  # fmt: skip
FIRMS = ("Kantor Hukum", "Firma Hukum", "LBH", "Biro Hukum")
PHONES = ("0811", "0812", "0813", "0821", "0852", "0856", "0857", "0878", "0896")
PRODUCTS = ("Pinjaman 30 hari", "Cicilan 3 bulan", "Cicilan 6 bulan", "Modal usaha")
NOTES = (
    "Sesuai SOP.", "Sudah dicek ulang.", "Mohon dilanjutkan.", "Data pendukung belum sesuai, mohon dilengkapi.",
    "Keterangan kurang jelas, mohon diperbaiki.", "Sudah dikoordinasikan lewat telepon.", "Pelanggan meminta kabar hari ini.",
    "Laporan ganda dengan laporan sebelumnya.", "Pelanggan membatalkan permintaannya.", "Masalah muncul kembali.",
)  # fmt: skip

"""What people write in the large demo, by field, and by SOP where it differs: a piece of each group, one after the
other. A field that is not named gets ``ANYTHING``."""

from __future__ import annotations

WHEN = (
    "sejak tadi pagi", "sejak kemarin sore", "sejak semalam", "sejak dua hari lalu", "sudah sepekan", "baru saja terjadi",
    "setiap malam", "setelah hujan deras", "sejak pukul 07.30", "sejak subuh", "hampir setiap hari", "untuk kedua kalinya",
)  # fmt: skip
DONE = (
    ("Sudah diperiksa petugas", "Petugas datang ke lokasi", "Dicek bersama pelanggan", "Sudah ditindaklanjuti"),
    (", hasil baik.", ", pelanggan puas.", ", berfungsi normal kembali.", ", akan dipantau tiga hari.", "."),
)
ANYTHING = (
    ("Sesuai keterangan pelapor.", "Menurut keterangan pelanggan.", "Lihat riwayat percakapan.", "Sudah dicatat."),
)
Groups = tuple[tuple[str, ...], ...]
PHRASES: dict[str, Groups] = {
    "keluhan.description": (
        ("Tagihan listrik naik dua kali lipat", "Tagihan tidak sesuai pemakaian", "Token listrik ditolak saat dimasukkan",
         "Token belum diterima setelah pembayaran", "Meteran prabayar berbunyi terus", "Layar meteran tidak menyala",
         "Segel meteran terlepas", "Kabel sambungan rumah menjuntai ke jalan", "Petugas pencatat meter tidak pernah datang",
         "Angka meter berbeda dengan tagihan", "Permohonan tambah daya belum diproses", "Permohonan pasang baru belum dijawab",
         "Biaya beban dipertanyakan pelanggan", "Lampu jalan mati", "Nama pelanggan di tagihan keliru",
         "Pembayaran sudah lunas tetapi masih ditagih", "Tiang di depan rumah miring", "Tegangan rendah pada malam hari"),
        tuple(f" {when}" for when in WHEN),
    ),
    "gangguan.description": (
        ("Padam satu rumah", "Padam satu gang", "Padam satu jalur", "Tegangan turun naik", "Lampu redup lalu padam",
         "MCB turun berulang kali", "Trafo berdengung keras", "Kabel putus", "Tiang miring", "Ada percikan api di gardu",
         "Pohon menimpa kabel", "Tercium bau terbakar dari meteran"),
        ("", ", tetangga juga", ", hanya rumah pelapor", ", mohon segera ditangani", ", ada anak kecil di rumah"),
        tuple(f" {when}" for when in WHEN),
    ),
    "location": (("Dekat ", "Depan ", "Belakang ", "Samping "),
                 ("minimarket", "masjid", "sekolah dasar", "pasar", "kantor kelurahan", "pos ronda", "lapangan", "puskesmas")),
    "intera.location": (("Area ", "Lantai dasar ", "Teras ", "Ruko "),
                        ("warung kopi", "kos putri", "laundry", "rumah makan", "bengkel", "kios pulsa")),
    "cause": (("Sambungan kendur", "Kabel rantas", "MCB aus", "Beban lebih", "Ranting pohon", "Petir", "Binatang", "Modul rusak",
               "Kesalahan pencatatan", "Penyebab belum diketahui", "Sekering putus", "Korosi konektor"),),
    "said": (("Menanyakan perkembangan", "Meminta kepastian waktu", "Belum ada petugas yang datang", "Menyampaikan terima kasih",
              "Menyebutkan jumlah tunggakan", "Menjelaskan program", "Menolak penawaran", "Meminta waktu berpikir"),
             (".", " sekali lagi.", " dengan tenang.", " dan menutup telepon.")),
    "action_taken": DONE,
    "pengaduan.complaint": (
        ("Jumlah tagihan di aplikasi berbeda dengan SMS", "Pembayaran lewat virtual account belum tercatat",
         "Dana pinjaman belum masuk rekening", "Pengajuan kedua ditolak tanpa alasan", "Denda keterlambatan terlalu besar",
         "Petugas penagihan menghubungi di luar jam kerja", "Nomor ponsel tidak bisa diubah",
         "Aplikasi keluar sendiri saat dibuka", "Data pribadi di aplikasi belum diperbarui",
         "Bunga pinjaman tidak sesuai perjanjian", "Kode OTP tidak diterima", "Pelunasan dipercepat belum diproses",
         "Tanggal jatuh tempo berubah", "Tagihan sudah dibayar tetapi masih ditagih"),
        tuple(f", {when}" for when in WHEN),
    ),
    "analysis": (("Riwayat pembayaran", "Catatan percakapan", "Data pengajuan", "Log aplikasi"),
                 (" sudah diperiksa", " dibandingkan dengan bukti pelanggan", " diteruskan ke bagian terkait"), (".",)),
    "answer": (("Dijelaskan kepada pelanggan ", "Pelanggan diberi tahu "),
               ("cara pembayaran", "rincian tagihan", "status pengajuan", "syarat pengajuan", "langkah memperbarui aplikasi"), (".",)),
    "solution": (("Tagihan disesuaikan", "Pembayaran dicatat ulang", "Dana dikirim kembali", "Denda dihapus", "Akun dibuka kembali"),
                 (" pada hari yang sama.", " setelah verifikasi.", "; pelanggan setuju.", ".")),
    "data_needed": (("Bukti transfer", "Foto KTP", "Tangkapan layar aplikasi", "Mutasi rekening"), ("", " tiga hari terakhir"), (".",)),
    "callback_said": (("Pelanggan memahami penjelasan", "Pelanggan meminta waktu", "Pelanggan mengirim data"), (".",)),
    "hard_complaint.complaint": (
        ("Pelanggan merasa tidak menyetujui pembayaran tunggakan", "Agent berbicara dengan nada tinggi",
         "Pelanggan tidak merasa dihubungi", "Jumlah tunggakan yang disebut berbeda", "Agent memotong pembicaraan",
         "Pelanggan keberatan dengan perubahan tarif"),
        ("", " saat penawaran", " pada panggilan pertama", " dan meminta rekaman", " menurut Plasa"),
    ),
    "customer_profile": (("Pelanggan internet", "Pelanggan telepon rumah", "Pelanggan paket keluarga"),
                         (" sejak 2016", " sejak 2018", " sejak 2019", " sejak 2021", " sejak 2023")),
    "intera.chronology": (
        ("Koin masuk tetapi Wi-Fi tidak aktif", "Perangkat mati", "Waktu pemakaian terpotong", "Voucher tidak terbaca",
         "Lampu indikator merah terus", "Koin tersangkut", "Sinyal sangat lemah", "Perangkat menyala ulang sendiri"),
        tuple(f" {when}" for when in WHEN),
    ),
    "guidance_plan": (("Memandu ", "Membimbing "), ("mulai ulang perangkat", "atur ulang modem", "membersihkan slot koin"), (".",)),
    "technical_result": (("Modul koin diganti", "Firmware diperbarui", "Adaptor diganti", "Kabel diperbaiki", "Tidak ditemukan kerusakan"),
                         (".", ", perangkat normal kembali.", ", diuji bersama klien.")),
    "somasi.subject": (
        ("Paket elektronik", "Dokumen tender", "Barang pecah belah", "Suku cadang", "Kiriman obat", "Perhiasan", "Bahan tekstil",
         "Alat laboratorium", "Hasil kerajinan", "Contoh produk"),
        (" hilang dalam pengiriman", " rusak saat diterima", " terlambat", " salah alamat", " tidak lengkap", " tertahan di gudang"),
    ),
    "somasi.chronology": (("Barang diserahkan di agen", "Kiriman dijemput kurir", "Paket tercatat di gudang transit"),
                          (", lalu tidak ada kabar.", ", kemudian diterima dalam keadaan rusak.", ", dan tidak sampai tepat waktu.")),
    "what_happened": (("Para pihak hadir", "Tergugat menyerahkan jawaban", "Penggugat membacakan gugatan", "Mediasi dilakukan",
                       "Saksi didengar", "Bukti surat diserahkan"), (".", ", sidang ditunda dua pekan.", ", dilanjutkan sidang berikut.")),
    "court": (("PN Bogor", "PN Cibinong", "PN Depok", "PN Bandung", "PN Jakarta Selatan", "PN Bekasi", "PN Cirebon"),),
    "bpsk_office": (("BPSK Kota Bogor", "BPSK Kota Depok", "BPSK Kota Bandung", "BPSK Kabupaten Karawang"),),
    "requester_name": (("Plasa Margonda", "Plasa Pajajaran", "Petugas 147", "Tier 2 Bandung", "Plasa Cirebon", "Plasa Garut"),),
    "business_name": (("Warkop ", "Laundry ", "Kos ", "Kedai ", "Kios "), ("Pojok", "Berkah", "Melati", "Sederhana", "Mandiri", "Ceria")),
    "template_title": (("Cara ", "Penjelasan ", "Tindak lanjut "),
                       ("pembayaran", "pengajuan ulang", "denda", "status pencairan", "perubahan data", "rincian tagihan")),
    "text": (("Yth. {nama},\n\n",),
             ("Terima kasih telah menghubungi kami. ", "Terima kasih atas kesabaran Anda. "),
             ("Status pengajuan Anda: {status}.", "Tagihan {jumlah_tagihan} jatuh tempo {jatuh_tempo}.", "Produk Anda: {produk}."),
             ("\n\nNomor tiket: {nomor_tiket}",)),
    "free_text": (("Silakan hubungi kami kembali", "Mohon balas surel ini"), (" bila masih ada pertanyaan.",)),
    "extension_reason": (("Menunggu keterangan bank", "Menunggu data mitra", "Perlu pemeriksaan bagian lain"), (".",)),
}  # fmt: skip

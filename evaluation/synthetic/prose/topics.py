"""Topics of the stories: headlines, first sentences, facts, quotes and subheads, with slots in braces.

`writer.Writer` fills the slots. Each sentence has a number, a name or a place of its own, so that no two pages share a
paragraph.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """What stories of one subject are written from. `things` are the words of the slot {benda}."""

    section: str
    offices: tuple[str, ...]
    things: tuple[str, ...]
    titles: tuple[str, ...]
    ledes: tuple[str, ...]
    facts: tuple[str, ...]
    quotes: tuple[str, ...]
    subheads: tuple[str, ...]


SHARED_FACTS = (
    "Data {instansi} menunjukkan ada {angka} {benda} yang tercatat di Kecamatan {kecamatan} sepanjang {bulan} {tahun}.",
    "Jumlah itu naik {persen} dibandingkan dengan {bulan} {tahun} yang hanya {angka} {benda}.",
    "Pertemuan yang berlangsung di Jalan {jalan} Nomor {nomor} itu dihadiri {angka} orang dari {instansi}.",
    "Anggaran yang disiapkan mencapai {rupiah}, sedangkan yang terpakai sampai {bulan} baru {rupiah}.",
    "Warga Kecamatan {kecamatan} bernama {nama} mengaku sudah menunggu selama {angka} hari.",
    "Menurut {nama}, persoalan {benda} di Kecamatan {kecamatan} sudah dibicarakan sejak {bulan} {tahun}.",
    "Sedikitnya {angka} warga Desa {kecamatan} ikut memeriksa {benda} bersama petugas {instansi} pada {hari}.",
    "Hasil pemeriksaan {instansi} akan diumumkan paling lambat {nomor} hari setelah laporan {nama} diterima.",
    "Sebelumnya, {instansi} mencatat {angka} kejadian serupa di {tempat} dan Kecamatan {kecamatan}.",
    "Dari {angka} titik yang diperiksa, {nomor} di antaranya berada di sekitar Jalan {jalan}.",
    "Sampai {hari} petang, petugas masih menghitung {benda} yang tersisa di Kecamatan {kecamatan}.",
    "Biaya perbaikan di Desa {kecamatan} diperkirakan {rupiah} dan ditanggung bersama oleh {instansi}.",
    "{nama} menambahkan bahwa laporan dari Kecamatan {kecamatan} baru diterima pada {hari}.",
    "Kegiatan tersebut dijadwalkan berlangsung {nomor} hari dan melibatkan {angka} petugas dari {instansi}.",
    "Pada {tahun}, {instansi} pernah menangani {benda} serupa dengan nilai {rupiah}.",
    "Hingga kini belum ada keterangan dari {instansi} tentang {benda} di Jalan {jalan} Nomor {nomor}.",
    "Rombongan yang dipimpin {nama} tiba di {tempat} setelah menempuh perjalanan {angka} kilometer.",
    "Secara keseluruhan, {persen} dari {angka} {benda} sudah selesai ditangani hingga akhir {bulan}.",
    "Pemerintah Kota {tempat} memberi waktu {nomor} pekan kepada {instansi} untuk menyelesaikan {benda} itu.",
    "Di Kecamatan {kecamatan}, keadaannya berbeda karena {angka} keluarga memilih menunggu keputusan {instansi}.",
)
SHARED_QUOTES = (
    "Kami sudah menerima laporan dari Kecamatan {kecamatan}, jumlahnya {angka}, dan semuanya kami periksa satu per satu",
    "Targetnya {persen} pada {bulan}, jadi masih ada waktu untuk memperbaiki yang kurang di {kecamatan}",
    "Saya minta warga {kecamatan} tetap tenang karena {angka} petugas sudah berada di lapangan",
    "Anggarannya {rupiah}, dan itu harus dipertanggungjawabkan sampai rupiah yang terakhir",
    "Sejak {bulan} {tahun} kami sudah mengingatkan soal {benda} ini, tetapi baru sekarang ada yang bergerak",
    "Kalau {instansi} siap, dalam {nomor} pekan urusan {benda} di {kecamatan} bisa kami selesaikan",
    "Ada {angka} keluarga yang bergantung pada {benda} itu, jadi kami tidak boleh terlambat",
    "Yang kami butuhkan sekarang bukan janji, melainkan {angka} {benda} yang benar-benar sampai ke {kecamatan}",
    "Kami bekerja bersama {instansi} supaya kejadian di Jalan {jalan} tidak terulang",
    "Semua data dari {tempat} kami buka, silakan warga {kecamatan} ikut mengawasi",
)

TOPICS: tuple[Topic, ...] = (
    Topic(
        "Daerah",
        ("Dinas Perikanan", "Balai Pelabuhan", "Dinas Kelautan"),
        ("kapal nelayan", "ton ikan", "jaring", "kotak es"),
        (
            "Tangkapan Nelayan {tempat} Naik {persen} dalam Sepekan",
            "Nelayan {kecamatan} Kembali Melaut setelah {nomor} Hari Menunggu",
            "Harga Ikan di Pasar {kecamatan} Turun, Pedagang Keluhkan Sepinya Pembeli",
        ),
        (
            "{instansi} mencatat hasil tangkapan nelayan Kecamatan {kecamatan} naik {persen} sepanjang pekan ini.",
            "Sebanyak {angka} kapal nelayan di Kecamatan {kecamatan} kembali melaut pada {hari} setelah cuaca membaik.",
        ),
        (
            "Harga ikan cakalang di pasar {kecamatan} kini Rp{ribuan} per kilogram, turun dari Rp{ribuan} pekan lalu.",
            "Gelombang setinggi {nomor} meter sempat menghentikan {angka} kapal di perairan dekat {kecamatan}.",
            "Nelayan bernama {nama} membawa pulang {angka} kilogram ikan dalam sekali melaut.",
            "Solar bersubsidi sebanyak {angka} liter dibagikan kepada kelompok nelayan {kecamatan}.",
        ),
        (
            "Selama {nomor} hari kami tidak melaut, sekarang bisa dapat {angka} kilogram",
            "Es balok di {kecamatan} mahal sekali, satu batang sampai Rp{ribuan}",
        ),
        ("Solar Bersubsidi", "Harga di Pasar", "Cuaca Masih Berubah", "Bantuan untuk Nelayan"),
    ),
    Topic(
        "Peristiwa",
        ("Badan Penanggulangan Bencana Daerah", "Dinas Pemadam Kebakaran", "Dinas Sosial"),
        ("rumah", "perahu karet", "paket bantuan", "tenda"),
        (
            "Banjir Rendam {angka} Rumah di Kecamatan {kecamatan}",
            "Jembatan {kecamatan} Putus, {angka} Keluarga di {tempat} Terisolasi",
            "Kebakaran di Jalan {jalan} Hanguskan {nomor} Kios",
        ),
        (
            "Banjir setinggi {nomor} sentimeter merendam {angka} rumah di Kecamatan {kecamatan}, {tempat}, {hari}.",
            "Api membakar {nomor} kios di Jalan {jalan}, {tempat}, pada {hari} dan menimbulkan kerugian {rupiah}.",
        ),
        (
            "Air mulai masuk ke permukiman {kecamatan} setelah hujan turun selama {nomor} jam.",
            "Petugas mengirim {nomor} perahu karet dan {angka} paket makanan ke Desa {kecamatan}.",
            "Sebanyak {angka} warga mengungsi ke gedung sekolah di Jalan {jalan}.",
            "Lalu lintas di Jalan {jalan} dialihkan selama {nomor} jam karena {angka} kendaraan terjebak.",
        ),
        (
            "Air naik cepat sekali, dalam {nomor} menit sudah setinggi lutut",
            "Kami butuh {angka} selimut dan air bersih untuk warga {kecamatan}",
        ),
        ("Warga Mengungsi", "Bantuan Mulai Datang", "Penyebab Masih Diselidiki", "Jalan Dialihkan"),
    ),
    Topic(
        "Ekonomi",
        ("Badan Pusat Statistik", "Dinas Perdagangan", "Kamar Dagang"),
        ("pedagang", "ton beras", "izin usaha", "kontainer"),
        (
            "Ekspor Kopi {tempat} Tembus {rupiah} pada {bulan}",
            "Harga Beras di {tempat} Naik {persen}, Pasar Murah Digelar di {nomor} Titik",
            "Pabrik Baru di {kecamatan} Serap {angka} Pekerja",
        ),
        (
            "Nilai ekspor kopi dari {tempat} mencapai {rupiah} pada {bulan} {tahun}, naik {persen} dari tahun sebelumnya.",
            "{instansi} menggelar pasar murah di {nomor} kelurahan untuk menahan harga beras yang naik {persen}.",
        ),
        (
            "Beras medium dijual Rp{ribuan} per kilogram di Pasar {kecamatan}, sementara gula Rp{ribuan}.",
            "Inflasi {tempat} pada {bulan} tercatat {persen}, dengan penyumbang terbesar cabai dan angkutan.",
            "Investasi yang masuk ke kawasan {kecamatan} sampai {bulan} berjumlah {rupiah}.",
            "Sebanyak {angka} usaha kecil di Jalan {jalan} sudah memakai pembayaran digital.",
        ),
        (
            "Kenaikan {persen} itu masih wajar, tetapi stok di {kecamatan} harus dijaga",
            "Pembeli kami berkurang {angka} orang sehari sejak harga naik",
        ),
        ("Stok Dijaga", "Pasar Murah", "Daya Beli Warga", "Prospek Tahun Depan"),
    ),
    Topic(
        "Hukum",
        ("Kepolisian Resor Kota", "Kejaksaan Negeri", "Pengadilan Negeri"),
        ("barang bukti", "saksi", "dokumen", "sepeda motor"),
        (
            "Polisi Sita {angka} Botol Oli Palsu di {kecamatan}",
            "Jaksa Periksa {nomor} Saksi Perkara Pengadaan Lampu Jalan {tempat}",
            "Hakim Tunda Sidang Sengketa Lahan {kecamatan} sampai {bulan}",
        ),
        (
            "Polisi menyita {angka} botol oli yang diduga palsu dari gudang di Jalan {jalan}, {tempat}, {hari}.",
            "Jaksa memeriksa {nomor} saksi dalam perkara pengadaan lampu jalan senilai {rupiah} di {tempat}.",
        ),
        (
            "Gudang di Kecamatan {kecamatan} itu disewa sejak {bulan} {tahun} seharga {rupiah}.",
            "Tersangka berinisial {inisial} ditangkap di Jalan {jalan} tanpa perlawanan bersama {nomor} rekannya.",
            "Ancaman hukumannya {nomor} tahun penjara dan denda {rupiah}.",
            "Sidang di ruang {nomor} itu berlangsung {angka} menit dan dihadiri keluarga {nama}.",
        ),
        (
            "Dari pemeriksaan {nomor} saksi, kami menemukan aliran dana {rupiah}",
            "Barang itu sudah dijual ke {angka} bengkel di sekitar {kecamatan}",
        ),
        ("Kronologi", "Barang Bukti", "Ancaman Hukuman", "Bantahan Keluarga"),
    ),
    Topic(
        "Olahraga",
        ("Dinas Pemuda dan Olahraga", "Komite Olahraga", "Pengurus Klub"),
        ("pemain", "tiket", "medali", "bola"),
        (
            "Laskar {kecamatan} Taklukkan Tamu {nomor}-1 di Stadion {jalan}",
            "Kontingen {tempat} Kirim {angka} Atlet ke Pekan Olahraga",
            "Stadion {kecamatan} Direnovasi, Pertandingan Dipindah ke {tempat}",
        ),
        (
            "Laskar {kecamatan} menang {nomor}-1 atas tamunya di Stadion {jalan}, {hari}, di hadapan {ribuan} penonton.",
            "Kota {tempat} mengirim {angka} atlet ke pekan olahraga yang berlangsung pada {bulan} {tahun}.",
        ),
        (
            "Gol pertama dicetak {nama} pada menit ke-{nomor} lewat tendangan dari sisi kiri.",
            "Pelatih {nama} memasukkan {nama} untuk menggantikan penyerang yang cedera.",
            "Stadion {kecamatan} sanggup menampung {ribuan} penonton setelah perbaikan senilai {rupiah}.",
            "Dengan kemenangan itu, Laskar {kecamatan} mengumpulkan {angka} poin dan naik {nomor} peringkat.",
        ),
        (
            "Anak-anak bermain sabar selama {angka} menit, itu kuncinya",
            "Kami masih punya {nomor} pertandingan lagi dan tidak boleh lengah",
        ),
        ("Babak Kedua", "Susunan Pemain", "Target Juara", "Jadwal Berikutnya"),
    ),
    Topic(
        "Pendidikan",
        ("Dinas Pendidikan", "Balai Guru", "Dewan Pendidikan"),
        ("ruang kelas", "guru", "siswa", "buku"),
        (
            "{angka} Guru Honorer {tempat} Ikuti Pelatihan Membaca",
            "Perpustakaan Keliling Jangkau {nomor} Desa di {kecamatan}",
            "Sekolah di {kecamatan} Kekurangan {nomor} Ruang Kelas",
        ),
        (
            "Sebanyak {angka} guru honorer di {tempat} mengikuti pelatihan membaca yang digelar {instansi}, {hari}.",
            "Perpustakaan keliling milik {instansi} kini menjangkau {nomor} desa di Kecamatan {kecamatan}.",
        ),
        (
            "Sekolah di Jalan {jalan} itu punya {angka} siswa, tetapi hanya {nomor} ruang kelas.",
            "Buku yang dipinjam warga {kecamatan} pada {bulan} berjumlah {angka} judul.",
            "Guru bernama {nama} mengajar {angka} anak setiap sore di balai Desa {kecamatan}.",
            "Beasiswa senilai {rupiah} disalurkan kepada {angka} siswa dari keluarga nelayan.",
        ),
        (
            "Anak-anak di {kecamatan} senang kalau mobil buku datang, sehari bisa {angka} peminjam",
            "Kami kekurangan {nomor} guru, terutama untuk pelajaran matematika",
        ),
        ("Kekurangan Guru", "Minat Baca", "Bantuan Buku", "Rencana Tahun Ajaran"),
    ),
    Topic(
        "Kesehatan",
        ("Dinas Kesehatan", "Rumah Sakit Umum Daerah", "Puskesmas"),
        ("pasien", "dosis vaksin", "kader", "tempat tidur"),
        (
            "Kasus Demam Berdarah di {kecamatan} Turun {persen}",
            "Puskesmas {kecamatan} Layani {angka} Pasien Sehari",
            "{angka} Kader Posyandu {tempat} Dilatih Menimbang Bayi",
        ),
        (
            "{instansi} mencatat kasus demam berdarah di Kecamatan {kecamatan} turun {persen} pada {bulan} {tahun}.",
            "Sebanyak {angka} kader posyandu di {tempat} dilatih mengukur berat bayi dengan alat baru, {hari}.",
        ),
        (
            "Puskesmas di Jalan {jalan} melayani {angka} pasien sehari dengan {nomor} dokter.",
            "Vaksin sebanyak {angka} dosis tiba di {tempat} dan dibagikan ke {nomor} puskesmas.",
            "Dokter {nama} meminta warga menguras bak mandi sedikitnya {nomor} hari sekali.",
            "Angka kurang gizi di Desa {kecamatan} turun menjadi {persen} pada {bulan}.",
        ),
        (
            "Kalau demam lebih dari {nomor} hari, segera bawa ke puskesmas {kecamatan}",
            "Stok obat cukup untuk {angka} pasien sampai {bulan}",
        ),
        ("Gejala yang Perlu Diwaspadai", "Stok Obat Aman", "Imbauan Dokter", "Layanan Gratis"),
    ),
    Topic(
        "Wisata",
        ("Dinas Pariwisata", "Dewan Kesenian", "Balai Budaya"),
        ("wisatawan", "penari", "kamar hotel", "perahu hias"),
        (
            "Festival Perahu Hias {tempat} Diikuti {angka} Peserta",
            "Air Terjun {kecamatan} Kembali Dibuka untuk Wisatawan",
            "Batik {kecamatan} Dipamerkan di {nomor} Kota",
        ),
        (
            "Festival perahu hias di {tempat} diikuti {angka} peserta dari {nomor} kecamatan, {hari}.",
            "Air terjun di Kecamatan {kecamatan} dibuka lagi untuk umum setelah ditutup {nomor} bulan.",
        ),
        (
            "Tiket masuk dipatok Rp{ribuan} bagi orang dewasa dan Rp{ribuan} bagi anak-anak.",
            "Tingkat hunian hotel di sekitar Jalan {jalan} mencapai {persen} selama festival.",
            "Perajin bernama {nama} membuat {angka} lembar kain dalam {nomor} bulan.",
            "Sanggar tari {kecamatan} menampilkan {angka} penari yang berlatih sejak {bulan}.",
        ),
        (
            "Wisatawan yang datang {angka} orang sehari, dua kali lipat dari {bulan}",
            "Jalan ke {kecamatan} memang masih sempit, {nomor} kilometer lagi akan diperlebar",
        ),
        ("Tiket Masuk", "Kerajinan Warga", "Cara Menuju Lokasi", "Hotel Penuh"),
    ),
    Topic(
        "Teknologi",
        ("Dinas Komunikasi dan Informatika", "Pusat Riset", "Politeknik Negeri"),
        ("menara", "sensor", "aplikasi", "server"),
        (
            "Mahasiswa {tempat} Buat Sensor Banjir Seharga Rp{ribuan}",
            "{angka} Desa di Sekitar {tempat} Segera Punya Internet",
            "Aplikasi Parkir {tempat} Diunduh {ribuan} Kali",
        ),
        (
            "Mahasiswa Politeknik Negeri {tempat} membuat sensor banjir yang dapat memberi peringatan {nomor} menit lebih awal.",
            "{instansi} memasang {angka} menara internet di desa-desa sekitar {tempat} sampai {bulan} {tahun}.",
        ),
        (
            "Sensor yang dipasang di Jembatan {kecamatan} mengirim data setiap {nomor} menit.",
            "Kecepatan internet di balai Desa {kecamatan} kini {angka} megabit per detik.",
            "Tim yang dipimpin {nama} menguji alat itu di {nomor} sungai selama {bulan}.",
            "Aplikasi itu mencatat {ribuan} transaksi parkir di Jalan {jalan} dalam sebulan.",
        ),
        (
            "Alatnya murah, cuma Rp{ribuan}, dan baterainya tahan {nomor} bulan",
            "Sinyal di {kecamatan} selama ini hanya ada di {nomor} titik",
        ),
        ("Cara Kerja Alat", "Uji Coba", "Biaya Produksi", "Dukungan Pemerintah"),
    ),
    Topic(
        "Politik",
        ("Komisi Pemilihan Umum", "Dewan Perwakilan Rakyat Daerah", "Badan Pengawas Pemilu"),
        ("surat suara", "anggota dewan", "kotak suara", "rancangan peraturan"),
        (
            "DPRD {tempat} Bahas {nomor} Rancangan Peraturan Daerah",
            "Surat Suara untuk {kecamatan} Kurang {angka} Lembar",
            "Wakil Wali Kota {tempat} Minta Musyawarah Desa Dipercepat",
        ),
        (
            "Dewan Perwakilan Rakyat Daerah {tempat} membahas {nomor} rancangan peraturan daerah dalam sidang {hari}.",
            "Komisi Pemilihan Umum {tempat} menemukan kekurangan {angka} lembar surat suara untuk Kecamatan {kecamatan}.",
        ),
        (
            "Rapat yang dipimpin {nama} itu dihadiri {angka} anggota dewan dan {nomor} kepala dinas.",
            "Rancangan peraturan tentang parkir di Jalan {jalan} ditargetkan selesai pada {bulan}.",
            "Surat suara yang rusak berjumlah {angka} lembar dan disimpan di gudang {kecamatan}.",
            "Fraksi yang diketuai {nama} meminta anggaran {rupiah} itu ditinjau lagi.",
        ),
        (
            "Kami minta semua fraksi membaca {nomor} pasal itu sebelum rapat {bulan}",
            "Kekurangannya {angka} lembar, dan percetakan sudah kami hubungi",
        ),
        ("Pandangan Fraksi", "Jadwal Sidang", "Logistik Pemilu", "Tanggapan Wali Kota"),
    ),
)

"""Invented people and media. Any likeness to a living person or a real outlet is an accident of the combination."""

from __future__ import annotations

from random import Random

_GIVEN = (
    "Salma Rina Budi Agus Dewi Wahyu Sinta Bayu Laras Fajar Ratih Gilang Nurul Arif Intan Dimas Yuni Hendra Maya Rizky "
    "Wulan Taufik Sari Irfan Lestari Yusuf Anisa Galih Puspita Reza Kartika Ilham Mega Bagus Tiara Surya Nadia Teguh "
    "Citra Adi Vina Rudi Ayu Hasan Melati Joko Fitri Eko Hana Ridwan Siska Damar Yanti Krisna Lina Aji Umi Panji Ika "
    "Bima Rahma Cahyo Desi Satria Endah Guntur Mira Heru Nanda Iwan Okta Johan Prita Lukman Selvi Mahendra Tari Nugroho"
).split()
_FAMILY = (
    "Wuna Prasetyo Hutabarat Lubis Siregar Wibowo Kusuma Halim Saputra Rahmawati Pangestu Tambunan Nasution Hidayat "
    "Mulyani Pratama Simbolon Gunawan Latuheru Mandagi Rumbiak Wenda Tobing Suryani Handayani Setiawan Maharani Anwar "
    "Ginting Sembiring Lesmana Kurniawan Pattiasina Sahetapy Waworuntu Hasibuan Ramadhani Puteri Nugraha Santoso "
    "Firmansyah Oktaviani Susanto Darmawan Marpaung Yulianto Permata Wicaksono Utami Harjono Syahputra Baskoro Widodo "
    "Natsir Pohan Purnama Salim Sulaiman Tanjung Usman Wijaya Yulistia Zulkarnain Adiputra Batubara Cahyani Damanik"
).split()
_PREFIXED = ("I Made {}", "Ni Luh {}", "Andi {}", "Muh. {}", "M. {}", "Siti {}", "Abdul {}", "La Ode {}", "I Gede {}")
_FOREIGN_GIVEN = "Peter Anna Marco Elena Tomas Yuki Ahmed Clara David Ines Kenji Laila Oscar Paula Rashid Sofia".split()
_FOREIGN_FAMILY = (
    "Hollberg Marsden Okafor Petrovic Tanimura Delacroix Novak Alvarado Brandt Haddad Lindqvist Moreau".split()
)

_OUTLET_FIRST = (
    "Suluh Gema Pelita Mimbar Bahtera Cakrawala Lentera Gaung Kentongan Obor Pandu Rakit Serunai Tifa Layar Jangkar"
).split()
_OUTLET_SECOND = (
    "Wetan Rimba Kulon Pesisir Lawu Sagara Kencana Manggala Antapura Buwana Kidul Saijaan Bhumi Selasar".split()
)


def person(rng: Random) -> str:
    """A person's full name: of one to three words, with an initial at times."""
    kind = rng.random()
    given, family = rng.choice(_GIVEN), rng.choice(_FAMILY)
    if kind < 0.72:
        return f"{given} {family}"
    if kind < 0.84:
        middle = rng.choice([name for name in _GIVEN if name != given])
        return f"{given} {middle} {family}"
    if kind < 0.94:
        return rng.choice(_PREFIXED).format(f"{given} {family}")
    return f"{given} {family} {rng.choice('ABDHKMRSTW')}."


def plain_person(rng: Random) -> str:
    """A name of two words without prefix or initial, for forms where those would make the reading debatable."""
    return f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"


def foreigner(rng: Random) -> str:
    """The name of a photographer of a foreign agency."""
    return f"{rng.choice(_FOREIGN_GIVEN)} {rng.choice(_FOREIGN_FAMILY)}"


def outlet_name(rng: Random) -> str:
    """The name of a medium in two words."""
    return f"{rng.choice(_OUTLET_FIRST)} {rng.choice(_OUTLET_SECOND)}"

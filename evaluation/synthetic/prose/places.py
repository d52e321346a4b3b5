"""Places of the stories: cities with their zone, and invented districts and streets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoryPlace:
    """A city that a story comes from. `area` is its province as newspapers shorten it; `zone` WIB, WITA or WIT."""

    name: str
    area: str
    zone: str


PLACES = tuple(
    StoryPlace(*row.split("|"))
    for row in (
        "Jakarta|DKI|WIB",
        "Bandung|Jabar|WIB",
        "Semarang|Jateng|WIB",
        "Surabaya|Jatim|WIB",
        "Yogyakarta|DIY|WIB",
        "Medan|Sumut|WIB",
        "Palembang|Sumsel|WIB",
        "Padang|Sumbar|WIB",
        "Pekanbaru|Riau|WIB",
        "Jambi|Jambi|WIB",
        "Bengkulu|Bengkulu|WIB",
        "Pontianak|Kalbar|WIB",
        "Cirebon|Jabar|WIB",
        "Malang|Jatim|WIB",
        "Purwokerto|Jateng|WIB",
        "Denpasar|Bali|WITA",
        "Mataram|NTB|WITA",
        "Kupang|NTT|WITA",
        "Makassar|Sulsel|WITA",
        "Kendari|Sultra|WITA",
        "Palu|Sulteng|WITA",
        "Manado|Sulut|WITA",
        "Balikpapan|Kaltim|WITA",
        "Banjarmasin|Kalsel|WITA",
        "Ambon|Maluku|WIT",
        "Ternate|Malut|WIT",
        "Jayapura|Papua|WIT",
        "Sorong|Papua Barat|WIT",
    )
)
DISTRICTS = (
    "Sukamanah Tanjungrejo Wonosari Karangjati Batuampar Lembahsari Pasirwangi Kotawaru Tirtomoyo Rantaupanjang "
    "Sidomukti Cempakasari Gunungputri Labuhan Muaralawa Bukitbaru Parungjaya Sendangmulyo Airmadu Tamanrejo"
).split()
STREETS = "Melati Kenanga Pemuda Merdeka Veteran Diponegoro Cendana Rajawali Pelabuhan Kartini Mawar Garuda".split()

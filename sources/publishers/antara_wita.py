"""ANTARA's bureaus in Makassar's zone. A zone on the page takes precedence; whether pages print one is unknown."""

from sources.publishers.antara_regional import bureaus

SOURCE = bureaus(
    "antara_wita",
    "ANTARA's bureaus (WITA)",
    zone="Asia/Makassar",
    hosts=("bali", "kalsel", "kupang", "makassar", "manado"),
    lists=("bali",),
)

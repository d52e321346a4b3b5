"""ANTARA's bureaus in the zone of Makassar; the zone that a page prints decides, and is not established."""

from sources.publishers.antara_regional import bureaus

SOURCE = bureaus(
    "antara_wita",
    "ANTARA's bureaus (WITA)",
    zone="Asia/Makassar",
    hosts=("bali", "kalsel", "kupang", "makassar", "manado"),
    lists=("bali",),
)

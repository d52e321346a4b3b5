"""ANTARA's bureau in the zone of Jayapura; the zone that a page prints decides, and is not established."""

from sources.publishers.antara_regional import bureaus

SOURCE = bureaus(
    "antara_wit",
    "ANTARA's bureau (WIT)",
    zone="Asia/Jayapura",
    hosts=("papuatengah",),
)

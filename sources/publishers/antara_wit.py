"""ANTARA's bureau in Jayapura's zone. A zone on the page takes precedence; whether pages print one is unknown."""

from sources.publishers.antara_regional import bureaus

SOURCE = bureaus(
    "antara_wit",
    "ANTARA's bureau (WIT)",
    zone="Asia/Jayapura",
    hosts=("papuatengah",),
)

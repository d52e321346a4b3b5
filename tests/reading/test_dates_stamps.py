"""Stamps with company: counts, lengths, other calendars, old spellings, zones, and what machines write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reading.dates.beside import without_neighbours
from reading.dates.machine import read_machine
from reading.dates.reader import read_date
from reading.dates.zones import JAKARTA

NOON = "2021-09-07T12:40:00+07:00"
DAY = "2021-09-07"
FETCHED = datetime(2021, 9, 8, 9, 0, tzinfo=JAKARTA)

COMPANY = [
    # a video's length before the stamp
    ("03:15 | Selasa, 7 September 2021, 12:40 WIB", NOON),
    ("12:03 - 7 Sep 2021 12.40 WIB", NOON),
    ("Durasi 03:15 Selasa, 7 September 2021 12:40 WIB", NOON),
    ("Durasi: 1:03:15 | 07/09/2021 12:40", NOON),
    ("Durasi 03:15 | 7 September 2021", DAY),
    ("Duration 03:15, September 7, 2021", DAY),
    # counts of readers and comments
    ("Dibaca 2.310 kali | Selasa, 7 September 2021 12:40 WIB", NOON),
    ("Selasa, 7 September 2021 12:40 WIB Dibaca : 2.310 kali", NOON),
    ("7 September 2021 2310 views", DAY),
    ("Views: 2310 7 September 2021", DAY),
    ("Hits: 87 Selasa, 7 September 2021 12:40", NOON),
    ("2,3 rb kali dilihat · 7 Sep 2021 12:40", NOON),
    ("1.2K views 07/09/2021 12:40", NOON),
    ("7 September 2021 | 12:40 | 14 komentar", NOON),
    ("7 September 2021 14 Komentar", DAY),
    ("7 September 2021, 0 Comments", DAY),
    ("7 September 2021 Komentar (14)", DAY),
    ("7 September 2021 komentar", DAY),
    ("7 September 2021 Dilihat 87 kali", DAY),
    ("7 September 2021 12:40 WIB · 4 menit baca", NOON),
    ("4 min read | 7 September 2021", DAY),
    ("Waktu baca 4 menit 7 September 2021", DAY),
    ("7 September 2021 12:40 12 foto", NOON),
    ("Dibaca 7 September 2021", DAY),
    # other calendars
    ("Selasa, 7 September 2021 / 29 Muharram 1443 H", DAY),
    ("29 Muharam 1443 H/7 September 2021 M", DAY),
    ("7 September 2021/29 Muharram 1443 H 12:40 WIB", NOON),
    ("Selasa Pahing, 7 September 2021 | 29 Sura 1955", DAY),
    ("Selasa, 7 September 2021 - 29 Muharram 1443 Hijriyah - 12:40 WIB", NOON),
    # counted times beside the date
    ("7 September 2021 12:40 WIB, 3 jam lalu", NOON),
    ("3 jam yang lalu (7 September 2021 12:40)", NOON),
    # clocks
    ("7 September 2021 pukul 12.40", NOON),
    ("Selasa, 7 September 2021 | 12:40 PM", NOON),
    ("7 September 2021 00:40 PM", None),
    ("September 7, 2021 12:40 pm", NOON),
    ("12:40:09 WIB, Selasa 7 September 2021", "2021-09-07T12:40:09+07:00"),
    ("7 September 2021 12.40.09 WITA", "2021-09-07T12:40:09+08:00"),
    ("7 September 2021 djam 12.40 W.I.B.", NOON),
    ("7 September 2021 12:40 W.I.T.A", "2021-09-07T12:40:00+08:00"),
    ("7 September 2021 12:40 W.I.T.", "2021-09-07T12:40:00+09:00"),
    ("Selasa, 7 September 2021 12:40 WIB / 13:40 WITA", NOON),
    ("Selasa, 7 September 2021 12:40 WIB (14:40 WIT)", NOON),
    # labels
    ("Diposting pada 7 September 2021 oleh admin", DAY),
    ("Ditulis oleh Admin Selasa, 07 September 2021 12:40", NOON),
    ("Category: Berita Published: 07 September 2021", DAY),
    ("Tayang: Selasa, 7 September 2021 12:40 WIB", NOON),
]

SPELLINGS = [
    ("4 Djanuari 1953", "1953-01-04"),
    ("4 Djan. 1953", "1953-01-04"),
    ("4 Pebruari 1998", "1998-02-04"),
    ("4 Pebr 1998", "1998-02-04"),
    ("4 Febr. 2006", "2006-02-04"),
    ("4 Maart 1951", "1951-03-04"),
    ("4 Mrt 2006", "2006-03-04"),
    ("4 Apl 1961", "1961-04-04"),
    ("4 Mai 1957", "1957-05-04"),
    ("4 Djuni 1957", "1957-06-04"),
    ("4 Djun 1957", "1957-06-04"),
    ("4 Djuli 1957", "1957-07-04"),
    ("4 Djul. 1957", "1957-07-04"),
    ("4 Ag. 1957", "1957-08-04"),
    ("4 Agts 2012", "2012-08-04"),
    ("4 Agt 2012", "2012-08-04"),
    ("4 Ags 2012", "2012-08-04"),
    ("4 Sept. 2012", "2012-09-04"),
    ("4 Oktb 2012", "2012-10-04"),
    ("4 Okt 2012", "2012-10-04"),
    ("4 Nop 2012", "2012-11-04"),
    ("4 Nopember 2012", "2012-11-04"),
    ("4 Desb 2012", "2012-12-04"),
    ("Djum'at, 5 Djuli 1957", "1957-07-05"),
    ("Djumat 5-7-1957", "1957-07-05"),
    ("Saptu, 6 Djuli 1957", "1957-07-06"),
    ("Djum'at, 6 Djuli 1957", None),
    ("5-VII-1957", "1957-07-05"),
    ("5 XII 1957", "1957-12-05"),
    ("5/IX/1957", "1957-09-05"),
    ("7-Sep-21", DAY),
]

ZONES = [
    ("Tue, 07 Sep 2021 12:40:00 UT", "2021-09-07T12:40:00+00:00"),
    ("Tue, 07 Sep 2021 12:40:00 Asia/Makassar", "2021-09-07T12:40:00+08:00"),
    ("7 September 2021 12:40 Asia/Jakarta", NOON),
    ("7 September 2021 12:40 Europe/Amsterdam", "2021-09-07T12:40:00+02:00"),
    ("7 December 2021 12:40 Europe/Amsterdam", "2021-12-07T12:40:00+01:00"),
    ("7 September 2021 12:40 Asia/Nusantara", DAY),  # no such zone: only the day is known
    ("Tue, 07 Sep 2021 12:40:00 +9", "2021-09-07T12:40:00+09:00"),
    ("Tue, 07 Sep 2021 12:40:00 +08", "2021-09-07T12:40:00+08:00"),
    ("7 September 2021 12:40 -3", "2021-09-07T12:40:00-03:00"),
    ("7 September 2021 12:40 GMT +8", "2021-09-07T12:40:00+08:00"),
    ("7 September 2021 12:40 NPT", DAY),
    ("7 September 2021 12:40 (ICT)", DAY),
    ("7 September 2021 12:40 BST", DAY),
    ("7 September 2021 12:40 waktu Kuala Lumpur", DAY),
    ("7 September 2021 12:40 NASIONAL", NOON),  # a section, no zone
    ("Tue Sep  7 12:40:00 WIB 2021", NOON),
    ("Tue Sep 07 12:40:00 2021", NOON),
    ("2021-09-07T12:40:00 WIB", NOON),
]

UPDATES = [
    "Terakhir diubah 7 September 2021", "Perubahan terakhir: 7 September 2021", "Last edited 7 September 2021",
    "Disunting 7 September 2021 12:40", "Pemutakhiran: 7 September 2021", "Revised September 7, 2021",
    "Terakhir Diperbaharui : 7 September 2021", "Dimodifikasi 7 September 2021", "Diralat 7 September 2021",
]  # fmt: skip

MACHINES = [
    ("1630993200", "2021-09-07T05:40:00+00:00"),
    ("1630993200000", "2021-09-07T05:40:00+00:00"),
    ("1630993200.25", "2021-09-07T05:40:00+00:00"),
    ("/Date(1630993200000+0700)/", "2021-09-07T05:40:00+00:00"),
    ("2021-09-07T12:40:00+07:00Z", NOON),
    ("2021-09-07T12:40:00Z+07:00", NOON),
    ("Tue, 07 Sep 2021 12:40:00 +0700", NOON),
    ("2021-09-07 12:40:00", NOON),
    ("0812345678", None),
]

MISSING = [
    "0", "0000-00-00", "0000-00-00 00:00:00", "0000-00-00T00:00:00+00:00", "00-00-0000", "-0001-11-30T00:00:00+00:00",
    "30 November -0001", "0001-01-01T00:00:00Z", "01/01/0001", "01 January 0001 00:00", "1/1/0001 12:00:00 AM",
    "1900-01-01", "01/01/1900", "1899-12-30", "1970-01-01", "1970-01-01T00:00:00Z", "1970-01-01T07:00:00+07:00",
    "Kamis, 01 Januari 1970 07:00", "1969-12-31T16:00:00-08:00", "2001-01-01T00:00:00Z", "2000-01-01 00:00:00",
    "1980-01-01T00:00:00",
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), [*COMPANY, *SPELLINGS, *ZONES])
def test_a_stamp_is_read_whatever_stands_beside_it(text: str, value: str | None) -> None:
    """The company of a stamp changes nothing, and a zone that nobody knows leaves the day."""
    assert read_date(text, reference=FETCHED).value == value


@pytest.mark.parametrize("text", UPDATES)
def test_an_update_is_told_from_a_publication(text: str) -> None:
    """The label before the date says what it is."""
    reading = read_date(text)
    assert reading.value is not None
    assert reading.updated


@pytest.mark.parametrize(("text", "value"), MACHINES)
def test_metadata_hold_what_programs_print(text: str, value: str | None) -> None:
    """Unix times, and two labels at once."""
    assert read_machine(text, reference=None, zone=JAKARTA).value == value


@pytest.mark.parametrize("text", MISSING)
def test_a_default_date_is_a_missing_date(text: str) -> None:
    """The first second of a calendar stands in an empty field of a database."""
    assert read_machine(text, reference=None, zone=JAKARTA).reason == "no-date"


@pytest.mark.parametrize("text", ["1970-01-02", "2001-01-01T10:00:00Z", "2000-01-02", "2001-01-01 07:30"])
def test_a_day_beside_a_default_is_a_day(text: str) -> None:
    """News appeared on the first days of the century too."""
    assert read_machine(text, reference=None, zone=JAKARTA).moment is not None


def test_a_zone_that_is_not_known_is_told() -> None:
    """A clock in an unknown zone is never taken for a local one."""
    assert read_date("7 September 2021 12:40 NPT").zone_unknown
    assert not read_date("7 September 2021").zone_unknown


def test_blanks_are_as_long_as_what_they_replace() -> None:
    """Positions in the text stay right."""
    text = "Dibaca 2.310 kali | 7 September 2021"
    assert len(without_neighbours(text)) == len(text)


def test_a_regions_zone_follows_its_summer_time() -> None:
    """The offset is the one of that day."""
    summer, winter = (read_date(f"7 {month} 2021 12:40 Europe/Amsterdam").moment for month in ("July", "January"))
    assert isinstance(summer, datetime)
    assert isinstance(winter, datetime)
    assert (summer.utcoffset(), winter.utcoffset()) == (timedelta(hours=2), timedelta(hours=1))
    assert summer.astimezone(UTC).hour == 10


@pytest.mark.parametrize(
    "text",
    ["3 Juni 24, 14:05", "Senin, 3 Juni 24, 14:05 WIB", "Senin, 3 Jun 24 | 14.05 WIB", "3-Juni-24 pukul 14.05 WIB"],
)
def test_two_digits_between_a_month_and_a_clock_are_the_year(text: str) -> None:
    """With and without a weekday; the publication time is not needed."""
    assert read_date(text).value == "2024-06-03T14:05:00+07:00"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3 Juni 24", "needs-reference"),  # may be "24 kali"
        ("3 Juni 24 2:1", "needs-reference"),
        ("3 Juni 7, 14:05", "needs-reference"),
        ("3 Juni 14:05", "needs-reference"),
        ("Selasa, 3 Juni 24, 14:05 WIB", "weekday-contradicts"),
    ],
)
def test_other_numbers_behind_a_month_are_no_year(text: str, reason: str) -> None:
    """One digit, a score, the clock itself; and the weekday stays a checksum."""
    assert read_date(text).reason == reason

"""Printed dates: each form has one value, and unreadable dates are refused with a named reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Precision
from reading.dates.reader import REASONS, read_date

WIB, WITA, WIT = (timezone(timedelta(hours=hours)) for hours in (7, 8, 9))
MONTHS = [
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
]  # fmt: skip
SHORT = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Ags", "Sep", "Okt", "Nov", "Des"]
WEEKDAYS = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
FRIDAY = datetime(2015, 12, 18, 14, 5, tzinfo=WIB)

STAMPS = [
    ("Selasa, 6 Agustus 2019 09:31 WIB", "2019-08-06T09:31:00+07:00"),
    ("Selasa   06 Aug 2019  09:31 WITA", "2019-08-06T09:31:00+08:00"),
    ("Ahad, 04 Agt 2019 | 21.07 Wit", "2019-08-04T21:07:00+09:00"),
    ("Jum’at, 9 Agustus 2019 - 00:15 WIB_x0000_", "2019-08-09T00:15:00+07:00"),
    ("JUMAAT, 9 OGOS 2019", "2019-08-09"),
    ("Kompas.com - Diperbarui 09/08/2019, 10:02 WIB", "2019-08-09T10:02:00+07:00"),
    ("10:02 WITA | Jumat, 9 Agustus 2019", "2019-08-09T10:02:00+08:00"),
    ("Budi Raharja , Jurnalis-Jumat, 9 Agustus 2019 |10:02 WIB", "2019-08-09T10:02:00+07:00"),
    ("10:02, 9/8/2019", "2019-08-09T10:02:00+07:00"),
    ("10:02:33, 09-08-2019", "2019-08-09T10:02:33+07:00"),
    ("Update: 10:02 | Jumat, 9 Agustus 2019", "2019-08-09T10:02:00+07:00"),
    ("9/8/2019 10:02:33, 5 komentar", "2019-08-09T10:02:33+07:00"),
    ("09.08.2019 - Update : 11.08.2019", "2019-08-09"),
    ("Posted: 09 Aug 2019 08:04 PM PDT", "2019-08-09T20:04:00-07:00"),
    ("9 Agustus 2019 24:00 WIB", "2019-08-10T00:00:00+07:00"),
    ("Fri, 09 Aug 2019 10:02:33 +0800", "2019-08-09T10:02:33+08:00"),
    ("2019-08-09T10:02:33.250Z", "2019-08-09T10:02:33.250000+00:00"),
    ("2019-08-09 T10:02:33Z", "2019-08-09T10:02:33+00:00"),
    ("9 Agustus 2019 10:02 GMT+9", "2019-08-09T10:02:00+09:00"),
    ("9 Agustus 2019 pukul 10.02 Waktu Indonesia Timur", "2019-08-09T10:02:00+09:00"),
    ("20190809", "2019-08-09"),
    ("9-Agt-2019", "2019-08-09"),
    ("Aug 9, 2019", "2019-08-09"),
    ("9/8/98", "1998-08-09"),
    ("Jumat Kliwon, 9 Agustus 2019 10.02 WIB", "2019-08-09T10:02:00+07:00"),
    ("Aug. 9th, 2019", "2019-08-09"),
    ("9 Agustus 2019 10:02 UTC+07.00", "2019-08-09T10:02:00+07:00"),
    ("Fri Aug 09 2019 10:02:33 GMT+0700 (Western Indonesia Time)", "2019-08-09T10:02:33+07:00"),
    ("10:02 GMT - 9 Agustus 2019", "2019-08-09T10:02:00+00:00"),
    ("9 Agustus 2019 pukul 7 malam WIB", "2019-08-09T19:00:00+07:00"),
    ("9 Agustus 2019 pukul 7.30 malam", "2019-08-09T19:30:00+07:00"),
    ("9 Agustus 2019 pukul 10 WIT", "2019-08-09T10:00:00+09:00"),
    ("20190809T100233Z", "2019-08-09T10:02:33+00:00"),
    ("2019-W32", "2019-W32"),
    ("2019-W32-5", "2019-08-09"),
    ("Jumat\u200b, 9 Agustus 2019", "2019-08-09"),
]

IN_TEXT = [
    ("Senin (7/12)", "2015-12-07"),
    ("Senin(7/12/2015)", "2015-12-07"),
    ("(7/12) Senin", "2015-12-07"),
    ("Senin, (7/12/15)", "2015-12-07"),
    ("Sabtu (2/1)", "2016-01-02"),
    ("Senin malam, 7 Desember 2015", "2015-12-07"),
    ("Senin (7/12) dini hari", "2015-12-07"),
    ("Senin (7/12/2015), sekitar pukul 2.05 Wita", "2015-12-07T02:05:00+08:00"),
    ("Senin (7/12) pukul 10.00-11.30 WIB", "2015-12-07T10:00:00+07:00/2015-12-07T11:30:00+07:00"),
    ("Senin (7/12) pukul 10.00 waktu setempat", "2015-12-07"),
    ("tanggal 7/12", "2015-12-07"),
    ("7 Maret lalu", "2015-03-07"),
    ("7 Maret mendatang", "2016-03-07"),
    ("7 Maret tahun lalu", "2014-03-07"),
    ("hari ini, Jumat (18/12/2015)", "2015-12-18"),
    ("7 sampai dengan 9 Desember", "2015-12-07/2015-12-09"),
    ("7, 8, dan 9 Desember 2015", "2015-12-07/2015-12-09"),
    ("Senin-Rabu (7-9/12/2015)", "2015-12-07/2015-12-09"),
    ("Senin (7/12) hingga Rabu (9/12)", "2015-12-07/2015-12-09"),
    ("30 November s.d. 2 Desember 2015", "2015-11-30/2015-12-02"),
    ("28/12-3/1/2016", "2015-12-28/2016-01-03"),
    ("Oktober 2015", "2015-10"),
    ("akhir Oktober", "2015-10"),
    ("Juli-September 2015", "2015-07/2015-09"),
    ("tahun 2014", "2014"),
    ("tahun 2014-2015", "2014/2015"),
    ("pada 2014", "2014"),
    ("November 2015 - Januari 2016", "2015-11/2016-01"),
    ("tanggal 8 bulan ini", "2015-12-08"),
    ("tgl 31 bulan depan", "2016-01-31"),
    ("tanggal 8 bulan lalu", "2015-11-08"),
    ("Sabtu Pon, 19/12/2015", "2015-12-19"),
]

TOLD = [
    ("pada Kamis", "2015-12-17"),
    ("pada Jumat", "2015-12-18"),
    ("akan tiba pada Minggu dan Senin", "2015-12-20/2015-12-21"),
    ("Rabu nanti", "2015-12-23"),
    ("Selasa kemarin", "2015-12-15"),
    ("Selasa pekan lalu", "2015-12-08"),
    ("Sabtu pekan ini", "2015-12-19"),
    ("Senin malam", "2015-12-14"),
    ("hari Minggu lalu", "2015-12-13"),
    ("kemarin lusa", "2015-12-16"),
    ("besok pagi", "2015-12-19"),
    ("semalam", "2015-12-17"),
    ("tadi pagi", "2015-12-18"),
    ("kemarin pukul 20.15 Wita", "2015-12-17T20:15:00+08:00"),
    ("tiga hari lalu", "2015-12-15"),
    ("dua belas hari yang lalu", "2015-12-06"),
    ("dua pekan lagi", "2016-01-01"),
    ("dua bulan silam", "2015-10"),
    ("setahun lalu", "2014"),
    ("pekan lalu", "2015-W50"),
    ("tahun depan", "2016"),
    ("45 menit lalu", "2015-12-18T13:20:00+07:00"),
    ("setengah jam yang lalu", "2015-12-18T13:35:00+07:00"),
]

REFUSED = [
    ("Senin (8/12)", "weekday-contradicts"),
    ("Rabu, 7 Desember 2015 10:00 WIB", "weekday-contradicts"),
    ("Selasa-Rabu (7-9/12/2015)", "weekday-contradicts"),
    ("31 November 2015", "impossible-date"),
    ("29 Februari 2019", "impossible-date"),
    ("12/31/2015", "impossible-date"),
    ("7 Desember 2015 24:30 WIB", "impossible-clock"),
    ("7 Desember 2015 10.75 WIB", "impossible-clock"),
    ("7/12/3015", "implausible-year"),
    ("Rabu (7/12/215)", "unread"),
    ("Selasa 7 Juni Mei 2015", "several-dates"),
    ("7 Desembar 2015", "unread"),
    ("9-7 Desember 2015", "range-reversed"),
    ("7 dan 19 Desember 2015", "several-dates"),
    ("Minggu depan", "ambiguous"),
    ("Kamis lalu", "ambiguous"),
    ("7/12", "ambiguous"),
    ("beberapa pekan lalu", "vague"),
    ("akhir pekan lalu", "vague"),
    ("3.1.4.15.9", "unread"),
    ("0813-2015-1207", "unread"),
    ("Rp 12.000-15.000", "unread"),
    ("Tidak Ditemukan", "no-date"),
    ("", "no-date"),
    ("Sabtu Kliwon, 18 Desember 2015", "weekday-contradicts"),
    ("malam Jumat", "ambiguous"),  # the night before Friday
    ("tiap Senin", "several-dates"),
    ("baru saja", "vague"),
    ("hampir dua pekan lalu", "vague"),
    ("18 Desember 2015 pukul 9 siang", "clock-contradicts"),
    ("18 Desember 2015 pukul 12 malam", "ambiguous"),
    ("21 Desember 2015 lalu", "direction-contradicts"),
    ("2 Desember - 30 November 2015", "range-reversed"),
    ("tanggal 31 bulan lalu", "impossible-date"),
    ("dua puluh Desember 2015", "unread"),
    ("\u0661\u0668 Desember 2015", "unread"),
    ("2015-12-18T10:05:33 07:00", "unread"),  # the plus sign was lost
    ("2015-W54", "impossible-date"),
    ("2015", "unread"),
]


@pytest.mark.parametrize(("text", "value"), STAMPS)
def test_a_stamp_reads_the_same_with_and_without_a_reference(text: str, value: str) -> None:
    """A complete stamp needs no reference."""
    assert read_date(text).value == value
    assert read_date(text, reference=FRIDAY).value == value


@pytest.mark.parametrize(("text", "value"), IN_TEXT + TOLD)
def test_a_date_of_a_text_is_resolved_from_the_publication_time(text: str, value: str) -> None:
    """A missing year is the nearest, a weekday alone the latest, and relative words count from the reference."""
    assert read_date(text, reference=FRIDAY).value == value


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_an_unreadable_date_is_refused_with_a_named_reason(text: str, reason: str) -> None:
    """Misprints are never repaired, and ambiguous dates have no value."""
    reading = read_date(text, reference=FRIDAY)
    assert (reading.value, reading.reason) == (None, reason)
    assert reading.moment is None


@pytest.mark.parametrize("text", ["Senin (7/12)", "kemarin", "pada Kamis", "lima pekan lalu", "Desember", "2 jam lalu"])
def test_a_relative_date_needs_a_reference(text: str) -> None:
    """The current time is never used."""
    assert read_date(text).reason == "needs-reference"


def test_hours_ago_need_a_reference_with_a_clock() -> None:
    """Hours cannot be counted from a day alone."""
    assert read_date("2 jam lalu", reference=date(2015, 12, 18)).reason == "needs-clock"


def test_the_weekday_never_chooses_the_year() -> None:
    """16 May 2022 was a Monday, but "Senin (16/5)" in June 2025 means 2025 and is a misprint: refused."""
    assert read_date("Senin (16/5)", reference=date(2025, 6, 16)).reason == "weekday-contradicts"


@pytest.mark.parametrize(
    ("text", "updated"),
    [
        ("Diperbarui 9 Agustus 2019", True),
        ("Last modified: 9 August 2019", True),
        ("Diterbitkan 9 Agustus 2019", False),
        ("Diterbitkan 9 Agustus 2019, diperbarui 10 Agustus 2019", False),
    ],
)
def test_an_update_is_marked_and_counts_after_the_publication(text: str, updated: bool) -> None:
    """Of two stamps, the publication's is the date of the text."""
    reading = read_date(text)
    assert (reading.value, reading.updated) == ("2019-08-09", updated)


def test_a_clock_without_zone_takes_the_offset_of_the_reference_else_the_given_zone() -> None:
    """The reference's offset counts, else the zone of the installation."""
    text = "9 Agustus 2019 10:02"
    assert read_date(text, zone=WIT).value == "2019-08-09T10:02:00+09:00"
    assert read_date(text, reference=FRIDAY.astimezone(WITA), zone=WIT).value == "2019-08-09T10:02:00+08:00"


def test_precision_is_as_printed() -> None:
    """A minute has no seconds, and a day has no clock."""
    assert read_date("9 Agustus 2019 10:02:03 WIB").precision is Precision.SECOND
    assert read_date("9 Agustus 2019 10:02 WIB").precision is Precision.MINUTE
    assert read_date("9 Agustus 2019").precision is Precision.DAY
    assert read_date("Agustus 2019").precision is None


FORMS = [
    "{weekday}, {d} {month} {y} {H:02}:{M:02} {zone}",
    "{weekday} {d:02} {short} {y} {H:02}.{M:02} {zone}",
    "{weekday}, {d:02}/{m:02}/{y} {H:02}:{M:02} {zone}",
    "Tayang: {weekday}, {d} {month} {y} | {H:02}:{M:02} {zone}",
    "{H:02}:{M:02} {zone} | {weekday}, {d} {month} {y}",
    "{weekday} ({d}/{m}/{y}) sekitar pukul {H}.{M:02} {zone}",
    "Diperbarui {d} {short} {y}, {H:02}:{M:02} {zone}",
    "Kompas.com - {d:02}/{m:02}/{y}, {H:02}:{M:02} {zone}",
    "{d}-{m}-{y} | {H:02}.{M:02} {zone}",
    "{d:02}.{m:02}.{y} / {H:02}:{M:02} {zone}",
    "{y}-{m:02}-{d:02} {H:02}:{M:02} {zone}",
    "{weekday} Kliwon, {d} {month} {y} - {H:02}:{M:02} {zone}",
    "Rina Dewi , Jurnalis-{weekday}, {d} {month} {y} |{H:02}:{M:02} {zone}",
]
ZONES = [
    ("WIB", WIB), ("WITA", WITA), ("Wit", WIT), ("GMT", UTC), ("GMT+7", WIB), ("UTC+08.00", WITA), ("(GMT+9)", WIT),
    ("+0700", WIB), ("waktu Indonesia tengah", WITA), ("PDT", timezone(timedelta(hours=-7))),
]  # fmt: skip


@given(
    moment=st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2099, 12, 31)),
    form=st.sampled_from(FORMS),
    zone=st.sampled_from(ZONES),
)
def test_any_moment_printed_in_a_main_form_reads_back_exactly(
    moment: datetime, form: str, zone: tuple[str, timezone]
) -> None:
    """Every minute is read as printed, on any day and in any zone."""
    text = form.format(
        weekday=WEEKDAYS[moment.weekday()], d=moment.day, m=moment.month, y=moment.year, H=moment.hour, M=moment.minute,
        month=MONTHS[moment.month - 1], short=SHORT[moment.month - 1], zone=zone[0],
    )  # fmt: skip
    assert read_date(text).moment == moment.replace(second=0, microsecond=0, tzinfo=zone[1])


OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(moment=st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2099, 12, 31), timezones=OFFSETS))
def test_any_moment_of_metadata_reads_back_exactly(moment: datetime) -> None:
    """ISO 8601 in its usual and basic form, with "+0700" or "+07:00", to the microsecond or the second."""
    assert read_date(moment.isoformat()).moment == moment
    whole = moment.replace(microsecond=0)
    for form in ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y%m%dT%H%M%S%z", "%d/%m/%Y %H:%M:%S GMT%z"):
        assert read_date(whole.strftime(form)).moment == whole, form


@given(first=st.dates(min_value=date(1950, 1, 1), max_value=date(2099, 1, 1)), days=st.integers(1, 180))
def test_any_interval_reads_back_exactly(first: date, days: int) -> None:
    """Across months and years, with the year of one end or both."""
    last = first + timedelta(days)
    begin, end = (f"{day.day} {MONTHS[day.month - 1]}" for day in (first, last))
    for joint in (" - ", " hingga ", "–", " s.d. "):
        expected = f"{first.isoformat()}/{last.isoformat()}"
        assert read_date(f"{begin} {first.year}{joint}{end} {last.year}").value == expected
        assert read_date(f"{begin}{joint}{end} {last.year}").value == expected


@given(
    day=st.dates(min_value=date(1950, 1, 1), max_value=date(2099, 12, 31)), wrong=st.integers(min_value=1, max_value=6)
)
def test_a_wrong_weekday_is_always_refused(day: date, wrong: int) -> None:
    """The weekday is a checksum for every date of the calendar."""
    text = f"{WEEKDAYS[(day.weekday() + wrong) % 7]}, {day.day} {MONTHS[day.month - 1]} {day.year}"
    assert read_date(text).reason == "weekday-contradicts"


WORDS = [
    *MONTHS,
    *SHORT,
    *WEEKDAYS,
    "pukul",
    "hingga",
    "dan",
    "lalu",
    "pekan",
    "hari",
    "tahun",
    "akan",
    "WIB",
    "(",
    ")",
]
PIECES = st.one_of(
    st.sampled_from([*WORDS, "/", "-", ".", ":", ",", "minggu", "se", "dua", "puluh", "s/d", "©", "٣"]),
    st.integers(0, 99999999).map(str),
)


@given(
    text=st.one_of(st.text(), st.lists(PIECES, max_size=14).map(" ".join), st.lists(PIECES, max_size=14).map("".join))
)
def test_any_text_gives_a_value_or_a_reason(text: str) -> None:
    """No text raises, and no result has both or neither."""
    for reference in (None, FRIDAY, FRIDAY.date(), date.max, date.min):
        reading = read_date(text, reference=reference)
        assert (reading.value is None) != (reading.reason is None)
        assert reading.reason is None or reading.reason in REASONS, "each refusal has a sentence for people"

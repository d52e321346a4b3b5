"""The publication time: the printed stamp decides, agreeing metadata make it exact, contradictions are flagged."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from archive.records import Precision, Rejected
from reading.dates.zones import JAKARTA
from reading.published import Publication, Stamp, settle_publication

WITA = timezone(timedelta(hours=8))
FETCHED = datetime(2019, 8, 9, 12, 0, tzinfo=UTC)


def settle(
    *printed: str, metadata: tuple[str, ...] = (), modified: tuple[str, ...] = (), fetched_at: datetime | None = None
) -> Publication:
    """Settles a page of a source in Jakarta; metadata as "where|text"."""
    return settle_publication(
        printed=[Stamp(text, "selector") for text in printed],
        metadata=[Stamp(text, where) for where, text in (each.split("|", 1) for each in metadata)],
        modified=[Stamp(text, "meta") for text in modified],
        zone=JAKARTA,
        fetched_at=fetched_at,
    )


PRINT = "Kamis, 8 Agustus 2019 14:56 WIB"

SETTLED = [
    # printed, metadata, value, precision, found, flags
    (PRINT, (), "2019-08-08T14:56:00+07:00", "minute", "selector", ()),
    (PRINT, ("json-ld|2019-08-08T14:56:43+07:00",), "2019-08-08T14:56:43+07:00", "second", "selector+json-ld", ()),
    (PRINT, ("json-ld|2019-08-08T14:56+07:00",), "2019-08-08T14:56:00+07:00", "minute", "selector+json-ld", ()),
    (PRINT, ("selector|2019-08-08T14:56:43+07:00",), "2019-08-08T14:56:43+07:00", "second", "selector", ()),
    (PRINT, ("json-ld|2019-08-08T07:56:43Z",), "2019-08-08T14:56:43+07:00", "second", "selector+json-ld", ()),
    # local time with a false Z
    (PRINT, ("meta|2019-08-08 T14:56:43Z",), "2019-08-08T14:56:43+07:00", "second", "selector+meta", ()),
    (PRINT, ("meta|2019-08-08T15:56:43+08:00",), "2019-08-08T14:56:43+07:00", "second", "selector+meta", ()),
    # metadata add a zone that is not printed
    ("8/8/2019 14:56", ("meta|2019-08-08T14:56:43+08:00",), "2019-08-08T14:56:43+08:00", "second", "selector+meta", ()),
    ("08/08/2019 14:56", (), "2019-08-08T14:56:00+07:00", "minute", "selector", ()),
    # the printed stamp wins
    (
        PRINT,
        ("meta|2019-08-08T16:10:00+07:00",),
        "2019-08-08T14:56:00+07:00", "minute", "selector", ("metadata-contradicts",),
    ),
    (PRINT, ("url|2019/08/08",), "2019-08-08T14:56:00+07:00", "minute", "selector", ()),
    # the first metadata that agree add the seconds
    (
        PRINT,
        ("meta|2019-08-08T16:10:00+07:00", "json-ld|2019-08-08T14:56:43+07:00"),
        "2019-08-08T14:56:43+07:00", "second", "selector+json-ld", (),
    ),
    ("8 Agustus 2019", (), "2019-08-08", "day", "selector", ()),
    ("8 Agustus 2019", ("meta|2019-08-08T14:56:43+07:00",), "2019-08-08T14:56:43+07:00", "second", "selector+meta", ()),
    ("8 Agustus 2019", ("meta|2019-08-10T14:56:43+07:00",), "2019-08-08", "day", "selector", ("metadata-contradicts",)),
    # nothing printed, or no date: metadata alone, in the source's zone
    ("Tidak Ditemukan", ("meta|2019-08-08T07:56:43.250Z",), "2019-08-08T14:56:43+07:00", "second", "meta", ()),
    ("", ("url|2019/08/08", "feed|Thu, 08 Aug 2019 14:56:43 +0700"), "2019-08-08T14:56:43+07:00", "second", "feed", ()),
    # the printed weekday contradicts the date, and metadata agree with the date
    (
        "Rabu, 8 Agustus 2019 14:56 WIB",
        ("meta|2019-08-08T14:56:43+07:00",),
        "2019-08-08T14:56:43+07:00", "second", "meta", ("weekday-contradicts",),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "metadata", "value", "precision", "found", "flags"), SETTLED)
def test_the_printed_stamp_decides_and_metadata_make_it_exact(
    printed: str, metadata: tuple[str, ...], value: str, precision: str, found: str, flags: tuple[str, ...]
) -> None:
    """The rules of docs/normalisation.md, "Publication time", row by row."""
    settled = settle(printed, metadata=metadata)
    assert settled.published_at.isoformat() == value
    assert (settled.precision, settled.found, settled.flags) == (Precision(precision), found, flags)
    assert settled.printed == (printed if "selector" in found or flags else None)


REFUSED = [
    ("Rabu, 8 Agustus 2019 14:56 WIB", (), "date-contradicts"),
    ("Rabu, 8 Agustus 2019 14:56 WIB", ("meta|2019-08-09T14:56:43+07:00",), "date-contradicts"),
    ("31 Juni 2019", ("meta|2019-08-09T14:56:43+07:00",), "bad-date"),
    ("8 Agustus 2019 25:10 WIB", (), "bad-date"),
    ("Tidak Ditemukan", (), "no-date"),
    ("2 jam lalu", (), "no-date"),
]


@pytest.mark.parametrize(("printed", "metadata", "reason"), REFUSED)
def test_a_page_without_a_reliable_date_is_rejected_with_a_named_reason(
    printed: str, metadata: tuple[str, ...], reason: str
) -> None:
    """There is no default date."""
    with pytest.raises(Rejected) as refusal:
        settle(printed, metadata=metadata)
    assert refusal.value.reason == reason


def test_an_update_stamp_is_the_modification_and_the_publication_only_without_any_other() -> None:
    """Liputan6 prints only "Diperbarui" on some pages."""
    alone = settle("Diperbarui 9 Agustus 2019, 10:00 WIB")
    assert alone.published_at == alone.modified_at == datetime(2019, 8, 9, 10, tzinfo=JAKARTA)
    assert alone.flags == ("only-modified",)
    both = settle("Diperbarui 9 Agustus 2019, 10:00 WIB", metadata=("meta|2019-08-08T09:00:00+07:00",))
    assert both.published_at == datetime(2019, 8, 8, 9, tzinfo=JAKARTA)
    assert both.modified_at == datetime(2019, 8, 9, 10, tzinfo=JAKARTA)


def test_a_publication_stamp_stays_one_if_the_modification_repeats_it() -> None:
    """Most systems write both into JSON-LD, equal until somebody edits the story."""
    stamp = "2019-08-08T09:00:12+07:00"
    settled = settle(metadata=(f"meta|{stamp}",), modified=(stamp,))
    assert settled.modified_at == settled.published_at == datetime(2019, 8, 8, 9, 0, 12, tzinfo=JAKARTA)
    assert settled.flags == ()


def test_a_false_z_is_false_in_the_modification_too() -> None:
    """The same system writes both stamps."""
    settled = settle(PRINT, metadata=("meta|2019-08-08T14:56:43Z",), modified=("2019-08-08T15:30:00Z",))
    assert settled.modified_at == datetime(2019, 8, 8, 15, 30, tzinfo=JAKARTA)


def test_a_modification_before_the_publication_is_dropped_and_flagged() -> None:
    """One of the two is wrong, and we cannot know which."""
    settled = settle(PRINT, modified=("2019-08-01T10:00:00+07:00",))
    assert settled.modified_at is None
    assert settled.flags == ("modified-before-published",)


def test_a_publication_more_than_a_day_after_the_fetch_is_rejected() -> None:
    """Clocks and zones may differ by up to a day."""
    assert settle("10 Agustus 2019 18:00 WIB", fetched_at=FETCHED).precision is Precision.MINUTE
    assert settle("10 Agustus 2019", fetched_at=FETCHED).published_at == date(2019, 8, 10)
    for text in ("10 Agustus 2019 19:01 WIB", "11 Agustus 2019"):
        with pytest.raises(Rejected, match="future-date"):
            settle(text, fetched_at=FETCHED)


def test_a_relative_stamp_counts_from_the_fetch_and_after_metadata() -> None:
    """ "2 jam lalu" is exact to the hour at best."""
    assert settle("2 jam lalu", fetched_at=FETCHED).published_at == FETCHED - timedelta(hours=2)
    exact = settle("2 jam lalu", metadata=("meta|2019-08-09T16:41:00+07:00",), fetched_at=FETCHED)
    assert exact.published_at.isoformat() == "2019-08-09T16:41:00+07:00"


def test_a_page_header_that_prints_today_is_no_publication_time() -> None:
    """The Tribun network prints the day of the visit above old articles; the address has their own day."""
    settled = settle("Jumat, 9 Agustus 2019", metadata=("url|2017/10/18",), fetched_at=FETCHED)
    assert (settled.published_at, settled.flags) == (date(2017, 10, 18), ("print-is-crawl-day",))

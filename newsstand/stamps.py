"""How newspapers print a date: a table of forms, and a function that fills them in."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
OLD_WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jum'at", "Sabtu", "Minggu")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
OLD_MONTHS = tuple({"Februari": "Pebruari", "November": "Nopember"}.get(month, month) for month in MONTHS)
SHORT_MONTHS = ("Jan", "Peb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agt", "Sep", "Okt", "Nop", "Des")
ZONES = {7: "WIB", 8: "WITA", 9: "WIT"}
WIB = timezone(timedelta(hours=7))

FORMS = {
    "www": "{weekday}, {day} {month} {year} | {clock} {zone}",
    "arsip": "{weekday}, {day} {month} {year} {clock} {zone}",
    "slashes": "{old_weekday}, {day:02}/{number:02}/{year} {clock} {zone}",
    "old": "{old_weekday}, {day} {old_month} {year} {clock} {zone}",
    "old-day": "{old_weekday}, {day} {old_month} {year}",
    "short": "{old_weekday}, {day:02} {short_month} {year} {clock} {zone}",
}


def print_stamp(when: datetime | date, form: str) -> str:
    """The date as a newspaper prints it, in the zone of `when` (WIB, WITA or WIT).

    `form` is a key of `FORMS`. Raises ValueError for another zone, and for a day without a clock in a form with one.
    """
    pattern = FORMS[form]
    clock = zone = ""
    if isinstance(when, datetime):
        offset = when.utcoffset()
        if offset is None or (hours := offset // timedelta(hours=1)) not in ZONES:
            raise ValueError(f"{when.isoformat()} is not in one of Indonesia's zones (+07:00, +08:00, +09:00)")
        clock, zone = f"{when:%H:%M}", ZONES[hours]
    elif "{clock}" in pattern:
        raise ValueError(f"{when.isoformat()} has no clock, and the form {form!r} prints one")
    return pattern.format(
        weekday=WEEKDAYS[when.weekday()],
        old_weekday=OLD_WEEKDAYS[when.weekday()],
        day=when.day,
        number=when.month,
        month=MONTHS[when.month - 1],
        old_month=OLD_MONTHS[when.month - 1],
        short_month=SHORT_MONTHS[when.month - 1],
        year=when.year,
        clock=clock,
        zone=zone,
    )


def moment(when: datetime | date) -> datetime:
    """The instant of a stamp, in WIB; midnight for a day without a clock."""
    if isinstance(when, datetime):
        return when.astimezone(WIB)
    return datetime(when.year, when.month, when.day, tzinfo=WIB)

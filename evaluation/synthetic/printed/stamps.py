"""Printed publication times: patterns as publishers use them, and the words that fill them."""

from __future__ import annotations

from datetime import datetime

from evaluation.synthetic.printed import calendar

LONG = "{wd}, {d} {month} {yyyy} {HH}:{MM} {tz}"
FORMS = {
    "long": LONG,
    "slashes": "{wd}, {dd}/{mm}/{yyyy} {HH}:{MM} {tz}",
    "outlet-first": "{site} - {dd}/{mm}/{yyyy}, {HH}:{MM} {tz}",
    "short-month": "{dd} {mon} {yyyy}, {HH}:{MM} {tz}",
    "bar": "{wd}, {d} {month} {yyyy} | {HH}:{MM} {tz}",
    "dotted-clock": "{d} {month} {yyyy} | {HH}.{MM} {tz}",
    "clock-first": "{HH}:{MM} {tz} | {wd}, {d} {month} {yyyy}",
    "no-comma": "{wd} {dd} {mon} {yyyy} {HH}:{MM} {tz}",
    "dash": "{wd}, {d} {month} {yyyy} - {HH}:{MM} {tz}",
    "seconds": "{wd}, {d} {month} {yyyy} - {HH}:{MM}:{SS} {tz}",
    "slash-clock": "{wd}, {dd} {month} {yyyy} / {HH}:{MM} {tz}",
    "pukul": "{wd}, {d} {month} {yyyy} pukul {HH}.{MM} {tz}",
    "label": "Tayang: {wd}, {d} {month} {yyyy} {HH}:{MM} {tz}",
    "published": "Diterbitkan {dd} {mon} {yyyy}, {HH}:{MM} {tz}",
    "capitals": "{WD}, {d} {MONTH} {yyyy} | {HH}:{MM} {tz}",
    "english": "{Wd}, {d} {Month} {yyyy} {HH}:{MM} {tz}",
    "english-month": "{dd} {Month} {yyyy} {HH}:{MM} {tz}",
    "old-spelling": "{oldwd}, {d} {oldmonth} {yyyy} {HH}:{MM} {tz}",
    "long-day": "{d} {month} {yyyy}",
    "english-day": "{Month} {d}, {yyyy}",
    "weekday-day": "{wd}, {d} {month} {yyyy}",
    "zoneless": "{d} {month} {yyyy} {HH}:{MM}",
    "dashes": "{dd}-{mm}-{yyyy} {HH}:{MM} {tz}",
    "gmt": "{wd}, {d} {month} {yyyy} {HH}:{MM} GMT+{hours}",
}
"""Name and pattern; a family or a fault chooses one."""


def printed(pattern: str, moment: datetime, *, zone: str, site: str) -> str:
    """The moment as the pattern prints it. `zone` is WIB, WITA or WIT, the zone that `moment` is in."""
    weekday, month = moment.weekday(), moment.month - 1
    return pattern.format(
        wd=calendar.WEEKDAYS[weekday],
        WD=calendar.WEEKDAYS[weekday].upper(),
        Wd=calendar.ENGLISH_WEEKDAYS[weekday],
        oldwd=calendar.OLD_WEEKDAYS[weekday],
        month=calendar.MONTHS[month],
        MONTH=calendar.MONTHS[month].upper(),
        Month=calendar.ENGLISH_MONTHS[month],
        mon=calendar.SHORT_MONTHS[month],
        oldmonth=calendar.OLD_MONTHS[month],
        d=moment.day,
        dd=f"{moment.day:02}",
        mm=f"{moment.month:02}",
        yyyy=moment.year,
        HH=f"{moment.hour:02}",
        MM=f"{moment.minute:02}",
        SS=f"{moment.second:02}",
        tz=zone,
        hours=calendar.ZONES[zone].utcoffset(None).seconds // 3600,
        site=site,
    )

"""Faults of the printed publication time."""

from __future__ import annotations

from datetime import timedelta

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.page import Page
from evaluation.synthetic.printed.calendar import MONTHS, SHORT_MONTHS, WEEKDAYS, ZONES

STAMP = ("published_at",)


def _as_published(page: Page) -> None:
    page.expect(published_at=page.story.moment.isoformat())


def _print(page: Page, html: str) -> None:
    """The stamp's line, with a clock and a zone that a reader can see."""
    page.stamp = html
    _as_published(page)


@fault("stamp", *STAMP)
def date_split_over_elements(page: Page) -> None:
    """Day, month and year, or date and clock, are in elements of their own."""
    moment, zone = page.story.moment, page.story.place.zone
    day, month, year = f"{moment.day:02}", MONTHS[moment.month - 1], moment.year
    clock = f"{moment:%H:%M}"
    forms = (
        f"<span>{WEEKDAYS[moment.weekday()]}</span>, <span>{day}</span> <span>{month}</span> <span>{year}</span> "
        f"<span>{clock}</span> <span>{zone}</span>",
        f'<span class="tgl">{day} {month} {year}</span><span class="sep">|</span><span class="jam">{clock} {zone}</span>',
        f'<div class="d">{day}</div><div class="m">{SHORT_MONTHS[moment.month - 1]}</div><div class="y">{year}</div>'
        f'<div class="t">{clock} {zone}</div>',
        f"<i class='icon-cal'></i>{day} {month} {year} <i class='icon-clock'></i>{clock} {zone}",
    )
    _print(page, page.rng.choice(forms))


@fault("stamp", *STAMP, since=2010)
def video_length_and_views_beside(page: Page) -> None:
    """Numbers that look like clocks stand in the stamp's line."""
    shown = page.print_stamp("long")
    length, views = f"0{page.rng.randint(0, 9)}:{page.rng.randint(10, 59)}", page.rng.randint(1_000, 9_999)
    forms = (
        f"{length} | {shown}",
        f'<span class="dur">{length}</span> | {shown}',
        f"{shown} | {views:,} views".replace(",", ".", 1),
        f"Dibaca {views} kali | {shown}",
        f"{shown} &bull; {page.rng.randint(2, 9)} menit baca",
        f'{shown} <span class="komentar">{page.rng.randint(10, 23)} Komentar</span>',
    )
    _print(page, page.rng.choice(forms))


@fault("stamp", *STAMP, since=2008)
def update_printed_too(page: Page) -> None:
    """A line has the time of the last change beside that of publication."""
    later = page.story.moment + timedelta(minutes=page.rng.randint(20, 3_000))
    first, second = page.print_stamp("long"), page.print_stamp("long", later)
    forms = (
        f"{first} <br> Diperbarui: {second}",
        f'<span>Terbit: {first}</span> <span class="upd">Update: {second}</span>',
        f"<div>Diterbitkan {first}</div><div>Diperbarui {second}</div>",
        f'<div class="upd">Diperbarui {second}</div><div>Diterbitkan {first}</div>',
        f"{first} | Terakhir diubah {second}",
    )
    _print(page, page.rng.choice(forms))


@fault("stamp", *STAMP)
def spelled_in_another_way(page: Page) -> None:
    """English, old and shortened names, capitals, unusual orders."""
    form = page.rng.choice(
        (
            "english",
            "english-month",
            "old-spelling",
            "capitals",
            "clock-first",
            "slash-clock",
            "pukul",
            "seconds",
            "gmt",
        )
    )
    _print(page, page.print_stamp(form))


@fault("stamp", *STAMP)
def zone_of_the_east(page: Page) -> None:
    """The printed zone is WITA or WIT, and metadata give the same instant in WIB."""
    zone = page.rng.choice(("WITA", "WIT"))
    moment = page.story.moment.replace(tzinfo=ZONES[zone])
    page.story.moment = moment
    page.stamp = page.print_stamp("long", zone=zone)
    in_jakarta = moment.astimezone(ZONES["WIB"]).isoformat()
    if page.has("times"):
        page.meta("article:published_time", in_jakarta)
    if page.ld:
        page.ld["datePublished"] = in_jakarta
    _as_published(page)


@fault("stamp", *STAMP)
def todays_date_in_the_head(page: Page) -> None:
    """The page's head prints the day of the visit."""
    if page.fetched_at is None:
        return
    day = page.fetched_at.astimezone(page.story.moment.tzinfo)
    today = f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"
    clock = page.rng.choice(("", f" | {day:%H:%M} {page.story.place.zone}"))
    form = page.rng.choice(
        ('<div class="today">{}</div>', "<span id='tanggal'>{}</span>", '<div class="date">{}</div>', "<b>{}</b>")
    )
    page.above.insert(0, form.format(today + clock))


@fault("stamp", *STAMP)
def stamp_below_the_story(page: Page) -> None:
    """The only printed time follows the last paragraph."""
    shown = page.print_stamp("long")
    page.stamp = ""
    page.foot.insert(
        0,
        page.rng.choice(
            (f"<p>{shown}</p>", f"<div class='posted'>Dimuat: {shown}</div>", f"<p><small>{shown}</small></p>")
        ),
    )
    _as_published(page)


@fault("stamp", *STAMP)
def label_glued_to_the_stamp(page: Page) -> None:
    """Inline elements without a space between: a section, a label or a name runs into the date."""
    shown = page.print_stamp("long")
    forms = (
        f'<a href="/berita">{page.story.section}</a>{shown}',
        f"<b>Tayang</b>{shown}",
        f"<span>Dipublikasikan pada</span>{shown}",
        f"Posted on {shown}",
        f"<span>{page.story.outlet.site}</span> - {shown}",
        f"Tanggal: {shown}",
    )
    _print(page, page.rng.choice(forms))


@fault("stamp", *STAMP)
def date_in_the_headline(page: Page) -> None:
    """The headline speaks of another day than that of publication."""
    day = page.story.moment + timedelta(days=page.rng.randint(2, 9))
    extra = f" Jadwal {day.day} {MONTHS[day.month - 1]} {day.year}"
    page.story.title += extra
    page.headline += extra
    page.title_tag = f"{page.story.title} - {page.story.outlet.site}"
    page.metas = [(key, page.story.title if key == "og:title" else value) for key, value in page.metas]
    if page.ld:
        page.ld["headline"] = page.story.title
    page.expect(title=page.story.title)


@fault("stamp", *STAMP, since=2010)
def relative_print(page: Page) -> None:
    """Readers see "3 jam lalu"; the time itself is in data only."""
    moment = page.story.moment
    page.stamp = page.rng.choice(
        (
            f'<time datetime="{moment.isoformat()}">3 jam lalu</time>',
            f'<time class="timeago" datetime="{moment.isoformat()}" title="{page.print_stamp("long")}">kemarin</time>',
            f'<abbr class="published" title="{moment.isoformat()}">2 hari yang lalu</abbr>',
        )
    )
    if page.fetched_at:
        page.fetched_at = moment + timedelta(hours=3, minutes=20)
    _as_published(page)


@fault("stamp", *STAMP, since=2012)
def day_printed_clock_in_data(page: Page) -> None:
    """The print has the day alone; metadata of the same day have the clock."""
    page.stamp = page.print_stamp(page.rng.choice(("long-day", "weekday-day", "english-day")))
    page.meta("article:published_time", page.story.moment.isoformat())
    _as_published(page)


@fault("stamp", *STAMP)
def weekday_misprinted(page: Page) -> None:
    """The printed weekday is wrong, and metadata agree with the date."""
    wrong = WEEKDAYS[(page.story.moment.weekday() + 2) % 7]
    right = WEEKDAYS[page.story.moment.weekday()]
    page.stamp = page.print_stamp("long").replace(right, wrong)
    page.meta("article:published_time", page.story.moment.isoformat())
    _as_published(page)

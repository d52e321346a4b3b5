"""Faults of publication times in metadata."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.metadata import own_data
from evaluation.synthetic.page import Page
from evaluation.synthetic.printed.calendar import ZONES

STAMP = ("published_at",)
META_NAMES = (
    "article:published_time og:published_time pubdate publishdate publish-date publish_date date DC.date DC.date.issued "
    "dc.date.created dcterms.created dcterms.issued dcterms.date datePublished itemprop:datePublished published_time "
    "published published-date article.published article_date_original OriginalPublicationDate sailthru.date "
    "parsely-pub-date cXenseParse:recs:publishtime rnews:datePublished content_PublishedDate article.created "
    "og:article:published_time bt:pubDate release_date"
).split()


def _local(page: Page) -> datetime:
    """Puts the story into WIB, where a page without any zone is read right."""
    page.story.moment = page.story.moment.replace(tzinfo=ZONES["WIB"])
    return page.story.moment


def _in_data(page: Page, text: str) -> None:
    """Says this time in every kind of metadata that the page has."""
    page.drop_times()
    page.iso = text
    page.meta("article:published_time", text)
    if page.ld:
        page.ld["datePublished"] = text


def _expect(page: Page, moment: datetime) -> None:
    page.expect(published_at=moment.isoformat())


@fault("stamp", *STAMP, since=2012)
def sign_of_the_zone_turned_round(page: Page) -> None:
    """The local clock with −07:00 in metadata; the print has no zone, or WIB."""
    moment = _local(page)
    turned = moment.replace(tzinfo=timezone(-(moment.utcoffset() or timedelta())))
    _in_data(page, turned.isoformat())
    page.stamp = page.print_stamp(page.rng.choice(("zoneless", "long", "bar")), zone="WIB")
    _expect(page, moment)


@fault("stamp", *STAMP, since=2012)
def local_time_called_utc(page: Page) -> None:
    """The local clock labelled Z, while the print has its zone."""
    moment = page.story.moment
    _in_data(page, f"{moment:%Y-%m-%dT%H:%M:%S}" + page.rng.choice(("Z", "+00:00", "+0000", ".000Z")))
    page.stamp = page.print_stamp("long")
    _expect(page, moment)


@fault("stamp", *STAMP, since=2012)
def local_time_called_utc_before_the_fetch(page: Page) -> None:
    """Nothing is printed; the fetch, minutes later, proves that the label is wrong."""
    moment = _local(page)
    _in_data(page, f"{moment:%Y-%m-%dT%H:%M:%S}" + page.rng.choice(("Z", "+00:00")))
    page.stamp = ""
    page.fetched_at = moment + timedelta(minutes=page.rng.randint(4, 300))
    page.relies_on_data = True
    _expect(page, moment)


@fault("stamp", *STAMP, since=2012)
def time_element_against_its_text(page: Page) -> None:
    """<time datetime> has another time than the text that readers see."""
    moment = page.story.moment
    other = moment + timedelta(hours=page.rng.choice((7, -7, 26, 400)), minutes=11)
    page.stamp = f'<time datetime="{other.isoformat()}">{page.print_stamp("long")}</time>'
    _expect(page, moment)


@fault("stamp", *STAMP, since=2015)
def zoneless_data_beside_zoned(page: Page) -> None:
    """JSON-LD has no zone, the meta element has one; only the day is printed."""
    moment = page.story.moment
    page.drop_times()
    own_data(page)["datePublished"] = f"{moment:%Y-%m-%dT%H:%M:%S}"
    page.meta("article:published_time", moment.isoformat())
    page.stamp = page.print_stamp("long-day")
    page.relies_on_data = True
    _expect(page, moment)


@fault("stamp", *STAMP, since=2012)
def epoch_zero_in_data(page: Page) -> None:
    """Metadata have the first second of 1970, or the year 1; the print is right."""
    zero = page.rng.choice(
        ("1970-01-01T00:00:00+00:00", "1970-01-01T07:00:00+07:00", "0001-01-01T00:00:00", "1970-01-01")
    )
    _in_data(page, zero)
    page.stamp = page.print_stamp("long")
    _expect(page, page.story.moment)


@fault("stamp", *STAMP)
def zone_name_unknown(page: Page) -> None:
    """A zone that no table has: then only the day is known."""
    moment = page.story.moment
    page.drop_times()
    name, hours = page.rng.choice((("PKT", 5), ("HST", -10), ("NZST", 12), ("XYZT", None)))
    page.stamp = page.print_stamp("long", zone="WIB").replace("WIB", name)
    right = [moment.date().isoformat()]
    if hours is not None:
        right.append(moment.replace(tzinfo=timezone(timedelta(hours=hours))).isoformat())
    page.expect(published_at=right)


@fault("stamp", *STAMP, since=2012)
def time_in_a_meta_element_only(page: Page) -> None:
    """Nothing is printed; one of the many meta names has the time, in one of many forms."""
    moment = page.story.moment
    forms = (
        moment.isoformat(),
        f"{moment:%Y-%m-%dT%H:%M:%S%z}",
        moment.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        format_datetime(moment),
        f"{moment:%Y-%m-%d %H:%M:%S} {moment:%z}",
    )
    page.drop_times()
    page.stamp = ""
    text = page.rng.choice(forms)
    page.meta(page.rng.choice(META_NAMES), text)
    if page.fetched_at:
        page.fetched_at = moment + timedelta(days=3)
    # an instant in UTC may be given in any zone of the country
    zones = (UTC, moment.tzinfo, ZONES["WIB"])
    in_utc = [moment.astimezone(zone).isoformat() for zone in zones]
    page.expect(published_at=in_utc if text.endswith("Z") else moment.isoformat())


@fault("stamp", *STAMP, since=2015)
def time_in_json_ld_only(page: Page) -> None:
    """Nothing is printed; JSON-LD has the time."""
    moment = page.story.moment
    page.drop_times()
    page.stamp = ""
    own_data(page)["datePublished"] = page.rng.choice((moment.isoformat(), f"{moment:%Y-%m-%dT%H:%M:%S%z}"))
    page.relies_on_data = True
    _expect(page, moment)


@fault("stamp", *STAMP, since=2011)
def time_in_an_attribute_only(page: Page) -> None:
    """Readers see nothing; an attribute of microdata or <time> has the time."""
    moment = page.story.moment
    page.drop_times()
    page.stamp = page.rng.choice(
        (
            f'<meta itemprop="datePublished" content="{moment.isoformat()}">',
            f'<time itemprop="datePublished" datetime="{moment.isoformat()}"></time>',
            f'<time class="entry-date published" datetime="{moment.isoformat()}"></time>',
        )
    )
    _expect(page, moment)


@fault("stamp", *STAMP, since=2012)
def data_in_utc(page: Page) -> None:
    """Metadata have the same instant in UTC: the printed zone counts."""
    _in_data(page, page.story.moment.astimezone(UTC).isoformat().replace("+00:00", "Z"))
    page.stamp = page.print_stamp("long")
    _expect(page, page.story.moment)


@fault("stamp", *STAMP, since=2009)
def other_times_in_metadata(page: Page) -> None:
    """Metadata have the visit, the last change and an expiry too; the print counts."""
    moment = page.story.moment
    visit = page.fetched_at or moment + timedelta(days=2)
    page.meta("revised", (moment + timedelta(days=30)).isoformat())
    page.meta("expires", (moment + timedelta(days=365)).isoformat())
    page.meta("article:modified_time", (moment + timedelta(hours=5)).isoformat())
    page.meta("og:updated_time", (moment + timedelta(hours=5)).isoformat())
    page.meta("render_date", visit.isoformat())
    page.stamp = page.print_stamp("long")
    _expect(page, moment)


@fault("stamp", *STAMP, since=2012)
def data_hours_away_from_the_print(page: Page) -> None:
    """Metadata have the time of an upload hours before: the print counts."""
    moment = page.story.moment
    _in_data(page, (moment - timedelta(hours=page.rng.randint(2, 30), minutes=7)).isoformat())
    page.stamp = page.print_stamp("long")
    _expect(page, moment)


@fault("stamp", *STAMP, since=2008)
def time_element_of_a_blog(page: Page) -> None:
    """Two <time> elements as themes print them: published, and (hidden) updated."""
    moment = page.story.moment
    later = moment + timedelta(days=1, hours=3)
    page.stamp = (
        f'<time class="entry-date published" datetime="{moment.isoformat()}">{page.print_stamp("english-day")}</time>'
        f'<time class="updated" datetime="{later.isoformat()}" style="display:none">{page.print_stamp("english-day", later)}</time>'
    )
    page.drop_times()
    _expect(page, moment)

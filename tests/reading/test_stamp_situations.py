"""Pages of an unknown layout whose witnesses of the publication time disagree, hide, or come in pieces."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from archive.records import Article, Rejected
from reading.article import normalise
from reading.extract.page import extract

ADDRESS = "https://www.koran.example/berita/77/dua-kapal"
DATED = "https://www.koran.example/2024/06/03/dua-kapal"
TITLE = "Dua kapal baru melayani penyeberangan teluk"
STORY = (
    "Ambon (Koran Contoh) - Dinas Perhubungan menambah dua kapal mulai pekan depan karena penumpang naik, kata kepala.",
    "Kapal pertama berangkat pukul enam pagi dan kapal kedua pada sore hari dari dermaga lama di sisi timur teluk.",
    "Ia menambahkan tarif penyeberangan tidak berubah dan tiket dapat dibeli di loket maupun lewat aplikasi kota.",
)
FETCHED = "2024-06-03T16:00:00+07:00"
NEXT_DAY = "2024-06-04T09:12:00+07:00"
NOON = "2024-06-03T14:05:00+07:00"
EXACT = "2024-06-03T14:05:33+07:00"


def meta(text: str, name: str = "article:published_time") -> str:
    """A meta element."""
    return f'<meta property="{name}" content="{text}">'


def changed(text: str) -> str:
    """The meta element of the last change."""
    return meta(text, "article:modified_time")


def data(**fields: object) -> str:
    """A block of JSON-LD."""
    article = {"@type": "NewsArticle", "headline": TITLE, **fields}
    return f'<script type="application/ld+json">{json.dumps(article)}</script>'


def read(
    head: str = "", above: str = "", below: str = "", after: str = "", url: str = ADDRESS, fetched: str | None = None
) -> Article:
    """Reads a page with markup in its head, above and below the headline, and behind the story."""
    story = "".join(f"<p>{each}</p>" for each in STORY)
    page = (
        f'<!doctype html><html lang="id"><head><meta charset="utf-8"><title>{TITLE} - Koran Contoh</title>'
        f'<meta property="og:type" content="article">{head}</head><body>{above}<article><h1>{TITLE}</h1>{below}'
        f'<div class="content">{story}</div>{after}</article></body></html>'
    )
    raw = extract(page.encode(), url=url, source=None)
    fetched_at = datetime.fromisoformat(fetched) if fetched else None
    return normalise(raw, source=None, url=url, fetched_at=fetched_at)


def published(**where: str) -> str:
    """The publication time of such a page."""
    return read(**where).published_at.isoformat()


PIECES = [
    ("<div>Senin, 3 Juni 2024</div><div>14:05</div><div>WIB</div>", NOON),
    ("<div>Senin</div><div>3 Juni 2024</div><div>14:05 WITA</div>", "2024-06-03T14:05:00+08:00"),
    ("<p><span>Senin</span><span>, 3 Juni 2024</span><span>14:05 WIB</span></p>", NOON),
    ("<p><b>3 Juni 2024</b><i>14:05 WITA</i><b>Penulis: Rina Dewi</b></p>", "2024-06-03T14:05:00+08:00"),
    ("<p><span>14:05 WITA</span><span>Penulis</span>: Rina Dewi | 3 Juni 2024</p>", "2024-06-03"),
    ("<div><div>Jun</div><div>03</div><div>2024</div></div>", "2024-06-03"),
    ("<div><div>03</div><div>Jun</div><div>2024</div><div>14:05</div></div>", NOON),
    ("<ul><li>3 Juni 2024</li><li>1.204</li><li>12</li></ul>", "2024-06-03"),
    ("<div>02:35</div><div>3 Juni 2024</div>", "2024-06-03"),
    ("<div>02:35</div><div>3 Juni 2024</div><div>14:05 WIB</div>", NOON),
    ("<div>3 Juni 2024</div><div>4 Juni 2024</div>", "2024-06-03"),
    ("<span>June 3, 2024 2:05 pm</span>", NOON),
    ("<div>Dibaca 1.204 kali | Senin, 3 Juni 2024 14:05 WIB</div>", NOON),
    ('<div class="share">Senin, 3 Juni 2024 | 14:05 WIB</div>', NOON),
]


@pytest.mark.parametrize(("below", "value"), PIECES)
def test_a_stamp_in_pieces_is_put_together(below: str, value: str) -> None:
    """The pieces are neighbours and have nothing but words of a date; a video's length is no clock."""
    assert published(below=below) == value


@pytest.mark.parametrize("below", ["<div>Senin (3/6) 14:05 WIB</div>", "<div>3 Juni</div><div>14:05</div>"])
def test_the_address_names_the_year_of_a_stamp_without_one(below: str) -> None:
    """Only if it names that very day."""
    assert published(below=below, url=DATED) == NOON
    assert published(below=below, url=DATED.replace("/06/03", "/06/05")) == "2024-06-05"


def test_a_month_above_its_day_takes_its_year_from_the_address() -> None:
    """A theme's block of a date: month, and day below."""
    assert published(below="<div>Jun</div><div>03</div>", url="https://www.koran.example/2024/06/dua-kapal.html") == (
        "2024-06-03"
    )


ATTRIBUTES = [
    (f'<time datetime="{EXACT}">3 Juni 2024</time>', EXACT),
    (f'<time datetime="{EXACT}"></time>', EXACT),
    ('<time datetime="2024-06-03T07:05:33+00:00">3 Juni 2024 14:05</time>', EXACT),
    ('<time datetime="2024-06-03T20:05:33Z">3 Juni 2024</time>', "2024-06-03T20:05:33+07:00"),
    (f'<time class="entry-date published updated" datetime="{EXACT}">3 Juni 2024</time>', EXACT),
    (f'<abbr class="published" title="{EXACT}">3 Juni 2024</abbr>', EXACT),
    (f'<a class="updated"><abbr class="updated" title="{EXACT}">3 Juni 2024</abbr></a>', EXACT),
    ('<span class="timeago" title="2024-06-03 14:05:33">kemarin</span>', EXACT),
    ('<span data-timestamp="1717398333">baru saja</span>', EXACT),
    (f'<amp-timeago datetime="{EXACT}" locale="id">3 Juni 2024</amp-timeago>', EXACT),
    ('<time datetime="2024-05-20T10:00:00+07:00">3 Juni 2024 14:05 WIB</time>', NOON),
]


@pytest.mark.parametrize(("below", "value"), ATTRIBUTES)
def test_an_attribute_for_machines_makes_the_print_exact(below: str, value: str) -> None:
    """The text of an element decides, its attribute adds what the text leaves out."""
    assert published(below=below) == value


@pytest.mark.parametrize(
    "below",
    [
        f'<time class="published" datetime="{NOON}">3 Juni 2024</time>'
        '<time class="updated" datetime="2024-06-04T09:00:00+07:00">4 Juni 2024</time>',
        "<div>Diperbarui: 4 Juni 2024 09:00 WIB</div><div>Diterbitkan: 3 Juni 2024 14:05 WIB</div>",
        "<div>Tayang: 3 Juni 2024 14:05 WIB | Terakhir diubah: 4 Juni 2024 09:00 WIB</div>",
        "<div>3 Juni 2024 14:05 WIB</div><div>Terakhir diperbarui</div><div>4 Juni 2024 09:00 WIB</div>",
    ],
)
def test_publication_and_update_are_told_apart(below: str) -> None:
    """By the class of an element or by the words before a date, in whatever order."""
    article = read(below=below)
    assert article.published_at.isoformat() == NOON
    assert article.modified_at is not None
    assert article.modified_at.isoformat() == "2024-06-04T09:00:00+07:00"


def test_an_update_never_counts_where_a_publication_stamp_exists() -> None:
    """In metadata too; a theme that prints the last change without a word about it is found out."""
    silent = read(head=meta(NOON) + changed("2024-06-04T09:00:12+07:00"), below="<div>4 Juni 2024 09:00</div>")
    assert (silent.published_at.isoformat(), silent.flags) == (NOON, ("metadata-contradicts",))
    labelled = read(head=meta(NOON), below="<div>Terakhir diubah 4 Juni 2024 09:00 WIB</div>")
    assert (labelled.published_at.isoformat(), labelled.flags) == (NOON, ())


OTHERS = [
    {"after": '<div class="comments"><p>Budi</p><time datetime="2024-06-05T10:00:00+07:00">5 Juni 2024</time></div>'},
    {"below": '<ul class="related"><li><a href="/x">Judul</a><time datetime="2024-05-01">x</time></ul>'},
    {"above": '<div><a href="/x">Judul lain</a><span>27 Mei 2024 10:00 WIB</span></div>'},
    {"above": "<div>Selasa, 4 Juni 2024</div>", "fetched": NEXT_DAY},
    {"above": "<div>Selasa, 4 Juni 2024 | 09:12 WIB</div>", "fetched": NEXT_DAY},
    {"below": "<p>Warga menunggu di dermaga kota, Minggu (2/6/2024). (Foto: Rina)</p>"},
    {"below": "<div>Pesta rakyat Teluk: Sabtu, 8 Juni 2024</div>"},
]


@pytest.mark.parametrize("page", OTHERS)
def test_a_date_of_something_else_never_lends_the_stamp(page: dict[str, str]) -> None:
    """Comments, other stories, the day of the visit, a caption, an event."""
    assert published(head=meta(NOON), **page) == NOON


def test_the_day_of_the_visit_alone_is_doubted() -> None:
    """Where nothing else dates the page, a date above the headline may be today's."""
    assert read(above="<div>Selasa, 4 Juni 2024</div>", fetched=NEXT_DAY).flags == ("print-is-crawl-day",)


MISTAKEN = [
    # the sign turned round
    {"head": meta("2024-06-03T14:05:33-07:00"), "below": "<div>3 Juni 2024 14:05</div>"},
    {"head": meta("2024-06-03T14:05:33-07:00") + meta("Mon, 03 Jun 2024 14:05:33 GMT", "pubdate")},
    {"head": meta("2024-06-03T14:05:33-07:00")},
    # local time that claims to be UTC: the print, the fetch, the last change, the address or other data know better
    {"head": meta("2024-06-03T14:05:33Z"), "below": "<div>3 Juni 2024 14:05</div>"},
    {"head": meta("2024-06-03T14:05:33Z"), "below": "<div>Senin, 3 Juni 2024 14:05 WIB</div>"},
    {"head": meta("2024-06-03T14:05:33+00:00"), "fetched": FETCHED},
    {"head": meta("2024-06-03T14:05:33Z") + changed("2024-06-03T14:30:00+07:00")},
    {
        "head": meta("2024-06-03T14:05:33Z") + changed("2024-06-03T15:30:00Z"),
        "below": "<p>Diperbarui 3/6/2024 15:30</p>",
    },
    {"head": meta("2024-06-03T14:05:33Z") + data(datePublished="2024-06-03T14:05:33+07:00")},
    {"head": meta("2024-06-03T14:05:33Z") + data(datePublished="2024-06-03T14:05:33")},
]


@pytest.mark.parametrize("page", MISTAKEN)
def test_a_label_that_other_witnesses_refute_is_not_believed(page: dict[str, str]) -> None:
    """The clock is kept, its zone is the publisher's, and a flag says so."""
    article = read(**page)
    assert article.published_at.isoformat() == EXACT
    assert "zone-mistaken" in article.flags


@pytest.mark.parametrize(
    ("page", "value"),
    [
        ({"head": meta("2024-06-03T07:05:33Z")}, EXACT),
        ({"head": meta("2024-06-03T07:05:33Z"), "fetched": FETCHED}, EXACT),
        ({"head": meta("2024-06-03T07:05:33Z"), "below": "<p>3 Juni 2024 14:05 WIB</p>"}, EXACT),
        ({"head": meta("2024-06-03T14:05:33+08:00")}, "2024-06-03T14:05:33+08:00"),
        ({"head": meta("2024-06-03 07:05:33", "pubdate"), "below": "<p>3 Juni 2024 14:05 WIB</p>"}, EXACT),
        ({"head": meta("2024-06-02T20:05:33Z"), "url": DATED}, "2024-06-03T03:05:33+07:00"),
    ],
)
def test_a_true_label_is_believed(page: dict[str, str], value: str) -> None:
    """UTC is mostly UTC."""
    article = read(**page)
    assert (article.published_at.isoformat(), article.flags) == (value, ())


REGIONS = [
    # a clock without a zone, as far ahead of UTC as another zone is
    ({"head": meta("2024-06-03T06:05:33Z"), "below": "<p>3 Juni 2024 14:05</p>"}, "2024-06-03T14:05:33+08:00"),
    (
        {"head": meta("2024-06-03T05:05:33Z") + data(datePublished="2024-06-03T14:05:33")},
        "2024-06-03T14:05:33+09:00",
    ),
    # metadata in WIB, and the dateline's place (Ambon) is two hours ahead as the print is
    ({"head": meta("2024-06-03T14:05:33+07:00"), "below": "<p>3 Juni 2024 16:05</p>"}, "2024-06-03T16:05:33+09:00"),
    # the printed zone beats the label of the same clock
    ({"head": meta("2024-06-03T14:05:33+07:00"), "below": "<p>3 Juni 2024 14:05 WIT</p>"}, "2024-06-03T14:05:33+09:00"),
    # the place alone is no evidence
    ({"below": "<p>3 Juni 2024 14:05</p>"}, NOON),
]


@pytest.mark.parametrize(("page", "value"), REGIONS)
def test_a_regions_clock_is_found_by_comparison(page: dict[str, str], value: str) -> None:
    """The zone of a clock that prints none is the one by which it is ahead of metadata."""
    assert published(**page) == value


NAMES = [
    "pubdate", "PublishDate", "publish-date", "date", "DC.date.issued", "dcterms.created", "sailthru.date",
    "parsely-pub-date", "article:published", "og:published_time", "OriginalPublicationDate", "bt:pubDate",
    "cXenseParse:recs:publishtime", "rnews:datePublished", "citation_publication_date", "datePublished",
    "article.created", "release_date",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("attribute", ["name", "property"])
def test_metadata_name_the_publication_in_many_ways(name: str, attribute: str) -> None:
    """All of these names are in use, in any case and attribute."""
    assert published(head=f'<meta {attribute}="{name}" content="{NOON}">') == NOON


@pytest.mark.parametrize("name", ["article:publisher", "expires", "render_date", "validdate", "copyright"])
def test_a_meta_element_of_something_else_dates_nothing(name: str) -> None:
    """A page whose only date is that of its expiry has none."""
    with pytest.raises(Rejected, match="no-date"):
        read(head=meta(NOON, name))


DATA = [
    data(datePublished=1717398333),
    data(datePublished=1717398333000),
    data(datePublished={"@type": "Date", "@value": "2024-06-03T14:05:33+07:00"}),
    '<meta itemprop="datepublished" content="2024-06-03T14:05:33+07:00">',
    '<META HTTP-EQUIV="Date" CONTENT="Mon, 03 Jun 2024 14:05:33 +0700">',
    meta("2024-06-03", "dc.date")
    + meta("2024-06-03 14:05:33", "sailthru.date")
    + meta("2024-06-03T07:05:33Z", "pubdate"),
]


@pytest.mark.parametrize("head", DATA)
def test_metadata_have_many_forms(head: str) -> None:
    """Numbers, objects, attributes in any case, and several that complete each other."""
    assert published(head=head) == EXACT


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "0000-00-00 00:00:00", "0001-01-01T00:00:00Z", "0"])
def test_a_default_date_counts_as_missing(text: str) -> None:
    """It neither dates a page nor contradicts its print."""
    with pytest.raises(Rejected, match="no-date"):
        read(head=meta(text))
    article = read(head=meta(text), below="<div>3 Juni 2024 14:05 WIB</div>")
    assert (article.published_at.isoformat(), article.flags) == (NOON, ())


@pytest.mark.parametrize("text", ["Kamis, 01 Januari 1970 07:00 WIB", "00-00-0000 00:00", "01 Januari 0001"])
def test_a_printed_default_is_no_stamp(text: str) -> None:
    """Templates print an empty field so."""
    with pytest.raises(Rejected, match="no-date"):
        read(below=f"<div>{text}</div>")
    assert published(below=f"<div>{text}</div>", head=meta(NOON)) == NOON


@pytest.mark.parametrize("text", ["2024-06-03T00:00:00+07:00", "2024-06-03T00:00:00Z", "2024-06-02T17:00:00Z"])
def test_midnight_in_metadata_is_a_day(text: str) -> None:
    """A database without a clock writes a day so; nothing says that the story appeared at midnight."""
    assert published(head=meta(text)) == "2024-06-03"
    assert published(head=meta(text), below="<div>3 Juni 2024</div>") == "2024-06-03"


def test_metadata_that_disagree_are_weighed() -> None:
    """The address and a second witness decide, not the order; a flag tells the doubt."""
    late = meta("2024-06-10T14:05:00+07:00") + meta(NOON, "pubdate")
    by_address = read(head=late, url=DATED)
    assert (by_address.published_at.isoformat(), by_address.flags) == (NOON, ("metadata-contradicts",))
    three = late + meta("2024-06-03T07:05:00Z", "parsely-pub-date")
    assert published(head=three) == NOON


def test_a_misprinted_weekday_yields_to_the_day_of_the_address() -> None:
    """The printed clock is kept."""
    article = read(below="<div>Selasa, 3 Juni 2024 14:05 WIB</div>", url=DATED)
    assert (article.published_at.isoformat(), article.flags) == (NOON, ("weekday-contradicts",))


def test_a_clock_in_an_unknown_zone_gives_the_day_or_what_metadata_say() -> None:
    """It is never taken for WIB."""
    alone = read(below="<div>3 Juni 2024 14:05 NPT</div>")
    assert (alone.published_at.isoformat(), alone.flags) == ("2024-06-03", ("zone-unknown",))
    assert published(below="<div>3 Juni 2024 14:05 NPT</div>", head=meta("2024-06-03T15:20:00+07:00")) == (
        "2024-06-03T15:20:00+07:00"
    )


def test_a_relative_stamp_counts_from_the_fetch() -> None:
    """And is nothing without it."""
    assert published(below="<span>2 jam lalu</span>", fetched=FETCHED) == "2024-06-03T14:00:00+07:00"
    assert published(below="<span>Kemarin, 14:05 WIB</span>", fetched=NEXT_DAY) == NOON
    with pytest.raises(Rejected, match="no-date"):
        read(below="<span>2 jam lalu</span>")


def test_a_stamp_below_the_story_counts_if_it_says_so() -> None:
    """Other dates there are of comments and other stories."""
    assert published(after="<p>Diterbitkan pada 3 Juni 2024 14:05 WIB</p>") == NOON
    with pytest.raises(Rejected, match="no-date"):
        read(after="<p>Rabu, 5 Juni 2024 14:05 WIB</p>")

"""Names on a page: where they stand, in which forms, and what is none."""

from __future__ import annotations

import json
import time

import pytest

from archive.records import Article
from reading.article import normalise
from reading.extract.page import extract
from sources.definition import Feed, Layout, Source
from tests.support.machine import assert_cheap

URL = "https://www.pelitakota.example.id/berita/1201/kapal-beras-tiba-di-pelabuhan-lama"
STORY = (
    "Kapal pengangkut beras tiba di pelabuhan pada pagi hari setelah tiga hari berlayar dari pulau seberang, katanya."
)
STAMP = "<div>Selasa, 10 Juni 2025 08:00 WIB</div>"
SOURCE = Source(
    name="pelita",
    title="Pelita Kota",
    domains=("pelitakota.example.id",),
    finds=(Feed("https://www.pelitakota.example.id/rss"),),
    article=r"https?://www\.pelitakota\.example\.id/berita/\d+",
    layouts=(Layout(title=("h1",), body=("#isi",), authors=(".author",), editors=(".red",)),),
    terms="robots.txt allows all.",
)


def page(above: str = "", below: str = "", head: str = "", stamp: str = STAMP) -> str:
    return (
        f"<title>Kapal Beras Tiba di Pelabuhan Lama - Pelita Kota</title>{head}"
        f"<h1>Kapal Beras Tiba di Pelabuhan Lama</h1>{stamp}{above}"
        f"<div id=isi><p>{STORY}</p><p>{STORY}</p></div>{below}"
    )


def read(html: str, source: Source | None = None) -> Article:
    raw = extract(html.encode(), url=URL, source=source)
    return normalise(raw, source=source, url=URL, fetched_at=None)


def named(html: str, source: Source | None = None) -> tuple[str, str]:
    article = read(html, source)
    return ", ".join(article.authors), ", ".join(article.editors)


BOTH = ("Ani Lestari", "Budi Raharja")


@pytest.mark.parametrize(
    "html",
    [
        page("<div><b>Ani Lestari</b> <span>Penulis</span></div><div><b>Budi Raharja</b> <span>Editor</span></div>"),
        page("<a>Ani Lestari</a><span>Author</span><br><a>Budi Raharja</a><span>Editor</span>"),
        page("<div><b>Penulis</b><b>Ani Lestari</b></div><div><b>Editor</b><b>Budi Raharja</b></div>"),
        page(below="<dl><dt>Reporter<dd>Ani Lestari<dt>Redaktur<dd>Budi Raharja</dl>"),
        page(below="<table><tr><th>Penulis<th>Editor<tr><td>Ani Lestari<td>Budi Raharja</table>"),
        page(below="<p>Ani Lestari (Penulis)</p><p>Budi Raharja (Editor)</p>"),
        page(below="<p>penulis: Ani Lestari</p><p>editor: budi raharja</p>"),
        page(below="<small>Rep: Ani Lestari / Red: Budi Raharja</small>"),
        page("<a>Tim Redaksi</a><div class=popover style='display:none'><div>Ani Lestari</div><div>Penulis</div>"
             "<div>Budi Raharja</div><div>Editor</div></div>"),
        page("<a>Tim Redaksi</a><div class='modal-redaksi'><div hidden><p>Penulis: Ani Lestari</p>"
             "<p>Editor: Budi Raharja</p></div></div>"),
        page('<a data-content="<p>Penulis: Ani Lestari</p><p>Editor: Budi Raharja</p>">Tim Redaksi</a>'),
        page("<i title=Penulis></i>", "").replace(
            "<i title=Penulis></i>",
            "<div><i title='Penulis'></i> Ani Lestari</div><div><img alt=Editor src=e.svg> Budi Raharja</div>"),
        page(below="<div>x</div>" * 60 + "<ul class=article-credits><li><b>Ani Lestari</b><i>Author</i>"
             "<li><b>Budi Raharja</b><i>Editor</i></ul>"),
        page(head="<script>window.kmklabs.gtm = {'authors': 'Ani Lestari', \"editors\": \"Budi Raharja\"}</script>"),
        page(head="<script>dataLayer.push({'penulis': 'Ani Lestari', \"editor\": \"Budi Raharja\"})</script>"),
        page("<div class=author>Oleh Ani Lestari pada 10 Juni 2025, 08:00 WIB</div>",
             head="<meta name=content_editor content='Budi Raharja'>"),
    ],
)  # fmt: skip
def test_writer_and_editor_are_told_apart_by_their_roles(html: str) -> None:
    """Before or after the name, glued to it, in the next cell, in a box that opens on a click, an icon or a script."""
    assert named(html) == BOTH


@pytest.mark.parametrize(
    "line",
    [
        "Ani Lestari | Selasa, 10 Juni 2025 08:00 WIB",
        "Oleh: <b>Ani Lestari</b>, Selasa, 10 Juni 2025 08:00 WIB",
        "Selasa, 10 Juni 2025 08:00 WIB | Penulis: Ani Lestari",
        "EKONOMI | 10 Juni 2025 08:00 Reporter : Ani Lestari",
        "Selasa, 10 Juni 2025 08:00 WIB oleh Ani Lestari",
        "<span>Ani Lestari</span> &bull; <span>10 Juni 2025 08:00 WIB</span>",
        "Ani Lestari , Jurnalis - Selasa, 10 Juni 2025 08:00 WIB",
    ],
)
def test_a_name_may_share_the_stamps_line(line: str) -> None:
    assert named(page(stamp=f"<div>{line}</div>")) == ("Ani Lestari", "")


@pytest.mark.parametrize(
    "line",
    ["Oleh Ani Lestari dan Budi Raharja", "Penulis: Ani Lestari, Budi Raharja", "By Ani Lestari & Budi Raharja",
     "10 Juni 2025 08:00 oleh Ani Lestari dan Budi Raharja"],
)  # fmt: skip
def test_several_writers_are_read(line: str) -> None:
    assert named(page(f"<div>{line}</div>")) == ("Ani Lestari, Budi Raharja", "")


@pytest.mark.parametrize(
    "html",
    [
        page(below="<h4>EDITOR CHOICE</h4><a href=/x>Harga Cabai Turun</a>"),
        page(below="<div>Editor Choice</div>"),
        page(below="<div>Pilihan Editor</div><a href=/x>Wali Kota Membuka Jembatan Gantung di Muara</a>"),
        page("<div class=author>Toggle</div>"),
        page("<div class=author>Credits</div>"),
        page("<div class=author>Persaingan</div>"),
        page("<div class=penulis>Penulis Populer</div>"),
        page("<div class=author>Admin</div>"),
        page("<div>Oleh Pelita Kota</div>"),
        page("<div class=author>Pelita Kota</div>", head="<meta property=og:site_name content='Pelita Kota'>"),
        page("<div>Penulis: Tim Redaksi</div>"),
        page("<div class=author><a href=/ekonomi>Ekonomi</a></div>"),
        page(below="<h3>Berita Lainnya</h3><p>Wali Kota Membuka Jembatan</p><p>Oleh: Joko Susilo</p>"),
        page(below="<a href=/x>Wali Kota Membuka Jembatan Gantung di Muara</a><p>Penulis: Joko Susilo</p>"),
        page(below="<div class=terkait><p>Penulis: Joko Susilo</p></div>"),
        page(below="<div><p>Pemimpin Redaksi: Joko Susilo</p><p>Reporter: Sri Wahyuni, Dwi Hartono</p></div>"),
        page(below="<div class=komentar-baru><div id=comments><b class=author>Joko Susilo</b><p>Bagus</p></div></div>"),
        page(head="<meta property=article:author content='https://facebook.example/pelita'>"
             "<meta name=author content='redaksi@pelitakota.example.id'>"),
        page(head='<script type="application/ld+json">{"@type": "NewsArticle", "author": '
             '{"@type": "Organization", "name": "Dewi Sartika"}}</script>'),
    ],
)  # fmt: skip
def test_menu_words_media_other_stories_and_readers_are_nobody(html: str) -> None:
    assert named(html) == ("", "")


@pytest.mark.parametrize(
    "text", ["Toggle navigation", "Beranda Ekonomi Olahraga", "Kapal Beras Tiba di Pelabuhan Lama"]
)
def test_a_layouts_selector_that_hits_a_menu_names_nobody(text: str) -> None:
    """The fallback then reads the lines near the headline, as careful as without a layout."""
    html = page(f"<div class=author>{text}</div><p>Penulis: Ani Lestari</p>", "<div class=red>Pilihan Editor</div>")
    assert named(html, SOURCE) == ("Ani Lestari", "")


def test_an_editor_in_metadata_counts_beside_a_printed_writer() -> None:
    """But metadata never add a writer to a printed one: some name the editor there."""
    described = json.dumps({"@type": "NewsArticle", "author": {"name": "Budi Raharja"}, "editor": "Budi Raharja"})
    head = f'<script type="application/ld+json">{described}</script>'
    assert named(page("<p>Penulis: Ani Lestari</p>", head=head)) == BOTH


@pytest.mark.parametrize(
    "below",
    [
        "<p>Penulis</p>" * 5_000,
        "<div class=author>Ani Lestari</div>" * 5_000,
        f"<div class=popover>{'<p>Penulis: Ani Lestari</p>' * 3_000}</div>",
        "<i title=Penulis></i>" * 5_000,
        f"<p>{'Penulis ' * 20_000}</p>",
        "<div class=credit>" * 2_000,
        f"<a data-content='{'Penulis: ' * 20_000}'>x</a>",
    ],
)
def test_a_page_of_thousands_of_roles_is_read_in_little_time(below: str) -> None:
    started = time.process_time()
    read(page(below=below))
    assert_cheap(started, 3)


def test_a_name_before_the_stamp_on_one_line_needs_a_given_name_or_a_mark_between_them() -> None:
    meta = "<div><span>{}</span> <span>10 Juni 2025, 08:00 WIB</span> <span>1.234 dilihat</span></div>"
    assert named(page(stamp=meta.format("Ani Lestari"))) == ("Ani Lestari", "")
    for section in ("Liga Putri", "Kota Tua"):
        assert named(page(stamp=meta.format(section))) == ("", "")


def test_the_stamp_and_the_byline_of_a_gallery_stand_above_its_captions() -> None:
    shown = "".join(
        f"<figure><img src=/{number}.jpg><figcaption>Kapal beras nomor {number} sandar di pelabuhan. Foto: ANTARA/Sri"
        " Ayu</figcaption></figure>"
        for number in range(4)
    )
    html = (
        "<meta property=og:type content=article><title>Kapal Beras Tiba di Pelabuhan Lama - Pelita Kota</title>"
        f"<h1>Kapal Beras Tiba di Pelabuhan Lama</h1>{STAMP}<p>Oleh: Ani Lestari</p><div>{shown}</div>"
    )
    article = read(html)
    assert (article.published_printed, article.authors) == ("Selasa, 10 Juni 2025 08:00 WIB", ("Ani Lestari",))
    assert len(article.images) == 4
    assert not article.body


@pytest.mark.parametrize(
    "box",
    [
        "<div class=popover style='display:none'><div>Budi Raharja</div><div>Editor</div></div>",
        "<span class='author-tooltip'>Editor: Budi Raharja</span>",
        "<i data-bs-content='Editor: Budi Raharja'></i>",
        "<div class=popover hidden><div class=popover-body>Editor: Budi Raharja</div></div>",
    ],
)
def test_an_editor_in_a_box_stands_beside_the_printed_writer(box: str) -> None:
    """The box that opens on a click names who is not printed."""
    assert named(page(f"<p>Penulis: Ani Lestari</p>{box}")) == BOTH


def test_boxes_that_name_different_editors_name_none() -> None:
    """They belong to other stories too."""
    boxes = "".join(f"<span class=tooltip>Editor: {name}</span>" for name in ("Budi Raharja", "Sri Ayu"))
    assert named(page(f"<p>Penulis: Ani Lestari</p>{boxes}")) == ("Ani Lestari", "")
    help_text = "<span class=tooltip>Editor: lihat semua berita</span>"
    assert named(page(f"<p>Penulis: Ani Lestari</p>{help_text}")) == ("Ani Lestari", "")

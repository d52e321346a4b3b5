"""Reading without a layout: pages of publishers that have no source file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from archive.records import Rejected
from kliping.cli.read_page import read_article
from reading.article import normalise
from reading.extract.page import extract
from reading.extract.raw import FoundText, RawArticle

FIXTURES = Path(__file__).parents[1] / "fixtures" / "generic"
URL = "https://www.koran.example.id/berita/1"
STORY = (
    "Kapal pengangkut beras tiba di pelabuhan pada pagi hari setelah tiga hari berlayar dari pulau seberang, katanya."
)


def article_of(page: bytes, url: str) -> dict[str, Any]:
    return normalise(extract(page, url=url, source=None), source=None, url=url, fetched_at=None).as_json()


def read(html: str) -> RawArticle:
    return extract(html.encode(), url=URL, source=None)


@pytest.mark.parametrize("page", sorted(FIXTURES.glob("*.html")), ids=lambda page: page.stem)
def test_pages_of_many_content_systems_are_read_without_a_source(page: Path) -> None:
    """WordPress, Blogger, Drupal, AMP, Next.js, ASP.NET and tables of 2005, each with its expected fields."""
    expected = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    article = article_of(page.read_bytes(), expected["url"])
    image = (article["images"] or [{}])[0]
    credit = image.get("credit") or {}
    fields = {**article, "caption": image.get("caption"), "place": (article["dateline"] or {}).get("place"), **credit}
    assert {field: fields.get(field) for field in expected} == expected


def without_address(article: dict[str, Any]) -> dict[str, Any]:
    """An article without what depends on its address: a relative picture's host, and a host as a second witness."""
    images = [{**image, "url": urlsplit(image["url"] or "").path} for image in article["images"]]
    found = {name: where.removesuffix("+url") for name, where in article["provenance"].items()}
    return {**article, "images": images, "provenance": found, "id": None, "url": None}


@pytest.mark.parametrize("page", sorted(FIXTURES.glob("*.html")), ids=lambda page: page.stem)
def test_a_page_on_an_unknown_domain_gives_the_same_fields(page: Path) -> None:
    url = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))["url"]
    elsewhere = urlsplit(url)._replace(netloc="berita.unknown-publisher.org").geturl()
    known, unknown = (without_address(article_of(page.read_bytes(), each)) for each in (url, elsewhere))
    assert known == unknown


@pytest.mark.shared
def test_real_pages_on_an_unknown_domain_give_the_same_fields(shared: Path) -> None:
    """Reading without a layout never depends on the domain."""
    for label in sorted((shared / "labels").glob("*.json")):
        url = json.loads(label.read_text(encoding="utf-8"))["url"]
        page = (shared / "pages" / f"{label.stem}.html").read_bytes()
        elsewhere = urlsplit(url)._replace(netloc="berita.unknown-publisher.org").geturl()
        known, unknown = (without_address(article_of(page, each)) for each in (url, elsewhere))
        assert known == unknown, label.stem


def test_source_generic_imports_no_source_file() -> None:
    """Not even for the address of a publisher that has one."""
    for module in [each for each in sys.modules if each.startswith("sources.publishers.")]:
        del sys.modules[module]
    page = FIXTURES / "wordpress.html"
    article = read_article(page.read_bytes(), page, "https://www.antaranews.com/berita/1/x", "generic", None)
    assert article.source == "generic"
    assert not [each for each in sys.modules if each.startswith("sources.publishers.")]


def page_with(head: str = "", above: str = "", below: str = "") -> str:
    return (
        f"<title>Kapal Beras Tiba di Pelabuhan Lama | Koran</title>{head}<body>"
        f"<h1>Kapal Beras Tiba di Pelabuhan Lama</h1><div>Selasa, 10 Juni 2025 08:00 WIB</div>{above}"
        f"<div id=isi><p>{STORY}</p><p>{STORY}</p></div>{below}"
    )


@pytest.mark.parametrize(
    ("html", "writers", "editors"),
    [
        (page_with(above="<div>Penulis: Ani Lestari | Editor: Budi Raharja</div>"), "Ani Lestari", "Budi Raharja"),
        (page_with(above="<p>Rep: Ani Lestari/ Red: Budi Raharja</p>"), "Ani Lestari", "Budi Raharja"),
        (page_with(below="<p>Pewarta: Ani Lestari<br>Editor: Budi Raharja</p>"), "Ani Lestari", "Budi Raharja"),
        (page_with(below="<table><tr><td>Penulis<td>: Ani Lestari<tr><td>Editor<td>: Budi Raharja</table>"),
         "Ani Lestari", "Budi Raharja"),
        (page_with(below="<ul><li>Author<li>Ani Lestari<li>Editor<li>Budi Raharja</ul>"),
         "Ani Lestari", "Budi Raharja"),
        (page_with(below="<div><b>Ani Lestari</b><p>Penulis</p><b>Budi Raharja</b><p>Editor</p></div>"),
         "Ani Lestari", "Budi Raharja"),
        (page_with(above="<div class=nama><div>Ani Lestari</div><span>Jurnalis</span></div>"), "Ani Lestari", ""),
        (page_with(above="<div class=author><b>Ani Lestari</b> - detikNews</div>"), "Ani Lestari", ""),
        (page_with(above="<div class=author-2>Ani Lestari</div>"), "Ani Lestari", ""),
        (page_with(above="<a rel=author href=/ani>Ani Lestari</a>"), "Ani Lestari", ""),
        (page_with(above="<div class=author>Koran Kita</div>", below="<div>Editor : Budi Raharja</div>"),
         "", "Budi Raharja"),
        (page_with(above="<span>By</span> <a rel=author>Ani Lestari</a>"), "Ani Lestari", ""),
        (page_with(above="<div>Laporan wartawan Serambi Indonesia, Ani Lestari</div>"), "Ani Lestari", ""),
        (page_with(head="<meta name=content_author content='Ani Lestari'>"), "Ani Lestari", ""),
        (page_with(head="<meta name=author content='Ani Lestari'>"), "Ani Lestari", ""),
        (page_with(below="<div class=komentar><div class=author>Joko Susilo</div><p>Bagus</p></div>"), "", ""),
        (page_with(above="<div class=menu><a class=author>Redaksi</a></div>"), "", ""),
    ],
)  # fmt: skip
def test_names_are_found_by_label_by_element_and_by_position(html: str, writers: str, editors: str) -> None:
    """Above or below the story, before or after their labels, in table rows and lists; a commentator is no author."""
    article = article_of(html.replace("Koran Kita", "Tim Redaksi").encode(), URL)
    assert (", ".join(article["authors"]), ", ".join(article["editors"])) == (writers, editors)


@pytest.mark.parametrize(
    ("picture", "caption"),
    [
        ("<figure><img src=a.jpg><figcaption>Kapal di dermaga.</figcaption></figure>", "Kapal di dermaga."),
        ("<div><img src=a.jpg><br><span>Kapal di dermaga (ist)</span></div>", "Kapal di dermaga (ist)"),
        ("<div><div>Antara/Rina Dewi</div><img src=a.jpg></div><div class=caption>Kapal di dermaga</div>",
         "Kapal di dermaga (Antara/Rina Dewi)"),
        ("<div><img src=a.jpg><span class=author>KORAN.COM/RINA</span> Kapal di dermaga lama</div>",
         "Kapal di dermaga lama (KORAN.COM/RINA)"),
        ("<div><a href=b.jpg><img src=a.jpg></a><small>lihat foto</small><p>Kapal di dermaga</p></div>",
         "Kapal di dermaga"),
        ("<div><img src=a.jpg alt='Kapal di dermaga'></div>", None),
        ("<div data-description='Kapal beras di dermaga. Dok'><img src=blank.gif data-src=a.jpg></div>",
         "Kapal beras di dermaga. Dok"),
        ("<a data-caption='<b>Kapal</b> beras di dermaga.'><img src=a.jpg></a>", "Kapal beras di dermaga."),
        ("<div data-caption='Kapal Beras Tiba di Pelabuhan Lama'><img src=a.jpg></div>", None),
        ("<img src=a.jpg alt='Kapal beras tiba di dermaga lama. (Foto: Rina Dewi/Antara)'>",
         "Kapal beras tiba di dermaga lama. (Foto: Rina Dewi/Antara)"),
        ("<img src=a.jpg alt='IMG_2025 kapal beras di dermaga lama kota.jpg'>", None),
        ("<p><img src=a.jpg><br>Kapal beras tiba di dermaga lama kota itu pada Selasa pagi yang cerah. (ist)</p>",
         "Kapal beras tiba di dermaga lama kota itu pada Selasa pagi yang cerah. (ist)"),
        ("<p><img src=a.jpg></p><p>Kapal beras tiba di dermaga lama kota itu pada Selasa pagi. Foto: Rina Dewi</p>",
         "Kapal beras tiba di dermaga lama kota itu pada Selasa pagi. Foto: Rina Dewi"),
        ("<img src=a.jpg><div>Keterangan foto: Kapal di dermaga.</div>", "Keterangan foto: Kapal di dermaga."),
        ("<table><tr><td><img src=a.jpg><tr><td><em>Kapal beras tiba di dermaga lama kota itu Selasa.</em></table>",
         "Kapal beras tiba di dermaga lama kota itu Selasa."),
        ("<div class=box><a href=/x><img src=b.jpg></a><h4><a href=/x>Harga Cabai Rawit Turun Lagi</a></h4></div>",
         None),
        ("<aside><figure><img src=b.jpg><figcaption>Berita lain yang ramai dibaca</figcaption></figure></aside>", None),
        ("<div><img src=/icon/fb.png width=24><span>Bagikan ke teman Anda</span></div>", None),
    ],
)  # fmt: skip
def test_the_caption_of_the_main_picture_is_found(picture: str, caption: str | None) -> None:
    """In an element of its own or not, with the credit before or after it; an image's `alt` is no caption."""
    article = article_of(page_with(above=picture).encode(), URL)
    assert next((image["caption"] for image in article["images"]), None) == caption


def test_captions_and_embedded_posts_inside_a_story_are_not_part_of_its_text() -> None:
    raw = read(
        f"<h1>Kapal Beras Tiba di Pelabuhan Lama</h1><div><p>{STORY}</p><div><img src=b.jpg></div>"
        f"<div><em>Kapal di dermaga lama. Foto: Antara</em></div><p>{STORY}</p>"
        "<blockquote class=twitter-tweet><p>Kapal itu akhirnya tiba juga, terima kasih semua yang menunggu</p>"
        "</blockquote></div>"
    )
    assert raw.body == (STORY, STORY)


@pytest.mark.parametrize(
    "line",
    ["Baca juga: Harga Beras Turun", "BACA JUGA : Harga Beras Turun", "Simak juga: Harga Beras", "ADVERTISEMENT",
     "SCROLL TO CONTINUE WITH CONTENT", "Scroll ke bawah untuk melanjutkan membaca", "Pilihan Editor: Harga Beras",
     "Halaman Selanjutnya", "Simak Video", "Follow Berita Koran di Google News", "Tag: beras",
     "Ikuti Whatsapp Channel Koran", "[Gambas:Video 20detik]"],
)  # fmt: skip
def test_lines_of_the_site_are_not_part_of_the_story(line: str) -> None:
    page = page_with().replace("</p><p>", f"</p><p>{line}</p><p>")
    assert article_of(page.encode(), URL)["body"] == [STORY, STORY]


def test_an_article_body_in_json_ld_counts_only_if_the_markup_has_no_story_or_a_different_one() -> None:
    """It is one line on some pages and cut short on others, so markup with the same story takes precedence."""
    article_body = " ".join([STORY] * 3)
    described = json.dumps({"@type": "NewsArticle", "articleBody": article_body})
    script = f'<script type="application/ld+json">{described}</script>'
    assert read(page_with(head=script)).body == (STORY, STORY)
    assert read(f"{script}<h1>Judul</h1><div id=app></div>").body == (article_body,)
    other = (
        "Situs ini memakai kuki untuk mengenali pembaca yang kembali dan untuk menghitung berapa kali halaman dibuka. "
        * 3
    )
    assert read(f"{script}<h1>Judul</h1><p>{other}</p>").body == (article_body,)


def test_a_page_whose_wrapper_is_named_after_its_sidebar_still_has_a_story() -> None:
    """A template's class on the wrapper must not hide everything inside it."""
    assert read(f"<h1>Kapal Beras Tiba</h1><div class='sidebar right'><p>{STORY}</p><p>{STORY}</p></div>").body


_PAID = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": %s%s}</script>'


@pytest.mark.parametrize(
    "page",
    [
        page_with(head=_PAID % ("false", "")),
        page_with(head=_PAID % ('"False"', "")),
        page_with(head=_PAID % ("false", ', "wordCount": 900')).replace(STORY, f"{STORY} " * 8),
        page_with(below="<div class=dinding>Langganan untuk membaca artikel ini selengkapnya</div>"),
        page_with(below="<aside><h3>Artikel ini khusus untuk pelanggan</h3><a href=/masuk>Masuk</a></aside>"),
        page_with(below="<form><p>Untuk melanjutkan membaca, silakan berlangganan.</p><input name=surel></form>"),
        page_with(below="<p>Sudah berlangganan? <a href=/masuk>Masuk</a></p>"),
        page_with(below="<div>Subscribe to continue reading</div>"),
    ],
)
def test_a_teaser_before_a_pay_barrier_is_rejected_by_name(page: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(page)
    assert caught.value.reason == "paywall"


@pytest.mark.parametrize(
    "page",
    [
        page_with(head=_PAID % ("false", "")).replace(STORY, f"{STORY} " * 6),
        page_with(head=_PAID % ("true", "")),
        page_with(below="<div>Langganan newsletter kami sekarang!</div>"),
        page_with().replace("<body>", "<body><div>Sudah berlangganan? <a href=/masuk>Masuk</a></div>"),
        page_with(below="<p>Artikel ini khusus untuk pelanggan</p>").replace(STORY, f"{STORY} " * 6),
    ],
)
def test_a_whole_story_is_an_article_despite_offers_around_it(page: str) -> None:
    """A page that calls itself paid and prints the whole story, an invitation in the head, a newsletter."""
    assert read(page).body


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (
            f"<title>404 - Halaman tidak ditemukan</title><h1>Maaf</h1><div><p>{STORY}</p><p>{STORY}</p></div>",
            "not-found",
        ),
        (f"<title>Attention Required! | Cloudflare</title><div><p>{STORY}</p><p>{STORY}</p></div>", "blocked"),
        (
            "<title>Koran</title><form><p>Buktikan bahwa Anda bukan robot.</p><p>Centang kotak ini.</p></form>",
            "blocked",
        ),
    ],
)
def test_error_and_captcha_pages_with_much_text_are_not_articles(page: str, reason: str) -> None:
    """Their teasers or explanations are long enough for a story, but they have no stamp and an error's title."""
    with pytest.raises(Rejected) as caught:
        read(page)
    assert caught.value.reason == reason


def test_the_printed_headline_is_used_even_if_it_is_not_an_h1() -> None:
    """The logo is the <h1> on many pages, and <title> adds the publisher."""
    page = (
        "<title>Kapal Beras Tiba di Pelabuhan Lama, Ada Apa? - Koran</title><h1>Koran</h1>"
        f"<div>Selasa, 10 Juni 2025</div><h3>Kapal Beras Tiba di Pelabuhan Lama, Ada Apa?</h3>"
        f"<div><p>{STORY}</p><p>{STORY}</p></div>"
    )
    assert article_of(page.encode(), URL)["title"] == "Kapal Beras Tiba di Pelabuhan Lama, Ada Apa?"


def test_names_passed_to_the_tag_manager_take_precedence_over_json_ld() -> None:
    """JSON-LD names the editor as author on several sites; the tag manager gets both."""
    raw = read(
        page_with(
            head="<script>dataLayer = [{'penulis': 'Ani Lestari', 'editor': \"Budi Raharja\"}]</script>"
            '<script type="application/ld+json">{"@type": "Article", "author": {"name": "Budi Raharja"}}</script>'
        )
    )
    assert raw.authors == (FoundText("Ani Lestari", "script"),)
    assert raw.editors == (FoundText("Budi Raharja", "script"),)

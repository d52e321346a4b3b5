"""The whole story is read, or a flag says that it is not (docs/decisions/0020)."""

from __future__ import annotations

import json

import pytest

from archive.records import Article, Rejected
from reading.article import normalise
from reading.extract.page import extract

TITLE = "Panen Rumput Laut di Wuna Naik Dua Kali Lipat"
URL = "https://www.koran.example/berita/4012345/panen-rumput-laut"
HEAD = f"<title>{TITLE}</title><meta property=og:title content='{TITLE}'>"
ABOVE = f"<h1>{TITLE}</h1><div class=tanggal>Selasa, 10 Juni 2025 08:00 WIB</div>"
STORY = [
    f"Alinea {number}: petani rumput laut di pesisir Wuna menjemur hasil panen ke-{number} di tepi jalan desa, kata "
    f"kepala koperasi setempat saat ditemui pada pekan ke-{number} bulan ini."
    for number in range(1, 9)
]


def read(html: str, head: str = HEAD) -> Article:
    raw = extract(f"<html><head>{head}</head><body>{html}</body></html>".encode(), url=URL, source=None)
    return normalise(raw, source=None, url=URL, fetched_at=None)


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


WHOLE = [
    ("paragraphs", f"<div class=isi>{paragraphs(STORY)}</div>"),
    ("a container for each", "<main>" + "".join(f"<div class=teks><p>{each}</p></div>" for each in STORY) + "</main>"),
    ("deep containers", "<main>" + "".join(f"<div><div><div>{each}</div></div></div>" for each in STORY) + "</main>"),
    (
        "advertisements between containers",
        "<main>"
        + "<div class=iklan><a href=/x>Beli sekarang</a></div>".join(f"<div><p>{each}</p></div>" for each in STORY)
        + "</main>",
    ),
    (
        "sections",
        f"<article><section>{paragraphs(STORY[:4])}</section><section>{paragraphs(STORY[4:])}</section></article>",
    ),
    (
        "blocks of one class",
        f"<div class=isi>{paragraphs(STORY[:3])}</div><div class=iklan>Iklan</div>"
        f"<div class=isi>{paragraphs(STORY[3:])}</div>",
    ),
    (
        "parts that are not displayed",
        f"<div class=isi><div class=bagian>{paragraphs(STORY[:4])}</div>"
        f"<div class=bagian style='display:none'>{paragraphs(STORY[4:])}</div></div>",
    ),
    ("a container named after advertisements", f"<div class='konten-ads'>{paragraphs(STORY)}</div>"),
    ("a container named after a caption", f"<div id=contentImageCaption>{paragraphs(STORY)}</div>"),
    ("line breaks", f"<div class=isi>{'<br><br>'.join(STORY)}</div>"),
    ("table cells of 2005", f"<table><tr><td><font>{'<br><br>'.join(STORY)}</font></td></tr></table>"),
]


@pytest.mark.parametrize("html", [html for _, html in WHOLE], ids=[name for name, _ in WHOLE])
def test_every_paragraph_is_read_whatever_contains_it(html: str) -> None:
    article = read(ABOVE + html)
    assert list(article.body) == STORY
    assert article.flags == ()


AMID = [
    "<p>©2025 Kantor Foto/AFP</p>",
    "<p>Kontak: koperasi desa, telepon 0401-0000.</p>",
    "<div class=iklan><p>Pasang iklan di sini</p></div>",
    "<p>Baca juga: <a href=/y>Harga Beras di Wuna Turun</a></p>",
    "<blockquote class=twitter-tweet><p>Semoga lekas pulih.</p></blockquote>",
]


@pytest.mark.parametrize("line", AMID)
def test_what_stands_amid_a_story_does_not_end_it(line: str) -> None:
    article = read(f"{ABOVE}<div class=isi>{paragraphs(STORY[:4])}{line}{paragraphs(STORY[4:])}</div>")
    assert [each for each in article.body if each in STORY] == STORY


@pytest.mark.parametrize("day", ["(18/10)", "(Selasa, 18/10)", "[18/10/2022]"])
def test_a_paragraph_below_a_picture_that_ends_in_a_day_is_text_and_no_caption(day: str) -> None:
    first = f"{STORY[0].rstrip('.')} {day}."
    article = read(f"{ABOVE}<div class=isi><img src=/a.jpg width=600>{paragraphs([first, *STORY[1:]])}</div>")
    assert list(article.body) == [first, *STORY[1:]]
    assert not any(image.caption for image in article.images)


def test_labels_of_a_list_are_no_copyright_signs() -> None:
    labels = [
        "(a) memiliki kartu nelayan;",
        "(b) tinggal di Wuna;",
        "(c) memiliki perahu; dan",
        "(d) belum pernah dibantu.",
    ]
    article = read(f"{ABOVE}<div class=isi>{paragraphs([*STORY[:2], *labels, *STORY[2:]])}</div>")
    assert list(article.body) == [*STORY[:2], *labels, *STORY[2:]]
    assert article.credit is None


def test_a_correction_stands_and_what_is_struck_out_goes() -> None:
    corrected = (
        "<p>Nilai bantuan mencapai <del>Rp7,5</del><ins>Rp5,5</ins> miliar untuk tahun ini, kata kepala koperasi.</p>"
    )
    ad = "<ins class=adsbygoogle>Iklan: beli dua gratis satu</ins>"
    article = read(f"{ABOVE}<div class=isi>{paragraphs(STORY[:2])}{ad}{corrected}{paragraphs(STORY[2:])}</div>")
    assert article.body[2] == "Nilai bantuan mencapai Rp5,5 miliar untuk tahun ini, kata kepala koperasi."
    assert not any("Iklan" in each for each in article.body)


def json_ld(**fields: object) -> str:
    described = {"@type": "NewsArticle", "headline": TITLE} | fields
    return f'<script type="application/ld+json">{json.dumps(described)}</script>'


SHORT = f"<div class=isi>{paragraphs(STORY[:3])}</div>"
INCOMPLETE = [
    ("articleBody has more", HEAD + json_ld(articleBody=" ".join(STORY)), SHORT),
    ("wordCount counts more", HEAD + json_ld(wordCount=300), SHORT),
    ("page 1 of 4", HEAD, f"{SHORT}<div class=paging>1 dari 4 halaman</div>"),
    ("a link to the second page", HEAD, f"{SHORT}<div class=paging><a href='{URL}?page=2'>2</a></div>"),
    (
        "a text cut off",
        HEAD,
        f"<div class=isi>{paragraphs(STORY[:2])}<p>Menurut ketua koperasi, hasil panen itu...</p></div>",
    ),
]


@pytest.mark.parametrize(("head", "html"), [row[1:] for row in INCOMPLETE], ids=[row[0] for row in INCOMPLETE])
def test_a_story_of_which_more_exists_is_flagged(head: str, html: str) -> None:
    assert "body-incomplete" in read(ABOVE + html, head).flags


COMPLETE = [
    ("articleBody agrees", HEAD + json_ld(articleBody=" ".join(STORY[:3])), SHORT),
    ("wordCount agrees", HEAD + json_ld(wordCount=70), SHORT),
    ("the last page", HEAD, f"{SHORT}<div class=paging>4 dari 4 halaman</div>"),
    ("a link to another story's page", HEAD, f"{SHORT}<div class=paging><a href='/indeks?page=2'>2</a></div>"),
    ("a summary", HEAD + f"<meta name=description content='{STORY[0][:90]}...'>", SHORT),
]


@pytest.mark.parametrize(("head", "html"), [row[1:] for row in COMPLETE], ids=[row[0] for row in COMPLETE])
def test_a_whole_story_is_not_flagged(head: str, html: str) -> None:
    assert "body-incomplete" not in read(ABOVE + html, head).flags


def test_an_offer_of_a_subscription_is_no_story() -> None:
    offer = (
        "<div class=isi><p>Berlangganan sekarang untuk membaca artikel ini dan ribuan artikel lain tanpa iklan.</p>"
        "<p>Paket bulanan Rp49.000, paket tahunan Rp399.000. Sudah berlangganan? Masuk di sini.</p></div>"
    )
    with pytest.raises(Rejected) as rejected:
        read(ABOVE + offer)
    assert rejected.value.reason in ("paywall", "no-article")

"""From what a page prints to the article that we believe."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sources
from archive.identity import article_id
from archive.records import Article, Precision, Rejected
from reading.article import normalise
from reading.extract.clipping import read_clipping
from reading.extract.page import extract
from reading.extract.raw import FoundText, RawArticle, RawImage
from sources import Feed, Layout, Source
from tests.support.machine import assert_cheap

SHARED = Path(__file__).parents[2].parent / "shared"
URL = "https://www.koran.example.id/berita/1/kapal-beras"
SOURCE = Source(
    name="koran",
    title="Koran",
    domains=("koran.example.id",),
    zone="Asia/Makassar",
    finds=(Feed("https://www.koran.example.id/rss"),),
    article=r"https?://(?:www\.)?koran\.example\.id/berita/\d+",
    layouts=(Layout(title=("h1",), body=("div.isi",)),),
    outlets=("Koran",),
    terms="robots.txt allows all.",
)
WIRE = replace(SOURCE, agency="ANTARA")
LEDE = "Kapal pengangkut beras tiba di pelabuhan pada Kamis pagi."
MORE = '"Muatannya langsung dibongkar," kata kepala pelabuhan, Hasan Tiro.'


def found(*texts: str) -> tuple[FoundText, ...]:
    return tuple(FoundText(text, "selector") for text in texts)


def page(**fields: Any) -> RawArticle:
    given: dict[str, Any] = {
        "url": URL,
        "titles": found("Kapal beras tiba"),
        "printed": found("Jumat, 18 Desember 2015 10:05 WITA"),
        "body": (LEDE, MORE),
        "body_from": "selector",
    }
    return RawArticle(**given | fields)


def read(raw: RawArticle, source: Source | None = SOURCE, fetched_at: datetime | None = None) -> Article:
    return normalise(raw, source=source, url=raw.url, fetched_at=fetched_at)


def test_a_clock_without_a_zone_takes_the_sources_zone() -> None:
    article = read(page(printed=found("Jumat, 18 Desember 2015 10:05")))
    assert article.published_at.isoformat() == "2015-12-18T10:05:00+08:00"
    assert (article.published_precision, article.published_from) == (Precision.MINUTE, "selector")


def test_metadata_add_seconds_to_the_printed_time() -> None:
    article = read(page(metadata=(FoundText("2015-12-18T10:05:37+08:00", "meta"),)))
    assert (article.published_at.isoformat(), article.published_precision) == ("2015-12-18T10:05:37+08:00", "second")


def test_a_stamp_in_the_place_of_updates_is_no_publication() -> None:
    """A stamp where the source prints updates fills `modified_at`, with or without a marker word."""
    article = read(page(updates=found("Sabtu, 19 Desember 2015 08:30 WITA")))
    assert article.published_at.isoformat() == "2015-12-18T10:05:00+08:00"
    assert article.modified_at is not None
    assert article.modified_at.isoformat() == "2015-12-19T08:30:00+08:00"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"titles": ()}, "no-title"),
        ({"printed": ()}, "no-date"),
        ({"printed": found("31 Februari 2015")}, "bad-date"),
        ({"printed": found("Kamis, 18 Desember 2015 10:05")}, "date-contradicts"),
        ({"body": ("Editor: Ani Lestari", "© Koran 2015")}, "no-article"),
        ({"url": None}, "no-address"),
        ({"url": "berita/1"}, "bad-address"),
    ],
)
def test_a_page_without_an_article_is_rejected_with_a_named_reason(fields: dict[str, Any], reason: str) -> None:
    """There is no default date, and no article without text or address."""
    with pytest.raises(Rejected) as caught:
        read(page(**fields))
    assert caught.value.reason == reason


def test_a_publication_long_after_the_fetch_is_rejected_only_if_the_fetch_time_is_known() -> None:
    fetched_at = datetime.fromisoformat("2015-12-01T00:00:00+07:00")
    with pytest.raises(Rejected, match="future-date"):
        read(page(), fetched_at=fetched_at)
    assert read(page(), fetched_at=None).published_at


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ((), URL),
        (("https://koran.example.id/berita/2/asli",), "https://koran.example.id/berita/2/asli"),
        (
            ("https://lain.example.org/berita/2", "https://koran.example.id/berita/3"),
            "https://koran.example.id/berita/3",
        ),
        (("https://lain.example.org/berita/2",), URL),
        (("https://www.koran.example.id/",), URL),
        (("https://www.koran.example.id/ekonomi",), URL),
    ],
)
def test_the_id_comes_from_the_first_claimed_address_on_its_own_domain(claims: tuple[str, ...], expected: str) -> None:
    """No page can take the id of another publisher's article or of the front page."""
    article = read(page(addresses=tuple(FoundText(claim, "meta") for claim in claims)))
    assert (article.url, article.id) == (expected, article_id(expected))


def test_the_body_is_only_the_story() -> None:
    """Dateline, title, captions, bylines, "Baca juga", credits, sign-off and the copyright line go."""
    caption = "Kapal beras di dermaga. (Foto: Rahma Daeng)"
    raw = page(
        body=(
            "Kapal beras tiba",
            "Pewarta: Andi Palewa",
            f"MAKASSAR, Koran - {LEDE}",
            caption,
            "Baca juga: Harga beras turun",
            f"{MORE} (apa/sma)",
            "Editor: Siti Mappa\nCOPYRIGHT © KORAN 2015",
            "Harga ikan di Makassar turun",
        ),
        images=(RawImage(None, FoundText(caption, "selector")),),
    )
    article = read(raw)
    assert article.body == (LEDE, MORE)
    assert article.dateline is not None
    assert (article.dateline.place, article.dateline.outlet) == ("Makassar", "Koran")
    assert (article.authors, article.editors) == (("Andi Palewa",), ("Siti Mappa",))


def test_the_printed_byline_wins_over_metadata_that_name_the_editor_as_author() -> None:
    raw = page(
        bylines=found("Penulis: Andi Palewa | Editor: Siti Mappa"), authors=(FoundText("Siti Mappa", "json-ld"),)
    )
    article = read(raw)
    assert (article.authors, article.editors) == (("Andi Palewa",), ("Siti Mappa",))
    article = read(replace(raw, bylines=(), editor_lines=found("Editor: Siti Mappa")))
    assert (article.authors, article.editors) == ((), ("Siti Mappa",))


def test_the_byline_above_a_story_comes_before_the_contributor_below_it() -> None:
    """Authors keep their printed order, with or without a label."""
    article = read(page(bylines=found("Yohanes Sigit"), body=(LEDE, MORE, "Kontributor : Tri Handayani")))
    assert article.authors == ("Yohanes Sigit", "Tri Handayani")


@pytest.mark.parametrize("sign_off", ["***", " ***", " (*)", " (apa/sma)"])
def test_a_sign_off_after_the_last_sentence_is_removed(sign_off: str) -> None:
    """Pikiran Rakyat ends stories with asterisks, most others with initials."""
    assert read(page(body=(LEDE, f"{MORE}{sign_off}"))).body == (LEDE, MORE)


def test_a_byline_with_a_label_has_its_name_once() -> None:
    """Katadata prints "Oleh" without a colon in the place for names."""
    assert read(page(bylines=found("Oleh Rina Dewi"))).authors == ("Rina Dewi",)


def test_names_of_metadata_count_only_without_a_printed_byline() -> None:
    article = read(page(authors=(FoundText("Andi Palewa", "json-ld"),), editors=(FoundText("Siti Mappa", "json-ld"),)))
    assert (article.authors, article.editors) == (("Andi Palewa",), ("Siti Mappa",))
    assert (article.provenance["authors"], article.provenance["editors"]) == ("json-ld", "json-ld")


@pytest.mark.parametrize(
    ("source", "body", "expected"),
    [
        (WIRE, (LEDE, MORE), "ANTARA"),
        (SOURCE, (f"Makassar (ANTARA News) - {LEDE}", MORE), "ANTARA"),
        (SOURCE, (LEDE, MORE, "Sumber: Antara"), "ANTARA"),
        (SOURCE, (LEDE, MORE, "Credit ANTARA News"), "ANTARA"),
        (SOURCE, (LEDE, f"{MORE} Dilansir Reuters, muatannya 3.000 ton."), None),
        (SOURCE, (f"Makassar (Koran) - {LEDE}", MORE), None),
    ],
)
def test_the_agency_is_the_wire_whose_story_it_is(source: Source, body: tuple[str, ...], expected: str | None) -> None:
    """A wire's own page, its dateline or a credit at the end count; quoting a wire does not."""
    assert read(page(body=body), source).agency == expected


def test_dates_of_body_and_captions_are_mentioned_once_each() -> None:
    raw = page(
        body=(LEDE, "Kapal kedua berangkat pada 20 dan 21 Desember. Kapal ketiga berangkat pada 20 dan 21 Desember."),
        images=(RawImage(None, FoundText("Kapal di dermaga, Kamis (17/12). (Foto: Rahma Daeng)", "selector")),),
    )
    found = [(each.date, each.end) for each in read(raw).mentioned_dates]
    assert found.count(("2015-12-20", "2015-12-21")) == 1
    assert ("2015-12-17", None) in found


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (
            (("Kapal beras tiba di Makassar", "json-ld"), ("Kapal beras tiba di Makassar pagi ini", "text")),
            "Kapal beras tiba di Makassar pagi ini",
        ),
        (
            (("Kapal beras tiba di Makassar - Koran", "meta"), ("Kapal beras tiba di Makassar", "text")),
            "Kapal beras tiba di Makassar",
        ),
        ((("Kapal beras tiba di Makassar", "json-ld"), ("KORAN", "text")), "Kapal beras tiba di Makassar"),
        (
            (("Kapal beras tiba Mengapa terlambat", "meta"), ("Kapal beras tiba: Mengapa terlambat?", "text")),
            "Kapal beras tiba: Mengapa terlambat?",
        ),
        ((("Kapal beras tiba di Makassar | Koran", "meta"),), "Kapal beras tiba di Makassar"),
        ((("Kapal beras tiba - koran.example.id", "meta"),), "Kapal beras tiba"),
        ((("Persib - Arema imbang - laga terakhir", "meta"),), "Persib - Arema imbang - laga terakhir"),
    ],
)
def test_the_title_is_the_headline_that_readers_see(titles: tuple[tuple[str, str], ...], expected: str) -> None:
    assert read(page(titles=tuple(FoundText(*each) for each in titles))).title == expected


@pytest.mark.parametrize(
    ("body", "declared", "expected"),
    [
        ("Kapal yang tiba di pelabuhan itu akan dibongkar dan dimuat di dermaga yang baru.", "en", "id"),
        ("The ship that came to the harbour is to be unloaded and the rice is for the town.", "id", "en"),
        ("Kapal beras.", "id-ID", "id"),
        ("Kapal beras.", "in", "id"),
        ("Kapal beras.", "", None),
    ],
)
def test_the_words_decide_the_language_before_the_template(body: str, declared: str, expected: str | None) -> None:
    assert read(page(body=(body,), languages=found(declared))).language == expected


def test_tags_in_one_field_are_split_without_repetitions() -> None:
    article = read(page(tags=found("beras, Pelabuhan , beras", "#pelabuhan", "kapal")))
    assert article.tags == ("beras", "Pelabuhan", "kapal")


def test_a_clipping_has_no_address_and_an_id_from_its_words() -> None:
    text = f"Jumat, 18 Desember 2015\n\nKapal beras tiba\n\nMakassar (Koran) - {LEDE}\n\n{MORE}\n"
    article = normalise(read_clipping(text.encode()), source=None, url=None, fetched_at=None)
    again = normalise(read_clipping(text.replace("\n", "\r\n").encode()), source=None, url=None, fetched_at=None)
    assert (article.source, article.url, article.published_at) == ("clipping", None, date(2015, 12, 18))
    assert article.id.startswith("urn:sha256:")
    assert again.id == article.id
    assert article.body == (LEDE, MORE)


def test_an_article_reads_back_from_its_json() -> None:
    """What `kliping read page --json` prints is the whole article."""
    image = RawImage("https://koran.example.id/a.jpg", FoundText("Kapal. (REUTERS/Ani Budi)", "selector"))
    article = read(page(images=(image,), tags=found("beras, kapal")))
    assert Article.from_json(json.loads(json.dumps(article.as_json()))) == article


def test_a_paragraph_of_a_quarter_megabyte_takes_seconds() -> None:
    """The time is linear in the length of the text."""
    long = (LEDE + " Pada 20 dan 21 Desember, Jakarta (ANTARA) - Kamis (17/12) ") * 2_500
    began = time.process_time()
    article = read(page(body=(long, long + "(abc/def)")))
    assert_cheap(began, 8)
    assert len(article.body) == 3  # there is a sentence before the first dateline


printed_text = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["Editor: ", "(abc/def)", "Jakarta (ANTARA) - ", "©", "Kamis (31/2)", "\n", "Sumber: "]),
)


@given(
    body=st.lists(st.builds("".join, st.lists(printed_text, max_size=4)), max_size=4),
    stamps=st.lists(st.one_of(st.text(max_size=30), st.just("Jumat, 18 Desember 2015 10:05"))),
    line=printed_text,
    address=st.one_of(st.text(max_size=30), st.just(URL)),
)
def test_any_page_is_an_article_or_rejected(body: list[str], stamps: list[str], line: str, address: str) -> None:
    """Any strings in any field make a valid article that reads back from its JSON, or raise Rejected."""
    raw = page(
        url=address,
        body=tuple(body),
        printed=found(*stamps),
        bylines=found(line),
        authors=found(line),
        tags=found(line),
        addresses=found(address),
        images=(RawImage(None, FoundText(line, "selector")),),
    )
    with suppress(Rejected):
        article = read(raw)
        assert Article.from_json(article.as_json()) == article


@pytest.mark.shared
@pytest.mark.parametrize("name", ["antara-1", "antara-3", "antara-4"])
def test_real_pages_of_antara_are_read_as_labelled(name: str) -> None:
    """Labels made by hand, field by field; the body by sentences it must and must not have."""
    label = json.loads((SHARED / "labels" / f"{name}.json").read_text(encoding="utf-8"))
    source = sources.for_url(label["url"])
    raw = extract((SHARED / "pages" / f"{name}.html").read_bytes(), url=label["url"], source=source)
    article = normalise(raw, source=source, url=label["url"], fetched_at=None)
    found = article.as_json()
    for field in ("title", "authors", "editors", "agency", "published_printed", "modified_at"):
        got = found[field].split(" | ")[0] if field == "published_printed" else found[field]
        assert got == label[field], field
    assert article.published_at == datetime.fromisoformat(label["published_at"])
    assert found["dateline"] | label["dateline"] == found["dateline"]
    image = found["images"][0] if found["images"] else {"caption": None, "credit": None}
    assert image["caption"] == label["caption"]
    assert {name: value for name, value in label["photo_credit"].items() if value} == {
        name: value for name, value in (image["credit"] or {}).items() if value
    }
    text = " ".join(article.body)
    assert text.startswith(label["body_first"])
    assert text.endswith(label["body_last"])
    assert all(sentence in text for sentence in label["body_must_contain"])
    assert not [sentence for sentence in label["body_must_not_contain"] if sentence in text]
    for mention in label["mentioned_dates"]:  # the labels have only the day; we keep a clock in the text
        assert any(
            mention["text"] in each["text"] and each["date"].startswith(mention["date"])
            for each in found["mentioned_dates"]
        ), mention


@pytest.mark.shared
def test_the_seed_is_read_as_the_project_promised() -> None:
    """The seed clippings, field by field."""
    (seed,) = (SHARED / "seed").glob("*.txt")
    article = normalise(read_clipping(seed.read_bytes()), source=None, url=None, fetched_at=None)
    assert (article.published_at, article.published_precision) == (date(2015, 12, 18), Precision.DAY)
    assert article.dateline is not None
    assert (article.dateline.place, article.dateline.outlet, article.agency) == ("Paris", "CB", "ANTARA")
    (image,) = article.images
    assert image.caption is not None
    assert image.credit is not None
    assert (image.credit.agency, image.credit.photographer) == ("Reuters", None)
    assert image.credit.handout_of == "Ministry of Defence of the Russian Federation"
    dates = {(each.date, each.end) for each in article.mentioned_dates}
    assert {("2015-10-01", None), ("2015-12-20", "2015-12-21"), ("2015-12-17", None)} <= dates
    text = "\n".join(article.body)
    assert not [each for each in (article.title, image.caption[:40], "Paris (CB)", "Credit ANTARA") if each in text]
    assert (article.credit, article.language) == ("Credit ANTARA News", "id")

"""Nothing that others wrote, and nothing that an address or header carries, becomes markup, script, link or formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from archive.articles import save_article
from archive.database import Archive
from archive.records import Article, Dateline, Image, MentionedDate, PhotoCredit
from indexer.engines import index_of
from indexer.follow import follow
from tests.conftest import an_article
from tests.support.reading_room import serve, settings_of

CORPUS = (
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea></details><svg onload=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<em><b>tebal</b></em>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--", "-->", "]]>", "<![CDATA[",
    "{{7*7}}{% for a in b %}", "${7*7}", "#{7*7}", "%s%n", "{t.words}", "{0.__class__}",
    "=HYPERLINK(\"http://evil.example\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1",
    "\u202egnp.exe", "\u2066x\u2069", "a\x00b", "a\x1b[31mb", "\ud83d", "\u2028",
    "\r\nSet-Cookie: a=b", "..%2f..%2fetc/passwd", "{\"a\":1}",
)  # fmt: skip
"""What a field, an address or a header may carry."""
STORED = tuple(text for text in CORPUS if text != "\ud83d")
"""What an article may carry: the archive takes no half of a surrogate pair."""
BAD_LINKS = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//evil.example/x",
    "https://u@evil.example",
)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def article(number: int, text: str) -> Article:
    """An article that carries a text in every field."""
    marked = f"pasar {text} ikan"
    return an_article(
        number,
        title=marked,
        body=(f"{marked} pertama.", marked, text),
        published_printed=text,
        published_from=text,
        dateline=Dateline(text, text, text, text, text, text),
        authors=(text, "Nur Imansyah"),
        editors=(text,),
        agency=text,
        credit=text,
        images=(Image(BAD_LINKS[number % 4], text, PhotoCredit(text, text, text, text)),),
        mentioned_dates=(MentionedDate(text, text, text),),
        section=text,
        tags=(text,),
        language=text,
        corrects=BAD_LINKS[number % 4],
        provenance={"title": text, "published_at": f"{text}+{text}", "body": text},
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A reading room on an archive in which every text of the corpus stands in every field, with two versions."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    with Archive.open(settings_of(home).archive_url, home) as archive:
        for number, text in enumerate(STORED, 1):
            for version in range(2):
                made = article(number, text)
                at = NOW + timedelta(days=version)
                if version:
                    made = replace(made, body=(*made.body, f"Tambahan {text}"), url=made.url)
                with archive.saving() as saving:
                    save_article(saving, made, run_id="t", fetched_at=at, page_id=None, reader="t", now=at)
        follow(archive, index_of(settings_of(home)))
    return serve(home)


def check(html: str) -> None:
    """Everything on a page that could act is ours."""
    assert "\x00" not in html
    assert "\x1b" not in html
    assert not set(html) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028")
    assert "{{49}}" not in html
    tree = LexborHTMLParser(html)
    assert [node.attributes.get("src", "").partition("?")[0] for node in tree.css("script")] in (
        [], ["/static/suggest.js"],
    ), html  # fmt: skip
    for tag in ("img", "iframe", "object", "embed", "style", "base", "textarea", "b"):
        assert not tree.css(tag), tag
    assert len(tree.css("title")) - len(tree.css("svg title")) == 1
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on"), (name, value)
            assert name != "style"
            if name in ("href", "action", "src"):
                assert value is None or value.startswith(("/", "#", "http://www.newsstand.test/")), value
                assert not (value or "").startswith("//"), value


def pages(number: int) -> Iterator[str]:
    made = an_article(number)
    yield f"/article/{made.id}"
    yield f"/article/{made.id}?bahasa=en"
    yield f"/article/{made.id}/versions"
    yield f"/article/{made.id}/copies/{an_article(number % len(STORED) + 1).id}"


@pytest.mark.parametrize("number", range(1, len(STORED) + 1), ids=[ascii(text) for text in STORED])
def test_no_field_of_an_article_becomes_markup(hostile: TestClient, number: int) -> None:
    for path in pages(number):
        answer = hostile.get(path)
        assert answer.status_code == 200, (path, answer.text[:2_000])
        check(answer.text)
    hostile.cookies.clear()


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_no_hit_or_facet_becomes_markup(hostile: TestClient, sort: str) -> None:
    answer = hostile.get("/", params={"q": "pasar ikan", "sort": sort})
    assert answer.status_code == 200
    while True:
        check(answer.text)
        following = LexborHTMLParser(answer.text).css_first("a[rel=next]")
        if following is None:
            break
        answer = hostile.get(str(following.attributes["href"]))


def test_nothing_that_came_in_becomes_markup_on_the_page_of_the_day(hostile: TestClient) -> None:
    answer = hostile.get(f"/today?day={NOW:%Y-%m-%d}")
    assert answer.status_code == 200
    assert answer.text.count('<li><a href="/article/') == 20
    check(answer.text)


@pytest.mark.parametrize("text", CORPUS, ids=ascii)
def test_nothing_in_an_address_becomes_markup(hostile: TestClient, text: str) -> None:
    plain = text.encode("utf-8", "surrogatepass")
    for name in ("q", "source", "photo", "author", "after", "family", "cursor", "sort", "copies", "bahasa"):
        answer = hostile.get(f"/?{name}={quote(plain)}")
        assert answer.status_code in (200, 400), (name, answer.status_code)
        check(answer.text)
        assert "a=b" not in answer.headers.get("set-cookie", "")
    for path in (f"/{quote(plain)}", f"/article/{quote(plain, safe='')}", f"/masuk?ke={quote(plain)}"):
        answer = hostile.get(path)
        assert answer.status_code in (404, 405), (path, answer.status_code)
        check(answer.text)
    assert hostile.get(f"/export?q={quote(plain)}").status_code in (200, 400)
    assert hostile.get(f"/suggest?q={quote(plain)}").status_code == 200
    assert hostile.get(f"/article/{an_article(1).id}/page?version={quote(plain)}").status_code in (400, 404)


@pytest.mark.parametrize("text", [each for each in CORPUS if each.isascii() and each.isprintable()], ids=ascii)
def test_nothing_in_a_header_is_shown_or_believed(hostile: TestClient, text: str) -> None:
    for name in ("User-Agent", "Referer", "Accept-Language", "X-Forwarded-Host", "Cookie", "Authorization"):
        answer = hostile.get("/", headers={name: text})
        assert answer.status_code == 200
        check(answer.text)


def test_no_cell_of_an_export_is_a_formula(hostile: TestClient) -> None:
    answer = hostile.get("/export", params={"q": "pasar ikan", "format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) > len(CORPUS) / 2
    for row in rows[1:]:
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]


def test_a_citation_s_file_name_has_only_plain_letters(hostile: TestClient) -> None:
    for number in range(1, len(STORED) + 1):
        answer = hostile.get(f"/article/{an_article(number).id}/cite.bib")
        assert answer.status_code == 200
        name = answer.headers["content-disposition"]
        assert name.startswith('attachment; filename="pasar')
        assert name.removeprefix('attachment; filename="').removesuffix('"').replace("-", "").replace(".", "").isalnum()


def test_a_body_of_ten_megabytes_is_cut_and_quick(tmp_path: Path) -> None:
    home = tmp_path / "home"
    huge = an_article(1, body=("kata " * 2_000_000, *(f"Paragraf {n}." for n in range(5_000))))
    with Archive.open(settings_of(home).archive_url, home) as archive, archive.saving() as saving:
        save_article(saving, huge, run_id="t", fetched_at=NOW, page_id=None, reader="t", now=NOW)
    answer = serve(home).get(f"/article/{huge.id}")
    assert answer.status_code == 200
    assert len(answer.content) < 1_000_000
    assert "more characters" in answer.text
    assert "hanya awalnya yang ditampilkan" in answer.text

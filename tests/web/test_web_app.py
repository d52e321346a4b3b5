"""The reading room as a whole: what surrounds every page."""

from __future__ import annotations

import re
import shutil
import string
import threading
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.support.reading_room import MOSCOW, serve
from web.rendering import HERE, menu
from web.security import HostNames
from web.untrusted import shown, web_link
from web.wording import LANGUAGES, wording

PAGES = ["/", "/?q=ISIS+Moskow", "/no-such-page", "/article/00000000"]


def test_the_first_page_is_in_indonesian_and_needs_no_script(browser: TestClient) -> None:
    answer = browser.get("/?q=ISIS Moskow")
    assert answer.status_code == 200
    assert '<html lang="id">' in answer.text
    assert MOSCOW.split(",")[0] in re.sub(r"</?mark>", "", answer.text)
    assert len(answer.content) < 60_000


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_headers_that_protect_a_reader(browser: TestClient, path: str) -> None:
    headers = browser.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_style_or_script_of_its_own(browser: TestClient, path: str) -> None:
    html = browser.get(path).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", html)
    assert '<meta name="robots" content="noindex' in html


def test_robots_are_barred(browser: TestClient) -> None:
    assert browser.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "10.0.0.7"])
def test_another_host_name_gets_400(browser: TestClient, host: str) -> None:
    answer = browser.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "KLIPING_WEB_HOSTS" in answer.text
    assert "x-content-type-options" in answer.headers


def test_a_server_bound_elsewhere_is_known_by_its_addresses_and_given_names() -> None:
    names = HostNames("0.0.0.0", ["arsip.example.org"])
    assert all(map(names.allow, ("10.0.0.7:8420", "[fe80::1]:80", "arsip.example.org", "ARSIP.example.org:80")))
    assert not any(map(names.allow, ("evil.example", "arsip.example.org.evil.example", "10.0.0.7@evil.example")))


def test_a_long_address_and_a_large_form_are_refused(browser: TestClient) -> None:
    assert browser.get("/?q=" + "a" * 50_000).status_code == 414
    assert browser.post("/masuk", content=b"a" * 100_000).status_code == 413


def test_head_is_answered_without_a_body(browser: TestClient) -> None:
    answer = browser.head("/?q=gempa")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-security-policy" in answer.headers


def test_files_with_their_hash_in_the_address_are_kept_by_browsers(browser: TestClient) -> None:
    assert "immutable" in browser.get("/static/style.css").headers["cache-control"]
    assert browser.get("/").headers["cache-control"] == "private, no-cache"
    assert browser.get("/static/../app.py").status_code == 404


def test_an_error_of_ours_is_a_page_without_a_traceback(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    room = serve(demo_home)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("rahasia dalam")

    monkeypatch.setattr("web.pages.search.timeline", broken)
    answer = room.get("/?q=gempa")
    assert answer.status_code == 500
    assert "kesalahan di pihak kami" in answer.text
    assert "Traceback" not in answer.text
    assert "rahasia dalam" not in answer.text
    assert "rahasia dalam" in capsys.readouterr().out
    assert room.get("/robots.txt").status_code == 200


def test_an_answer_that_takes_too_long_is_ended_with_a_sentence(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    monkeypatch.setattr("web.pages.search.timeline", lambda *_: over.wait(30))
    room = serve(demo_home, seconds=0.3)
    answer = room.get("/?q=gempa")
    over.set()
    assert answer.status_code == 503
    assert "Persempit pencariannya" in answer.text


def test_with_the_archive_unreadable_a_search_still_finds_and_an_article_says_why(
    demo_home: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    room = serve(home)
    for file in home.glob("archive.sqlite3*"):
        file.unlink()
    room.app.state.holdings.archive.engine.dispose()  # type: ignore[attr-defined]  # the app behind the client
    (home / "archive.sqlite3").mkdir()
    assert "<mark>Gempa</mark>" in room.get("/?q=gempa").text
    answer = room.get("/article/4338dff9d37788081c0636e4c3c5f6d9")
    assert answer.status_code == 503
    assert "Arsip sedang tidak bisa dibaca" in answer.text


@pytest.mark.parametrize("path", ["/", "/no-such-page"])
def test_the_language_is_switched_by_the_address_and_remembered(browser: TestClient, path: str) -> None:
    answer = browser.get(f"{path}?bahasa=en")
    assert '<html lang="en">' in answer.text
    assert "bahasa=en" in answer.headers["set-cookie"]
    browser.cookies.clear()


def test_both_languages_have_the_same_words_with_the_same_fields() -> None:
    fields = {
        language: {
            key: sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})
            for key, text in wording(language).words.items()
        }
        for language in LANGUAGES
    }
    assert fields["id"] == fields["en"]


def test_every_word_of_a_template_is_in_the_wording_and_every_page_of_the_menu_has_one() -> None:
    words = wording("id").words
    templates = "".join(path.read_text() for path in Path(HERE / "templates").glob("*.html"))
    asked = set(re.findall(r"""\bt(?:\.many)?\(\s*["']([\w.]+)["']\s*[,)]""", templates))
    assert asked - words.keys() == set()
    assert {f"menu.{entry.name}" for entry in menu()} <= words.keys()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gempa di Ternate", "Gempa di Ternate"),
        ("aman\u202egpj.exe", "aman⟦U+202E⟧gpj.exe"),
        ("a\u200bb\u00adc\ufeff", "abc"),
        ("a\x00b\x1bc\x9fd", "a\ufffdb\ufffdc\ufffdd"),
        ("satu\ndua\tt\u2028tiga", "satu\ndua\tt\ntiga"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_text_of_others_cannot_change_how_other_text_is_shown(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_huge_text_is_cut_and_says_so() -> None:
    assert shown("a" * 10_000_000).endswith("… [9,700,000 more characters]")


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://www.newsstand.test/berita/1?a=b", True),
        ("http://newsstand.test:8080/", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://user@newsstand.test/", False),
        ("https:///berita", False),
        ("https://newsstand.test\\@evil.example/", False),
        ("https://newsstand.test:99999/", False),
        ("//evil.example/", False),
        ("https://newsstand.test/\u202egpj", False),
        ("https://[", False),
    ],
)
def test_only_web_addresses_become_links(url: str, fine: bool) -> None:
    assert web_link(url) == (url if fine else None)

"""Saved pages are served byte for byte at the addresses they were saved from."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from xml.etree import ElementTree

import pytest

from newsstand import Fault, Newsstand, SavedPages
from newsstand.saved import registered_domain
from tests.support.visits import locations, visit

CANONICAL = (
    b"<html><head><title>Satu &amp; \x93dua\x94</title>"
    b'<link href="https://a.koran.co.id/berita/1?p=2" rel=canonical></head>'
)
SHARED = Path(__file__).parents[2].parent / "shared"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pages: one with a canonical link, one with a JSON file, one without an address."""
    (tmp_path / "satu.html").write_bytes(CANONICAL)
    (tmp_path / "dua.html").write_bytes(b"<title>Dua</title>\xff\x00")
    (tmp_path / "dua.json").write_text(json.dumps({"url": "http://www.koran.co.id/berita/Dua%20Dua."}))
    (tmp_path / "tiga.html").write_bytes(b'<link rel="canonical" href="/relatif">')
    return tmp_path


@pytest.mark.processes
def test_pages_are_served_byte_for_byte_at_their_own_addresses(folder: Path) -> None:
    """With ETag, Last-Modified and 304. A page without an address is reported and not served."""
    saved = SavedPages.from_folder(folder)
    assert saved.without_address == (folder / "tiga.html",)
    with Newsstand(saved=saved) as site:
        status, headers, body = visit(site, "https://a.koran.co.id/berita/1?p=2")
        assert (status, body) == (200, CANONICAL)
        assert visit(site, "https://a.koran.co.id/berita/1?p=2", If_None_Match=headers["ETag"])[0] == 304
        assert visit(site, "https://a.koran.co.id/berita/1?p=2", If_Modified_Since=headers["Last-Modified"])[0] == 304
        assert visit(site, "http://www.koran.co.id/berita/Dua%20Dua.")[2] == (folder / "dua.html").read_bytes()
        assert visit(site, "http://a.koran.co.id/berita/1")[0] == 404
        assert visit(site, "http://a.koran.co.id/")[0] == 404
        assert visit(site, "http://www.newsstand.test/")[0] == 200
        site.faults["a.koran.co.id/berita/1?p=2"] = Fault("410")
        assert visit(site, "http://a.koran.co.id/berita/1?p=2")[0] == 410


def test_a_missing_address_is_logged_as_a_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        SavedPages.from_folder(folder)
    assert [record.getMessage() for record in caplog.records if "tiga.html has no address" in record.getMessage()]


@pytest.mark.processes
def test_a_saved_domain_has_a_feed_a_sitemap_and_open_robots(folder: Path) -> None:
    """On any of its hosts; titles are the pages' own, in any charset."""
    with Newsstand(saved=SavedPages.from_folder(folder)) as site:
        for path in ("/rss", "/rss/terkini.xml", "/feed/", "/sitemap.xml"):
            body = visit(site, f"http://www.koran.co.id{path}")[2]
            assert set(locations(body)) == {
                "https://a.koran.co.id/berita/1?p=2",
                "http://www.koran.co.id/berita/Dua%20Dua.",
            }
        feed = ElementTree.fromstring(visit(site, "http://koran.co.id/rss")[2])
        assert {element.text for element in feed.iter("title")} == {"koran.co.id", "Satu & “dua”", "Dua"}
        robots = visit(site, "http://a.koran.co.id/robots.txt")[2].decode()
        assert "Crawl-delay: 0\nDisallow:\n" in robots


@pytest.mark.processes
def test_pages_are_chosen_by_a_glob_a_manifest_or_a_folder_of_addresses(folder: Path, tmp_path: Path) -> None:
    """`only` matches the stem; a manifest needs no folder; an error about two pages at one address names both."""
    assert SavedPages.from_folder(folder, only="d*").urls == ("http://www.koran.co.id/berita/Dua%20Dua.",)
    one = SavedPages.from_manifest({"https://x.test/a": folder / "tiga.html"})
    with Newsstand(saved=one) as site:
        assert visit(site, "http://x.test/a")[2] == (folder / "tiga.html").read_bytes()
    (folder / "satu.json").write_text(json.dumps({"url": "https://www.koran.co.id/berita/Dua Dua."}))
    with pytest.raises(ValueError, match=r"dua\.html and satu\.html have the same address"):
        SavedPages.from_folder(folder)
    (folder / "satu.json").write_text("{")
    with pytest.raises(ValueError, match=r"satu\.json is not JSON"):
        SavedPages.from_folder(folder)
    with pytest.raises(ValueError, match="not an absolute http address"):
        SavedPages.from_manifest({"/relatif": folder / "tiga.html"})


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("otomotif.koran.com", "koran.com"),
        ("www.koran.co.id", "koran.co.id"),
        ("koran.id", "koran.id"),
        ("localhost", "localhost"),
    ],
)
def test_a_registered_domain_has_two_labels_or_three(host: str, domain: str) -> None:
    """Three under suffixes such as co.id."""
    assert registered_domain(host) == domain


@pytest.mark.processes
@pytest.mark.shared
def test_real_saved_pages_are_served_byte_for_byte() -> None:
    """Every page with a label or a canonical link is served at its address, and is in its domain's feed."""
    saved = SavedPages.from_folder(SHARED / "pages", SHARED / "labels")
    assert saved.without_address == ()
    files = {file.stem: file for file in (SHARED / "pages").glob("*.html")}
    with Newsstand(saved=saved) as site:
        for label in (SHARED / "labels").glob("*.json"):
            url = json.loads(label.read_bytes())["url"]
            assert visit(site, url)[2] == files[label.stem].read_bytes()
            host = url.split("/")[2]
            assert url in locations_of_any_path(visit(site, f"http://{host}/rss/terkini.xml")[2])


def locations_of_any_path(body: bytes) -> list[str]:
    """The addresses in a feed, with any path."""
    return [element.text or "" for element in ElementTree.fromstring(body).iter("link")]

"""The Atom feed of a watch: ids that never change, and a file for its owner alone."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from archive.feeds import ATOM, atom, feed_of_watch
from archive.watches import Rhythm, SearchWatch, WatchHit
from notify.feed import write_private

NOW = datetime(2026, 3, 1, 3, 20, 5, 123, tzinfo=UTC)
WATCH = SearchWatch(7, 'ISIS "Moskow" & <b>', None, "tgram://s3cr3t/1", Rhythm.EACH, False, NOW, 1, "epoch")


def atom_of(archive_id: str, watch: SearchWatch, hits: list[WatchHit]) -> bytes:
    """The feed of a watch as XML."""
    return atom(feed_of_watch(archive_id, watch, hits))


def hit(number: int, **changes: object) -> WatchHit:
    fields = {
        "article_id": f"article-{number}",
        "version": 1,
        "corrects": False,
        "title": f"Judul <{number}>\x00",
        "source": "antara",
        "url": f"https://antaranews.example/{number}?a=1&b=2",
        "published_at": "2026-03-01T10:00:00+07:00",
        "at": NOW + timedelta(minutes=number),
    }
    return WatchHit(**fields | changes)  # type: ignore[arg-type]


def texts(feed: bytes, path: str) -> list[str]:
    return [each.text for each in etree.fromstring(feed).findall(path.replace("/", f"/{{{ATOM}}}").lstrip("/"))]


def test_a_feed_has_what_readers_of_feeds_need() -> None:
    feed = atom_of("archive", WATCH, [hit(2), hit(1, published_at="2026-03-01", url=None)])
    root = etree.fromstring(feed)
    for name in ("id", "title", "updated"):
        assert len(root.findall(f"{{{ATOM}}}{name}")) == 1
        assert all(len(entry.findall(f"{{{ATOM}}}{name}")) == 1 for entry in root.findall(f"{{{ATOM}}}entry"))
    assert texts(feed, "/title") == ['Kliping: ISIS "Moskow" & <b>']
    assert texts(feed, "/updated") == ["2026-03-01T03:22:05+00:00"]  # of the newest entry
    assert texts(feed, "/entry/title") == ["Judul <2>", "Judul <1>"]
    assert texts(feed, "/entry/published") == ["2026-03-01T10:00:00+07:00"]  # a day is no moment
    assert all(each.startswith("urn:uuid:") for each in texts(feed, "/entry/id"))


def test_ids_stay_and_a_correction_is_the_same_entry_updated() -> None:
    before = atom_of("archive", WATCH, [hit(1)])
    after = atom_of("archive", WATCH, [hit(1, version=2, corrects=True, title="Ralat", at=NOW + timedelta(days=1))])
    assert texts(before, "/id") == texts(after, "/id")
    assert texts(before, "/entry/id") == texts(after, "/entry/id")
    assert texts(before, "/entry/updated") != texts(after, "/entry/updated")
    assert etree.fromstring(after).find(f"{{{ATOM}}}entry/{{{ATOM}}}category").get("term") == "corrected"
    assert texts(atom_of("another archive", WATCH, []), "/id") != texts(before, "/id")


def test_an_empty_feed_is_a_feed_and_no_feed_tells_the_address() -> None:
    feed = atom_of("archive", WATCH, [])
    assert texts(feed, "/updated") == ["2026-03-01T03:20:05+00:00"]
    assert b"s3cr3t" not in feed


def test_a_feed_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    (folder / "other").mkdir(parents=True)
    file = folder / "isis.atom"
    for content in (b"one", b"two"):
        write_private(file, content)
        assert file.read_bytes() == content
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(OSError, match="other"):
        write_private(folder / "other", b"")
    assert sorted(path.name for path in folder.iterdir()) == ["isis.atom", "other"]

"""The pages that are edited: those of the newsstand, and publishers' pages in ../shared."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from evaluation.edits.edited import EditedPage
from newsstand.desk import Desk
from newsstand.stories import load_stories

FETCHED_AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def newsstand_pages() -> list[EditedPage]:
    """The newsstand's stories."""
    stories = load_stories()
    desk = Desk(stories)
    return [EditedPage(story.url, story.url, _text(desk.article(story).body), FETCHED_AT) for story in stories]


def real_pages(shared: Path) -> list[EditedPage]:
    """The publishers' pages in the shared folder."""
    found = []
    for folder in (shared, shared / "round2"):
        for file in sorted((folder / "pages").glob("*.html")):
            label = json.loads((folder / "labels" / f"{file.stem}.json").read_text())
            found.append(EditedPage(file.stem, label["url"], _text(file.read_bytes()), FETCHED_AT))
    return found


def _text(content: bytes) -> str:
    """The HTML of a page in UTF-8, or in the charset of old pages."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252")

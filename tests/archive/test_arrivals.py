"""What came in since a moment: by source and section, stories that several sources carry, and changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from archive import arrivals
from archive.articles import SaveResult
from archive.database import Archive
from archive.families.growing import grow
from tests.conftest import an_article

Save = Callable[..., SaveResult]
NIGHT = datetime(2026, 1, 2, 19, tzinfo=UTC)
DAY = timedelta(days=1)
STORY = tuple(
    f"Paragraf nomor {number} tentang banjir di Kendari yang merendam ratusan rumah warga sejak Senin malam kemarin."
    for number in range(8)
)


def saved(save: Save, number: int, at: datetime = NIGHT, **fields: Any) -> str:
    """Save an article at a moment; returns its id."""
    article = an_article(number, **fields)
    save(article, now=at, fetched_at=at)
    return article.id


def test_new_articles_are_counted_by_source_and_section(archive: Archive, save: Save) -> None:
    """Those first saved in the span, by the section that the page prints; a quoted "section" in a text is none."""
    saved(save, 1, section="Dunia")
    saved(save, 2, section='Kabar "A"')
    saved(save, 3, body=('Ia menulis "section": "Olahraga" di sini.',))
    saved(save, 4, source="antara", section="Dunia")
    saved(save, 5, at=NIGHT - DAY, section="Lama")
    saved(save, 5, at=NIGHT + timedelta(hours=1), section="Lama", title="Judul baru")
    with archive.reading() as connection:
        found = arrivals.arrivals(connection, NIGHT, NIGHT + DAY)
        nothing = arrivals.arrivals(connection, NIGHT + DAY, NIGHT + 2 * DAY)
    assert (found.total, found.by_source) == (4, {"antara": 1, "newsstand": 3})
    assert found.sections == {"newsstand": {"Dunia": 1, 'Kabar "A"': 1, None: 1}, "antara": {"Dunia": 1}}
    assert (nothing.total, nothing.sections) == (0, {})


def test_a_carried_story_has_articles_of_several_sources(archive: Archive, save: Save) -> None:
    """Stories are ordered by their sources; the first article is the earliest of the family, whenever it came in."""
    first = saved(save, 1, at=NIGHT - DAY, source="antara", body=STORY)
    for number, source in enumerate(("tempo", "kompas", "kompas"), start=2):
        saved(save, number, source=source, body=STORY)
    saved(save, 9, source="tempo")
    grow(archive)
    with archive.reading() as connection:
        (story,) = arrivals.most_carried(connection, NIGHT, NIGHT + DAY)
        of_day_before = arrivals.most_carried(connection, NIGHT - DAY, NIGHT)
    assert (story.articles, story.sources) == (3, 2)
    assert story.first is not None
    assert story.first.article.id == first
    assert not of_day_before


def test_changes_of_a_night_are_told(archive: Archive, save: Save) -> None:
    """A story whose title changed in the span, and a correction; a change of the day before is not among them."""
    changed = saved(save, 1, at=NIGHT - 2 * DAY)
    saved(save, 1, at=NIGHT - DAY, title="Judul kemarin")
    saved(save, 1, title="Judul hari ini")
    correction = saved(save, 2, flags=("correction",))
    saved(save, 3)
    with archive.reading() as connection:
        found, complete = arrivals.changes_of(connection, NIGHT, NIGHT + DAY)
    assert complete
    assert {(each.article_id, each.version, each.title_before) for each in found} == {
        (changed, 3, "Judul kemarin"),
        (correction, 1, None),
    }

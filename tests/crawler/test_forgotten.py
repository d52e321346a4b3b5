"""A crawl never keeps again what was forgotten on purpose, although the publisher still lists it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.finding import find
from archive.forget import ForgetRequest, forget
from archive.tables import addresses, outcomes, runs
from archive.tombstones import FORGOTTEN
from archive.verify import verify
from newsstand import Fault, FaultKind, Newsstand
from tests.support.children import opened, settings, start_crawl
from tests.support.homes import files_with


@pytest.mark.processes
def test_a_crawl_counts_a_forgotten_story_and_keeps_nothing_of_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Newsstand() as site, opened(home) as archive:
        environment = settings(home, {"newsstand.test": site.base_url})
        assert start_crawl(environment).wait(60) == 0
        story = next(each for each in site.stories("www") if len(each.pages) == 1)
        slug = story.path.rpartition("/")[2]
        with archive.reading() as connection:
            count = len(connection.execute(select(addresses.c.id)).all())
            article_id = find(connection, story.url).article.id
        forget(archive, [ForgetRequest(story.url, reason="r")], datetime.now(UTC))
        # another address leads to it, which nobody knew of
        moved = next(each for each in site.stories("www") if each is not story)
        site.faults[moved.path] = Fault(FaultKind.MOVED, to=story.path)
        site.correct(moved.path, "Ralat: satu kalimat lagi.")
        site.correct(story.path, "Ralat: kalimat Wakatobinesia.")
        assert start_crawl(environment).wait(60) in (0, 1)
        with archive.reading() as connection:
            last = select(runs.c.id).order_by(runs.c.started_at.desc()).limit(1).scalar_subquery()
            ended = connection.execute(select(outcomes).where(outcomes.c.run_id == last)).all()
            left = len(connection.execute(select(addresses.c.id)).all())
        assert {row.article_id for row in ended if row.outcome == FORGOTTEN} == {article_id}
        assert all(row.outcome is not None for row in ended)
        assert left < count
        assert verify(archive).wrong == ()
    assert files_with(home, "Wakatobinesia") == []
    left_in = {each.partition("/")[0] for each in files_with(home, slug)}
    assert left_in <= {"warc", "logs"}  # pages of other stories link to it

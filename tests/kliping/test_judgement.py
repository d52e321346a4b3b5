"""States for notifications are what doctor found, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive.database import Archive
from kliping.cli import notifying
from kliping.cli.finding import Finding
from kliping.cli.judgement import PATIENCE, of_findings
from kliping.cli.notifying import NotifyThread
from kliping.config import Settings
from notify.conditions import HEALTHY, TROUBLE, Sighting
from tests.support.children import until

GOOD = Finding("source", True, "antara: good", None, "antara", "healthy")
UNDER_WAY = Finding("source", True, "antara: under way", None, "antara", None)
BLOCKED = Finding("source", False, "antara: failed", "kliping crawl antara", "antara", "blocked")
OVERDUE = Finding("window", False, "antara: missed", "kliping crawl antara", "antara", "overdue")
BEHIND = Finding("index", False, "news: 12 changes behind", "kliping index follow", passing=True)


@pytest.mark.parametrize(
    ("findings", "state"),
    [
        ([GOOD], HEALTHY),
        ([UNDER_WAY], None),
        ([BLOCKED], "blocked"),
        ([GOOD, OVERDUE], "overdue"),
        ([UNDER_WAY, OVERDUE], "overdue"),
        ([OVERDUE, BLOCKED], "blocked"),  # says why
    ],
)
def test_a_source_is_in_the_state_that_says_most(findings: list[Finding], state: str | None) -> None:
    (seen,) = of_findings(findings, saving=False)
    assert (seen.subject, seen.state) == ("source:antara", state)


def test_sentences_and_remedies_are_joined_and_told_once() -> None:
    (seen,) = of_findings([OVERDUE, BLOCKED], saving=False)
    assert (seen.sentence, seen.remedy) == ("antara: failed\nantara: missed", "kliping crawl antara")


def test_an_index_that_is_behind_is_no_news_while_articles_are_saved() -> None:
    assert of_findings([BEHIND], saving=True) == [Sighting("index", None)]
    (seen,) = of_findings([BEHIND], saving=False)
    assert (seen.state, seen.patience) == (TROUBLE, PATIENCE)
    gone = Finding("cluster", False, "It cannot be reached.")
    (seen,) = of_findings([BEHIND, gone], saving=True)
    assert (seen.subject, seen.state, seen.patience) == ("index", TROUBLE, timedelta())


def test_a_host_that_blocks_us_blocks_its_source_and_a_lost_verification_is_the_archives() -> None:
    blocks = Finding("host", False, "antaranews.com blocks us", None, "antara", "blocked")
    waits = Finding("host", True, "tempo.co asked to wait", None, "tempo", "healthy")
    late = Finding("window", False, "archive-verify was missed")
    seen = {each.subject: each.state for each in of_findings([GOOD, blocks, waits, late], saving=False)}
    assert seen == {"source:antara": "blocked", "source:tempo": HEALTHY, "archive": TROUBLE}


def test_what_concerns_the_setting_up_is_not_told() -> None:
    others = [Finding(about, False, "…") for about in ("settings", "user agent", "doubt", "notifications")]
    assert of_findings([*others, Finding("disk", True, "9 GB free")], saving=False) == [Sighting("disk", HEALTHY)]


def test_the_service_looks_now_and_then_and_after_each_crawl_whatever_fails(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []

    def fails_at_first(_settings: Settings, _archive: Archive, *, look: bool) -> None:
        looks.append(look)
        if len(looks) == 1:
            raise RuntimeError("the first look fails")

    monkeypatch.setattr(notifying, "look_and_deliver", fails_at_first)
    thread = NotifyThread(Settings(), archive, beat=0.01, look=0.05)
    thread.start()
    until(lambda: len(looks) >= 12)
    assert looks[:7] == [True, False, False, False, False, True, False]
    before = len(looks)
    thread.request()
    until(lambda: any(looks[before:]))
    thread.end()
    assert not thread.lives

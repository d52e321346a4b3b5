"""What `kliping doctor` finds of the sources that are on: their last crawls, silences, hosts, and articles in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import sources
from archive import flag_counts, hosts, runs
from archive.flags import IN_DOUBT, sentence_of
from archive.health.silence import silence_of
from archive.health.state import SourceState, state_after
from kliping.cli import source_facts
from kliping.cli.finding import Finding

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

_LAST_RUNS = 7
"""Runs of a source whose articles are counted together: a week of a nightly crawl."""
_FAILURE = re.compile(r"(https?://\S+) ((?:gave no answer: |answered \d|cannot be read: ).*?)\.(?=\s|$)\s?")
"""A sentence of a run's reason about one listing."""


def of_sources(settings: Settings, archive: Archive) -> Iterator[Finding]:
    for name in sources.names():
        try:
            source = sources.load(name)
        except sources.BadSourceError as error:
            yield Finding("source", False, str(error), "Correct the file.", name, SourceState.BROKEN)
            continue
        if not source_facts.is_on(settings, archive, name):
            continue
        if elsewhere := source_facts.not_running(settings, name):
            yield Finding("source", True, elsewhere)
            continue
        # while the next crawl is under way, what the last one found is still true
        report = runs.latest(archive, name, kinds=("crawl",), ended=True) or runs.latest(
            archive, name, kinds=("crawl",)
        )
        if report is None:
            yield Finding(
                "source", True, f"{source.name} is on and was never crawled", source=name, state=SourceState.HEALTHY
            )
            continue
        verdict = report.verdict or "under way"
        fine = verdict in ("good", "under way")
        seen = f"{name}: {verdict}, {source_facts.local(report.started_at, settings)}. {_grouped(report.reason or '')}"
        remedy = None if fine else _source_remedy(archive, name)
        yield Finding("source", fine, seen, remedy, name, state_after(report))
        now = datetime.now(UTC)
        if fine and (silent := silence_of(archive, name, now)):
            remedy = f"Compare with its site: kliping sources check {name}"
            yield Finding("source", False, f"{name}: {silent.in_words(now)}", remedy, name, SourceState.POOR)


def of_hosts(settings: Settings, archive: Archive) -> Iterator[Finding]:
    """What the hosts of the sources that are on asked for or refuse; not fine if they refuse us."""
    now = datetime.now(UTC)
    with archive.reading() as connection:
        known = hosts.load_all(connection)
    for each in known:
        said = each.in_words(now, settings.zone)
        if said and each.source in sources.names() and source_facts.is_on(settings, archive, each.source):
            remedy = (
                f"`kliping sources politeness {each.source}` shows what was asked of it. Ask less of it (delay in "
                f"[sources.{each.source}], docs/settings.md), or ask the publisher."
            )
            state = SourceState.BLOCKED if each.blocks else SourceState.HEALTHY
            yield Finding("host", not each.blocks, said, remedy if each.blocks else None, each.source, state)


MOST = 0.5
"""A source of whose articles a larger share is in doubt is not read well, whatever its runs say."""
LEAST_ARTICLES = 10


def mostly_in_doubt(settings: Settings, archive: Archive) -> Iterator[Finding]:
    """The sources that are on and of whose last articles most are in doubt: a baseline that began so sees no change."""
    with archive.reading() as connection:
        counted = flag_counts.of_last_runs(connection, _LAST_RUNS)
    for each in counted:
        if each.articles < LEAST_ARTICLES or each.doubtful <= MOST * each.articles:
            continue
        if each.source not in sources.names() or not source_facts.is_on(settings, archive, each.source):
            continue
        flag = max(IN_DOUBT, key=lambda name: each.flags.get(name, 0))
        seen = f"{each.source}: {each.doubtful} of its last {each.articles} articles are in doubt, most by {flag}"
        remedy = f"{sentence_of(flag)} See them: kliping search 'flag:{flag} source:{each.source}'"
        yield Finding("source", False, seen, remedy, each.source, SourceState.POOR)


def in_doubt(archive: Archive) -> Iterator[Finding]:
    """The sources whose last runs read articles that carry a flag of `IN_DOUBT`; not fine above the tolerated share."""
    with archive.reading() as connection:
        counted = flag_counts.of_last_runs(connection, _LAST_RUNS)
    for each in counted:
        flags = {flag: each.flags[flag] for flag in IN_DOUBT if each.flags.get(flag)}
        if not flags:
            continue
        listed = ", ".join(f"{number} {flag}" for flag, number in flags.items())
        over = f"the last {each.runs} runs" if each.runs > 1 else "the last run"
        fine = each.doubtful <= runs.TOLERATED_SHARE * each.articles
        most = max(flags, key=lambda flag: flags[flag])
        yield Finding(
            "doubt",
            fine,
            f"{each.source}: of {each.articles} articles in {over}, {listed}",
            None if fine else f"{sentence_of(most)} See them: kliping search 'flag:{most} source:{each.source}'",
        )
    if counted and not any(each.flags.get(flag) for each in counted for flag in IN_DOUBT):
        yield Finding("doubt", True, f"none of {sum(each.articles for each in counted)} articles of the last runs")


def _grouped(reason: str) -> str:
    """A run's reason with equal failures of listings in one sentence: "6 listings gave no answer: DNS lookup failed."

    The hosts are left out of the failures, because every host has its own.
    """
    urls: dict[str, list[str]] = {}
    for url, problem in _FAILURE.findall(reason):
        host = urlsplit(url).hostname or url
        urls.setdefault(problem.replace(host, "the host"), []).append(url)
    if all(len(each) == 1 for each in urls.values()):
        return reason
    parts = [f"{f'{len(each)} listings' if len(each) > 1 else each[0]} {problem}." for problem, each in urls.items()]
    return " ".join(filter(None, [_FAILURE.sub("", reason).strip(), *parts]))


def _source_remedy(archive: Archive, name: str) -> str:
    # Another crawl rarely brings back a field that fell out of its baseline: the pages before and after it tell more.
    return f"kliping sources show {name}" if source_facts.health(archive, name).deviations else f"kliping crawl {name}"

"""Runs: the latest ones, and the whole report of each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from archive import runs as ledger
from archive.clock import duration
from archive.outcomes import explanation
from archive.runs import RunReport, RunSummary
from web.choosing import require_run, require_source
from web.holdings import Opened
from web.problems import PageError
from web.rendering import MenuEntry, page

router = APIRouter(include_in_schema=False)
MENU = MenuEntry(50, "/runs", "runs")
PAGE = 50
MOST_PROBLEMS = 200


@router.get("/runs")
def runs(request: Request, holdings: Opened, source: str = "", before: str = "") -> Response:
    """The latest runs of one source or of all, or those older than a run."""
    known = require_source(holdings, source)
    if before:
        require_run(holdings, "before", before)
    found = ledger.summaries(holdings.archive, source or None, PAGE + 1, datetime.now(UTC), before=before or None)
    values: dict[str, Any] = {
        "runs": found[:PAGE],
        "older": found[PAGE - 1].id if len(found) > PAGE else None,
        "source": source,
        "known": sorted(known, key=lambda name: holdings.title_of(name).casefold()),
        "title_of": holdings.title_of,
        "took": took,
        "zone": holdings.settings.zone,
    }
    return page(request, "runs.html", values)


@router.get("/runs/{run_id}")
def run(request: Request, run_id: str, holdings: Opened) -> Response:
    """The report of a run: how its addresses ended, what it asked of hosts, and the problems by kind."""
    report = ledger.find(holdings.archive, run_id)
    if report is None:
        raise PageError(404, "not_found")
    values: dict[str, Any] = {
        "run": report,
        "took": took(report),
        "outcomes": [(name, count, explanation(name)) for name, count in sorted(report.outcomes.items())],
        "problems": report.problems[:MOST_PROBLEMS],
        "title_of": holdings.title_of,
        "zone": holdings.settings.zone,
    }
    return page(request, "run.html", values)


def took(run: RunSummary | RunReport) -> str | None:
    """How long a run took, in words; None if it is under way."""
    return duration(run.ended_at - run.started_at) if run.ended_at and run.ended_at >= run.started_at else None

"""The API's sources and runs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from archive import runs as ledger
from archive.arrivals import sources_in
from archive.health.report import source_health
from archive.published_days import first_and_last_days
from archive.runs import RunReport, RunSummary
from web.api.articles import valid
from web.api.conditional import ConditionalRoute
from web.api.shapes import RunAnswer, RunInList, RunsAnswer, SourceAnswer, SourcesAnswer
from web.choosing import RUN_ID, require_run, require_source
from web.holdings import Opened
from web.problems import PageError

router = APIRouter(route_class=ConditionalRoute, tags=["operation"])
MOST_RUNS = 200


@router.get("/sources")
def sources(holdings: Opened) -> SourcesAnswer:
    """The sources that have articles or are switched on."""
    with holdings.archive.reading() as connection:
        articles = sources_in(connection)
        days = first_and_last_days(connection)
    running = holdings.operations.running()
    now = datetime.now(UTC)
    answers = []
    for name in sorted({*articles, *running}):
        first, last = days.get(name) or (None, None)
        answers.append(
            {
                "name": name,
                "title": holdings.title_of(name),
                "articles": articles.get(name, 0),
                "first_day": first,
                "last_day": last,
                "on": name in running,
                "health": source_health(holdings.archive, name, now).state,
            }
        )
    return SourcesAnswer(sources=[SourceAnswer.model_validate(each) for each in answers])


@router.get("/runs")
def runs(
    holdings: Opened,
    source: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_RUNS)] = 50,
    cursor: Annotated[str, Query(pattern=f"^({RUN_ID[1:-1]})?$", description="`next` of the page before.")] = "",
) -> RunsAnswer:
    """Runs, the newest first. A run that begins meanwhile stands before the first page, and shifts no other."""
    require_source(holdings, source)
    if cursor:
        require_run(holdings, "cursor", cursor)
    found = ledger.summaries(holdings.archive, source or None, limit + 1, datetime.now(UTC), before=cursor or None)
    shown = found[:limit]
    more = shown[-1].id if len(found) > limit else None
    return RunsAnswer(runs=[RunInList.model_validate(_line(each)) for each in shown], next=more)


@router.get("/runs/{run_id}")
def run(holdings: Opened, run_id: Annotated[str, Path(pattern=RUN_ID)]) -> RunAnswer:
    """The report of a run."""
    report = ledger.find(holdings.archive, run_id)
    if report is None:
        raise PageError(404, "no_run")
    more: dict[str, Any] = {
        "listed": report.listed,
        "taken_up": report.taken_up,
        "unfinished": report.unfinished,
        "hosts": [asdict(each) for each in report.hosts],
        "problems": [asdict(each) for each in report.problems],
    }
    return RunAnswer.model_validate(_line(report) | valid(more))


def _line(run: RunSummary | RunReport) -> dict[str, Any]:
    line: dict[str, Any] = valid(
        {
            "id": run.id,
            "source": run.source,
            "kind": run.kind,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "verdict": run.verdict,
            "reason": run.reason,
            "outcomes": dict(run.outcomes),
        }
    )
    return line

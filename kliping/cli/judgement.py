"""What `kliping doctor` finds, as states of subjects, for notifications. Nothing is judged here a second time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from archive import leases, runs
from archive.health.state import SourceState
from kliping.cli import doctor
from kliping.cli.finding import Finding
from notify.conditions import HEALTHY, SOURCE, TROUBLE, Sighting

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

CHECK_SECONDS = 1.0
"""How long the archive is examined: this happens every few minutes. `kliping doctor` takes longer."""
PATIENCE = timedelta(minutes=10)
"""How long something is wrong that may pass by itself, before people are told."""
PARTS = {
    **dict.fromkeys(("cluster", "version", "key", "copies", "nodes"), "index"),
    **dict.fromkeys(("verified", "window", "source"), "archive"),
}
"""What findings are about that is part of another subject: the engine's own conditions; and of no source, the weekly
verification with its windows."""
NOT_TOLD = frozenset({"settings", "user agent", "windows", "doubt", "notifications"})
"""What concerns whoever sets Kliping up, and what is told of each source anyway."""


def sightings(settings: Settings, archive: Archive) -> list[Sighting]:
    """The states of all that `kliping status` looks at. Raises what the archive raises where it cannot be used."""
    findings = list(doctor.of_operation(settings, archive, CHECK_SECONDS))
    return of_findings(findings, saving=_is_saving(archive))


def of_findings(findings: Iterable[Finding], *, saving: bool) -> list[Sighting]:
    """The states that findings tell. `saving`: a crawl or import is under way, so that an index may be behind."""
    by_subject: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.source is not None:
            by_subject.setdefault(f"{SOURCE}{finding.source}", []).append(finding)
        elif finding.about not in NOT_TOLD:
            by_subject.setdefault(PARTS.get(finding.about, finding.about), []).append(finding)
    return [
        _of_source(subject, found) if subject.startswith(SOURCE) else _of_other(subject, found, saving=saving)
        for subject, found in by_subject.items()
    ]


def _of_source(subject: str, findings: Sequence[Finding]) -> Sighting:
    """What its last crawl was like counts for more than that the next one is missing: it tells why."""
    wrong = [finding for finding in findings if not finding.fine]
    if not wrong:
        state = HEALTHY if all(finding.state for finding in findings) else None  # None: a crawl is under way
        return Sighting(subject, state)
    wrong.sort(key=lambda finding: finding.state == SourceState.OVERDUE)
    return Sighting(subject, wrong[0].state or TROUBLE, *_in_words(wrong))


def _of_other(subject: str, findings: Sequence[Finding], *, saving: bool) -> Sighting:
    wrong = [finding for finding in findings if not finding.fine]
    if not wrong:
        return Sighting(subject, HEALTHY)
    passing = all(finding.passing for finding in wrong)
    if passing and saving:
        return Sighting(subject, None)
    return Sighting(subject, TROUBLE, *_in_words(wrong), PATIENCE if passing else timedelta())


def _in_words(wrong: Sequence[Finding]) -> tuple[str, str | None]:
    remedies = dict.fromkeys(finding.remedy for finding in wrong if finding.remedy)
    return "\n".join(finding.seen for finding in wrong), " ".join(remedies) or None


def _is_saving(archive: Archive) -> bool:
    holders = [lease.holder for lease in leases.living(archive)]
    with archive.reading() as connection:
        return runs.is_one_open(connection, holders)

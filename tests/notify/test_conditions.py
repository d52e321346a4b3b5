"""States: a change is told once, its recovery once, and what passes by itself not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive.conditions import ToldCondition
from notify.conditions import HEALTHY, TROUBLE, Sighting, StateChange, compare

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Seer:
    """Compares one sighting after the other, as the transaction does."""

    def __init__(self) -> None:
        self.known: dict[str, ToldCondition] = {}
        self.now = NOW

    def see(self, *seen: Sighting, after: timedelta = MINUTE) -> list[tuple[str, str | None, str | None]]:
        self.now += after
        found = compare(self.known, seen, self.now)
        self.known |= {row.subject: row for row in found.rows}
        for subject in found.gone:
            del self.known[subject]
        return [(change.seen.subject, change.before, change.seen.state) for change in found.changes]


def antara(state: str | None) -> Sighting:
    return Sighting("source:antara", state, "It is so.")


def test_a_change_is_told_once_and_a_recovery_once() -> None:
    seer = Seer()
    assert seer.see(antara(HEALTHY)) == []  # nobody needs to hear that all is well
    assert seer.see(antara("blocked")) == [("source:antara", HEALTHY, "blocked")]
    assert seer.see(antara("blocked")) == []
    assert seer.see(antara("broken")) == [("source:antara", "blocked", "broken")]
    assert seer.see(antara(HEALTHY)) == [("source:antara", "broken", HEALTHY)]
    assert seer.see(antara(HEALTHY)) == []


def test_what_is_wrong_at_the_first_look_is_told() -> None:
    assert Seer().see(antara("empty")) == [("source:antara", None, "empty")]


def test_what_cannot_be_told_now_stays_as_it_was() -> None:
    seer = Seer()
    seer.see(antara("blocked"))
    assert seer.see(antara(None)) == []  # a crawl is under way
    assert seer.see(antara("blocked")) == []
    assert seer.see(antara(HEALTHY)) == [("source:antara", "blocked", HEALTHY)]


def test_a_source_that_is_switched_off_is_forgotten_and_begins_anew() -> None:
    seer = Seer()
    seer.see(antara("blocked"))
    assert seer.see() == []
    assert seer.known == {}
    assert seer.see(antara("blocked")) == [("source:antara", None, "blocked")]


def test_what_is_not_named_any_more_is_healthy_again() -> None:
    """The findings about a clock exist only while something is wrong with it."""
    seer = Seer()
    seer.see(Sighting("clock", TROUBLE))
    assert seer.see() == [("clock", TROUBLE, HEALTHY)]


def test_what_may_pass_is_told_when_it_has_lasted() -> None:
    seer, behind = Seer(), Sighting("index", TROUBLE, patience=10 * MINUTE)
    assert seer.see(behind) == []
    assert seer.see(Sighting("index", HEALTHY), after=9 * MINUTE) == []
    assert seer.see(behind) == []
    assert seer.see(behind, after=9 * MINUTE) == []
    assert seer.see(behind, after=2 * MINUTE) == [("index", HEALTHY, TROUBLE)]
    assert seer.see(Sighting("index", HEALTHY)) == [("index", TROUBLE, HEALTHY)]


def test_patience_is_not_lost_to_a_clock_that_stood_ahead() -> None:
    seer, behind = Seer(), Sighting("index", TROUBLE, patience=10 * MINUTE)
    seer.see(behind, after=timedelta(days=400))
    seer.see(behind, after=-timedelta(days=400))
    assert seer.see(behind, after=11 * MINUTE) == [("index", HEALTHY, TROUBLE)]


def test_a_change_says_since_when() -> None:
    known = {"disk": ToldCondition("disk", HEALTHY, NOW - timedelta(days=2))}
    (change,) = compare(known, [Sighting("disk", TROUBLE)], NOW).changes
    assert change == StateChange(Sighting("disk", TROUBLE), HEALTHY, NOW - timedelta(days=2), NOW)

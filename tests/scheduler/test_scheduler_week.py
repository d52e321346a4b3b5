"""A week of trouble on a simulated machine, and any pattern of deaths and sleeps: no window is lost or run twice."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.timetable import TimetableEntry
from tests.support.simulated import ChildBehaviour, SimulatedMachine, quick_archive

ZONE = "Asia/Jakarta"
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
NIGHTLY = TimetableEntry("nightly", "site:nightly.test", ZONE, cron="0 2 * * *", configured=True, time_limit=3600)
HOURLY = TimetableEntry("hourly", "site:hourly.test", ZONE, every=3600, configured=True, time_limit=1800)
KINDS = ("good", "good", "good", "attention", "failed", "dies", "unborn", "frozen")


@pytest.fixture(autouse=True)
def logs_of_our_own() -> None:
    """A command that another test ran in this process has turned the logs to its own standard error."""
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    with quick_archive(folder) as archive, archive.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "archive.sqlite3"


def week_of_trouble(world: SimulatedMachine, dice: random.Random, steps: int, step: float) -> None:
    """Kill schedulers and children at random, and put the machine to sleep for hours and once for days."""
    long_sleep = dice.randrange(steps // 4, steps // 2)
    for number in range(steps):
        for place in range(world.places):
            if world.schedulers[place] is None:
                if dice.random() < 0.15:
                    world.revive(place)
            elif dice.random() < 0.01:
                world.schedulers[place] = None
        if world.children and dice.random() < 0.02:
            dice.choice(world.children).kill()
        asleep = 3 * 86400 if number == long_sleep else dice.uniform(600, 6 * 3600) if dice.random() < 0.005 else 0
        world.sleep(asleep)
        world.step(step, schedulers_first=dice.random() < 0.5)


@pytest.mark.parametrize("attempt", [0, *(pytest.param(number, marks=pytest.mark.soak) for number in range(1, 20))])
def test_a_simulated_week_of_trouble(tmp_path: Path, template: Path, attempt: int) -> None:
    """Schedulers killed at random, the machine asleep for hours and days, two schedulers on one database, children that
    fail, die, freeze or never begin: every window has one run that ended, or is visibly given up; no source twice."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  shown when the test fails
    dice = random.Random(seed)
    rows = (
        NIGHTLY,
        HOURLY,
        TimetableEntry("often", "site:shared.test", ZONE, every=1800, configured=True, time_limit=3600),
        TimetableEntry(
            "sibling", "site:shared.test", "Europe/Berlin", cron="15 */3 * * *", configured=True, time_limit=3600
        ),
    )
    entries = {row.source: row for row in rows}
    with quick_archive(tmp_path, template) as archive:
        world = SimulatedMachine(
            archive,
            entries,
            fate=lambda _: ChildBehaviour(dice.choice(KINDS), dice.uniform(60, 2400)),
            places=2,
            at_once=3,
        )
        world.step(0)
        week_of_trouble(world, dice, steps=672, step=900)
        world.calm_down()
        world.finish_now()
        for source in entries:
            world.check_nothing_lost(source, NOON)
        states = [state for source in entries for _, state in world.table(source)]
        assert states.count("done") > len(states) / 2
        assert "missed" in states, "three days asleep with a limit of two"


def any_frozen(world: SimulatedMachine) -> bool:
    return any(child.fate.kind == "frozen" for child in world.children)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["go", "go", "go", "sleep", "kill child", "kill scheduler", "revive", "close"]),
        st.integers(0, 1),
        st.sampled_from([60.0, 400.0, 1000.0, 5000.0, 40_000.0]),
        st.booleans(),
    ),
    max_size=16,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, fates=st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
def test_any_pattern_of_deaths_and_sleeps_loses_no_window(
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    events: list[tuple[str, int, float, bool]],
    fates: list[str],
) -> None:
    """Whatever is killed or asleep, and when: each window ends in exactly one finished run or is visibly given up."""
    drawn = iter(fates)
    with quick_archive(tmp_path_factory.mktemp("any"), template) as archive:
        other = TimetableEntry("other", HOURLY.lease, ZONE, every=7200, configured=True, time_limit=1800)
        entries = {"hourly": HOURLY, "other": other}
        world = SimulatedMachine(archive, entries, fate=lambda _: ChildBehaviour(next(drawn, "good"), 700), places=2)
        world.step(0)
        for event, place, seconds, schedulers_first in events:
            scheduler = world.schedulers[place]
            if event == "kill child" and world.children:
                world.children[place % len(world.children)].kill()
            elif event == "kill scheduler":
                world.schedulers[place] = None
            elif event == "revive" and scheduler is None:
                world.revive(place)
            elif event == "close" and scheduler is not None and not any_frozen(world):
                scheduler.close(pause=lambda _: world._let_children_live())
                world.schedulers[place] = None
            if event == "sleep":
                world.sleep(seconds)
            world.step(seconds if event == "go" else 60.0, schedulers_first)
        world.calm_down()
        world.finish_now()
        for source in entries:
            world.check_nothing_lost(source, NOON)

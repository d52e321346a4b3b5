"""A week of trouble on a simulated machine, and any pattern of deaths and sleeps: no window is lost or run twice."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.timetable import TimetableEntry
from tests.support.simulated import ChildBehaviour, SimulatedMachine, quick_archive

ZONE = "Asia/Jakarta"
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
NIGHTLY = TimetableEntry("nightly", "site:nightly.test", ZONE, cron="0 2 * * *", configured=True, time_limit=3600)
HOURLY = TimetableEntry("hourly", "site:hourly.test", ZONE, every=3600, configured=True, time_limit=1800)
KINDS = ("good", "good", "good", "attention", "failed", "dies", "dies-at-start", "frozen")


def week_of_trouble(machine: SimulatedMachine, dice: random.Random, steps: int, step: float) -> None:
    """Kill schedulers and children at random, and put the machine to sleep for hours and once for days."""
    long_sleep = dice.randrange(steps // 4, steps // 2)
    for number in range(steps):
        for index, scheduler in enumerate(machine.schedulers):
            if scheduler is None:
                if dice.random() < 0.15:
                    machine.start_scheduler(index)
            elif dice.random() < 0.01:
                machine.schedulers[index] = None
        if machine.children and dice.random() < 0.02:
            dice.choice(machine.children).kill()
        asleep = 3 * 86400 if number == long_sleep else dice.uniform(600, 6 * 3600) if dice.random() < 0.005 else 0
        machine.sleep(asleep)
        machine.step(step, schedulers_first=dice.random() < 0.5)


@pytest.mark.large
@pytest.mark.parametrize("attempt", [0, *(pytest.param(number, marks=pytest.mark.soak) for number in range(1, 20))])
def test_a_simulated_week_of_trouble(tmp_path: Path, template: Path, attempt: int) -> None:
    """Schedulers killed at random, the machine asleep for hours and days, two schedulers on one database, children that
    fail, die, freeze or never begin: every window has one finished run, or is failed or missed; none runs twice."""
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
        machine = SimulatedMachine(
            archive,
            entries,
            behaviour=lambda _: ChildBehaviour(dice.choice(KINDS), dice.uniform(60, 2400)),
            scheduler_count=2,
            at_once=3,
        )
        machine.step(0)
        step = 900 if attempt else 1200  # the soak takes smaller steps
        week_of_trouble(machine, dice, steps=7 * 86400 // step, step=step)
        machine.settle_down()
        machine.finish_now()
        for source in entries:
            machine.check_nothing_lost(source, NOON)
        states = [state for source in entries for _, state in machine.table(source)]
        assert states.count("done") > len(states) / 2
        assert "missed" in states, "three days asleep with a limit of two"


def any_frozen(machine: SimulatedMachine) -> bool:
    return any(child.behaviour.kind == "frozen" for child in machine.children)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["run", "run", "run", "sleep", "kill child", "kill scheduler", "start scheduler", "close"]),
        st.integers(0, 1),
        st.sampled_from([60.0, 400.0, 1000.0, 5000.0, 40_000.0]),
        st.booleans(),
    ),
    max_size=16,
)


@pytest.mark.large
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, behaviours=st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
def test_any_pattern_of_deaths_and_sleeps_loses_no_window(
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    events: list[tuple[str, int, float, bool]],
    behaviours: list[str],
) -> None:
    """Whatever is killed or asleep, and when: each window has exactly one finished run, or is failed or missed."""
    drawn = iter(behaviours)
    with quick_archive(tmp_path_factory.mktemp("any"), template) as archive:
        other = TimetableEntry("other", HOURLY.lease, ZONE, every=7200, configured=True, time_limit=1800)
        entries = {"hourly": HOURLY, "other": other}
        machine = SimulatedMachine(
            archive, entries, behaviour=lambda _: ChildBehaviour(next(drawn, "good"), 700), scheduler_count=2
        )
        machine.step(0)
        for event, index, seconds, schedulers_first in events:
            scheduler = machine.schedulers[index]
            if event == "kill child" and machine.children:
                machine.children[index % len(machine.children)].kill()
            elif event == "kill scheduler":
                machine.schedulers[index] = None
            elif event == "start scheduler" and scheduler is None:
                machine.start_scheduler(index)
            elif event == "close" and scheduler is not None and not any_frozen(machine):
                scheduler.close(pause=lambda _: machine.advance_children())
                machine.schedulers[index] = None
            if event == "sleep":
                machine.sleep(seconds)
            machine.step(seconds if event == "run" else 60.0, schedulers_first)
        machine.settle_down()
        machine.finish_now()
        for source in entries:
            machine.check_nothing_lost(source, NOON)

"""The baseline of a source: when a run is judged, and which deviations are reported."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from archive.health.baseline import find_deviations, recent_baseline
from archive.health.harvest import (
    LOOKBACK,
    Deviation,
    FieldCount,
    Harvest,
)

MONDAY = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)


def a_run(night: float, articles: int = 40, *, length: int = 2000, stored: int | None = None, **good: int) -> Harvest:
    """A run `night` days after a Monday. `good`: how many articles have each field. Page ids encode night and kind."""
    name = f"run-{night:g}"
    fields = {
        field: FieldCount(articles, count, int(night * 10) + 1, int(night * 10) + 2) for field, count in good.items()
    }
    return Harvest(
        name,
        MONDAY + timedelta(days=night),
        articles,
        articles if stored is None else stored,
        0,
        length,
        int(night * 10) + 3,
        False,
        fields,
    )


def judged(runs: Iterable[Harvest]) -> list[tuple[Harvest, list[Deviation]]]:
    """Judges runs one after the other, each by those before it, with the rows that the archive would load."""
    results: list[tuple[Harvest, list[Deviation]]] = []
    for run in runs:
        before = [each for each, _ in results]
        recent = [each for each in before if run.started_at - each.started_at < LOOKBACK]
        found = find_deviations(run, recent[::-1], before[:750])
        deviating = {each.field: each.bad_page for each in found}
        results.append(
            (Harvest(**{name: getattr(run, name) for name in run.__slots__} | {"deviating": deviating}), found)
        )
    return results


def sentences(runs: Iterable[Harvest]) -> list[str]:
    """The run id and sentence of each deviation, run by run."""
    return [f"{run.run_id} {each.sentence}" for run, deviations in judged(runs) for each in deviations]


def test_a_vanished_byline_is_reported_with_its_share_and_the_usual_one() -> None:
    nights = [a_run(night, author=37 - night % 2) for night in range(14)]
    assert sentences([*nights, a_run(14, author=1)]) == ["run-14 author: 2 % of 40 articles, usually 91 %."]


def test_the_last_good_and_first_bad_page_are_named_and_stay_the_same_on_later_nights() -> None:
    nights = [a_run(night, author=37) for night in range(10)]
    broken = [a_run(night, author=0) for night in (10, 11, 12)]
    for _, (deviation,) in judged([*nights, *broken])[10:]:
        assert (deviation.good_page, deviation.bad_page) == (9 * 10 + 1, 10 * 10 + 2)


def test_a_baseline_never_follows_a_break() -> None:
    """Half a year later the field is still reported as missing, unless somebody accepts the change."""
    nights = [a_run(night, author=37) for night in range(10)]
    found = sentences([*nights, *(a_run(night, author=4) for night in range(10, 200))])
    assert len(found) == 190
    assert found[-1] == "run-199 author: 10 % of 40 articles, usually 92 %."


@pytest.mark.parametrize("nights", [0, 1, 6])
def test_nothing_is_judged_before_the_eighth_night(nights: int) -> None:
    assert sentences([*(a_run(night, author=40) for night in range(nights)), a_run(nights, author=0)]) == []


def test_seven_nights_are_enough_for_a_baseline() -> None:
    assert sentences([*(a_run(night, author=40) for night in range(7)), a_run(7, author=0)]) == [
        "run-7 author: 0 % of 40 articles, usually 100 %."
    ]


def test_nights_with_two_articles_are_judged_five_at_a_time() -> None:
    small = [a_run(night, 2, author=2) for night in range(40)]
    broken = [a_run(night, 2, author=0) for night in range(40, 80)]
    assert sentences([*small, broken[0]]) == []
    found = sentences([*small, *broken])
    assert found[0] == "run-42 author: 40 % of 10 articles in 5 runs, usually 100 %."
    assert [each.split()[0] for each in found] == [f"run-{night}" for night in range(42, 80)]


def test_a_run_that_read_nothing_is_not_judged() -> None:
    nights = [a_run(night, author=37) for night in range(10)]
    assert sentences([*nights, a_run(9.1, 0, author=0)]) == []


def test_varying_weekends_are_normal_for_a_year_but_a_weekday_without_bylines_is_not() -> None:
    """On weekends a third of the articles, about half of them without a byline, drawn at random."""
    chance = random.Random(7)
    year = []
    for night in range(364):
        articles, share = (20, 0.55) if night % 7 in (5, 6) else (60, 0.92)
        year.append(a_run(night, articles, author=sum(chance.random() < share for _ in range(articles))))
    assert len(sentences(year)) <= 1
    assert sentences([*year, a_run(364, 60, author=3)])[-1].startswith("run-364 author: 5 % of 60 articles, usually 9")


def test_weekends_with_fewer_bylines_and_fewer_articles_are_normal() -> None:
    """On Saturdays and Sundays a third of the articles, and few of them with a byline."""
    weeks = [
        a_run(night, 14, author=6) if night % 7 in (5, 6) else a_run(night, 40, author=37) for night in range(12 * 7)
    ]
    assert sentences(weeks) == []


def test_a_changed_template_in_one_of_several_channels_is_detected() -> None:
    nights = [a_run(night, 60, author=55 + night % 3) for night in range(20)]
    assert sentences([*nights, a_run(20, 60, author=37)]) == ["run-20 author: 62 % of 60 articles, usually 93 %."]


def test_a_slow_decay_is_detected_although_each_night_resembles_the_one_before() -> None:
    """One point less every third night: the recent baseline follows it, the first one does not."""
    nights = [a_run(night, 100, author=92 if night < 40 else 92 - (night - 40) // 3) for night in range(200)]
    found = sentences(nights)
    assert found
    assert "it was 92 % at first (from 2026-03-02), and changed so slowly that no night stood out." in found[0]
    share = int(found[0].split("lately ")[1].split(" %")[0])
    assert 65 <= share <= 72
    assert sentences([*nights, a_run(200, 100, author=92)])[-1].startswith(
        "run-199 "
    )  # repaired: run 200 is not reported


@pytest.mark.parametrize(("length", "reported"), [(310, 310), (9000, 9000), (1500, None), (3300, None)])
def test_bodies_of_unusual_length_are_reported(length: int, reported: int | None) -> None:
    """A selector that matches only the lede, and one that matches the whole page."""
    nights = [a_run(night, length=1800 + 50 * (night % 9)) for night in range(20)]
    usual = "usually 1,975 characters"
    expected = f"run-20 body length: a median of {length:,} characters over 40 articles, {usual}."
    assert sentences([*nights, a_run(20, length=length)]) == ([expected] if reported else [])


def test_pages_rejected_for_a_new_reason_are_reported_with_their_share() -> None:
    nights = [a_run(night, 40) for night in range(10)]
    fields = {"rejected:no-date": FieldCount(50, 35, 7, 8)}
    broken = Harvest("run-10", MONDAY + timedelta(days=10), 35, 35, 0, 2000, 9, False, fields)
    assert sentences([*nights, broken]) == ["run-10 rejected:no-date: 30 % of 50 pages, usually 0 %."]


def test_a_day_with_too_few_new_articles_is_reported_but_a_second_run_of_the_day_is_not() -> None:
    nights = [a_run(night, 20 if night % 7 in (5, 6) else 40) for night in range(14)]
    by_hand = a_run(13.2, 0, stored=0)
    assert sentences([*nights, by_hand, a_run(14, 30)]) == []
    assert sentences([*nights, by_hand, a_run(14, 30, stored=4)]) == [
        "run-14 articles: 4 new in a day, usually 40 and never less than 20."
    ]


def test_the_articles_of_an_hourly_source_are_counted_per_day_too() -> None:
    """Nothing is published at night, so no single run can be judged by itself."""
    hours = [
        a_run(day + hour / 24, 5 if hour < 15 else 0, stored=5 if hour < 15 else 0)
        for day in range(16)
        for hour in range(24)
    ]
    assert sentences(hours) == []
    silent = [a_run(16 + hour / 24, 0, stored=0) for hour in range(24)]
    found = sentences([*hours, *silent])
    assert found
    assert all(each.startswith("run-16.") and "new in a day, usually 55" in each for each in found)


def test_a_run_cut_short_is_not_judged_by_its_number_of_articles() -> None:
    nights = [a_run(night) for night in range(14)]
    cut = Harvest("run-14", MONDAY + timedelta(days=14), 2, 2, 0, 2000, 9, True)
    assert sentences([*nights, cut]) == []


@pytest.mark.large
def test_chance_alone_raises_at_most_one_false_alarm_in_three_years() -> None:
    """Nights with shares and numbers of articles that vary as those of publishers do."""
    chance = random.Random(20261125)
    runs: list[Harvest] = []
    for night in range(3 * 365):
        usual = 14 if night % 7 in (5, 6) else 40
        articles = max(1, round(chance.gauss(usual, usual**0.5)))
        drawn = {
            field: sum(chance.random() < share for _ in range(articles))
            for field, share in {"author": 0.92, "dateline": 0.45, "agency": 0.15, "tags": 0.99}.items()
        }
        runs.append(a_run(night, articles, length=round(chance.gauss(2000, 250)), **drawn))
    assert len(sentences_by_window(runs)) <= 1


def sentences_by_window(runs: Sequence[Harvest]) -> list[str]:
    """As `sentences`, with enough of the past for 30 batches a day: the last 50 nights, and the first 50."""
    found: list[str] = []
    for place, run in enumerate(runs):
        deviations = find_deviations(run, runs[max(0, place - 50) : place][::-1], runs[: min(place, 50)])
        found += [each.sentence for each in deviations]
    return found


def test_the_baseline_is_the_median_without_the_runs_that_deviated() -> None:
    runs = [run for run, _ in judged([*(a_run(night, author=36) for night in range(8)), a_run(8, author=0)])]
    baseline = recent_baseline("author", runs[::-1])
    assert baseline
    assert (baseline.usual, baseline.low) == (0.9, 0.9)

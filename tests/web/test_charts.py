"""Charts: what is unknown is not drawn as nothing, and a chart needs neither a script nor a style of its own."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from lxml import etree

from web.charts import CalendarDay, Caption, Line, Strip, line_chart, year_calendar

CAPTION = Caption("chart", "Berapa <banyak>", 'gempa & "banjir"')
LABELS = ["a", "b", "c", "d", "e"]


def drawn(svg: str) -> etree._Element:
    """A chart as XML."""
    return etree.fromstring(svg.encode())


def classes(svg: str, name: str) -> list[etree._Element]:
    """The shapes that have a class."""
    return [each for each in drawn(svg).iter() if name in (each.get("class") or "").split()]


def test_a_line_is_broken_where_nothing_is_known() -> None:
    """A gap is hatched behind the line and in the strip; a point between two gaps is marked."""
    strip = Strip("semua", [9, 0, 4, 0, 2], ["", "gap", "partial", "gap", ""], str)
    svg = line_chart(LABELS, [Line("gempa", [3, None, 5, None, 0])], CAPTION, str, strip)
    (path,) = classes(svg, "curve")
    assert path.get("d").count("M") == 3
    assert "l" not in path.get("d")
    assert len(classes(svg, "mark")) == 3
    behind, *in_strip = classes(svg, "gap")
    assert (behind.get("d").count("M"), len(in_strip)) == (2, 2)
    assert len(classes(svg, "partial")) == 1


def test_the_longest_chart_is_small_and_says_the_same() -> None:
    """Of 750 days and five lines each line is one path, whose points are where they belong, and so are the bars."""
    days = [str(date(2014, 1, 1) + timedelta(days=number)) for number in range(750)]
    lines = [Line(f"baris {number}", [(day * (number + 7)) % 97 for day in range(750)]) for number in range(5)]
    states = ["partial" if day % 5 == 0 else "" for day in range(750)]
    svg = line_chart(days, lines, CAPTION, str, Strip("semua", [day % 90 + 1 for day in range(750)], states, str))
    assert len(svg.encode()) < 36_000
    assert len(list(drawn(svg).iter())) < 60
    curves = classes(svg, "curve")
    assert [each.get("d").count("M") for each in curves] == [1] * 5
    for line, curve in zip(lines, curves, strict=True):
        heights = absolute(curve.get("d"))
        assert len(heights) == 750
        scale = 220 / 100  # the plot is 220 high, its axis ends at 100
        assert all(abs(232 - value * scale - y) <= 0.51 for value, y in zip(line.values, heights, strict=True))
    assert {each.get("class") for each in classes(svg, "strip")} == {"strip ", "strip partial"}


def absolute(path: str) -> list[float]:
    """The heights of a path's points: it begins at M, and each l goes on from the point before."""
    heights: list[float] = []
    for command, y in re.findall(r"([Ml])-?[\d.]+ ?(-?[\d.]+)", path):
        heights.append(float(y) + (heights[-1] if command == "l" else 0))
    return heights


def test_points_between_gaps_are_seen_on_a_long_chart() -> None:
    """A line that is broken on both sides of each point is a row of dots, in one path."""
    values = [None if day % 2 else day for day in range(750)]
    states = ["gap" if day % 2 else "" for day in range(750)]
    strip = Strip("semua", [0 if day % 2 else 3 for day in range(750)], states, str)
    svg = line_chart([str(day) for day in range(750)], [Line("a", values)] * 5, CAPTION, str, strip)
    assert [each.get("d").count("M") for each in classes(svg, "lone")] == [375] * 5
    assert len(classes(svg, "gap")) == 2
    assert len(svg.encode()) < 80_000


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 3], ["0", "1", "2", "3"]),
        ([1], ["0", "1"]),
        ([0], ["0", "1"]),
        ([109], ["0", "25", "50", "75", "100", "125"]),
        ([0.031, 0.012], ["0.00", "0.01", "0.02", "0.03", "0.04"]),
        ([1.0], ["0.00", "0.20", "0.40", "0.60", "0.80", "1.00"]),
    ],
)
def test_an_axis_begins_at_zero_and_has_round_numbers(values: list[float], expected: list[str]) -> None:
    """Of counts they are whole: there is no half of an article."""
    whole = all(isinstance(value, int) for value in values)
    svg = line_chart(
        [str(place) for place in range(len(values))],
        [Line("a", values)],
        CAPTION,
        lambda value: f"{value:.0f}" if whole else f"{value:.2f}",
        None,
    )
    assert [each.text for each in classes(svg, "end")] == expected


def test_a_chart_says_what_it_shows_and_has_no_style_or_script() -> None:
    """Its title and description are its name for those who do not see it; whatever they contain is text."""
    svg = line_chart(LABELS, [Line("<b>", [1, 2, 3, 4, 5])], CAPTION, str, None)
    root = drawn(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "chart-title chart-desc"
    assert [each.text for each in root[:2]] == [CAPTION.title, CAPTION.description]
    assert not re.search(r"style=|<script|<style|\son\w+=", svg)


def test_more_lines_than_can_be_told_apart_are_refused() -> None:
    """So are values that match no label."""
    with pytest.raises(ValueError, match="1 to 5 lines"):
        line_chart(LABELS, [Line(str(number), [1] * 5) for number in range(6)], CAPTION, str, None)
    with pytest.raises(ValueError, match="one value for each label"):
        line_chart(LABELS, [Line("a", [1])], CAPTION, str, None)


@pytest.mark.parametrize("year", [2015, 2016, 2024, 2028])
def test_a_calendar_has_a_cell_for_each_day_in_the_column_of_its_week(year: int) -> None:
    """No two days share a place, Mondays are in the first row, and the first week may begin in the middle."""
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366 if year % 4 == 0 else 365)]
    cells = {day: CalendarDay("1", str(day)) for day in days}
    svg = year_calendar(year, cells, ["m"] * 12, CAPTION)
    corners = {each[0].text: re.match(r"M(\d+) (\d+)h", each.get("d")) for each in classes(svg, "day")}
    places = {text: (float(found[1]), float(found[2])) for text, found in corners.items() if found}
    assert len(svg.encode()) < 36_000
    assert len(set(places.values())) == len(days)
    assert len({places[str(day)][1] for day in days if day.weekday() == 0}) == 1
    for one, two in pairwise(days):
        assert (places[str(two)][0] > places[str(one)][0]) == (two.weekday() == 0)

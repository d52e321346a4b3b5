"""Charts as SVG, made on the server: they need no script, they print, and their colours are the style sheet's.

Nothing here has an inline style, which the content security policy forbids: shapes have classes (`series-1` … in
`static/charts.css`) and geometry. A chart is one image to a screen reader, with a title and a description; the page
prints its numbers as a table beside it. Texts come in finished, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, log10

from markupsafe import Markup

MOST_LINES = 5
WIDTH, LEFT, RIGHT, TOP = 840, 56, 12, 12
PLOT, STRIP, LABELS = 220, 44, 24
"""Heights: of the lines, of the strip beneath them, and of the labels of the time."""
_POINTS = 120
"""Points of all lines up to which each is marked, and says its value to a pointer. More make a page heavy."""
_DENSE = 100
"""Labels up to which coordinates have a decimal, and bars of the strip are shapes that say their values."""
_CELL, _STEP = 11, 13


@dataclass(frozen=True, slots=True)
class Line:
    """A line: a value for each label, None where there is none (the line is broken there)."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Strip:
    """Bars beneath the lines, one for each label, and for each its `state`: "", "gap" or "partial"."""

    name: str
    values: Sequence[int]
    states: Sequence[str]
    number: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Caption:
    """What an image is called: an `id` that is unique on the page, a title, and a sentence of what is to be seen."""

    id: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of a calendar: its `level` from "0" to "4", or "gap", or "none" for a day of which nothing is expected; and
    what it says to a pointer."""

    level: str
    says: str


def line_chart(
    labels: Sequence[str], lines: Sequence[Line], caption: Caption, number: Callable[[float], str], strip: Strip | None
) -> Markup:
    """One to five lines over time, from zero, with a strip of bars beneath.

    `number` writes a value. Raises ValueError for more lines than can be told apart, or values that match no label.
    """
    if not 1 <= len(lines) <= MOST_LINES:
        raise ValueError(f"a chart has 1 to {MOST_LINES} lines, not {len(lines)}")
    if any(len(line.values) != len(labels) for line in lines) or (strip and len(strip.values) != len(labels)):
        raise ValueError("every line has one value for each label")
    values = [value for line in lines for value in line.values if value is not None]
    step_up, count = _steps(max(values, default=0), whole=all(isinstance(value, int) for value in values))
    top = step_up * count
    height = TOP + PLOT + LABELS + (STRIP + 12 if strip else 0)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    middles = [LEFT + step * (place + 0.5) for place in range(len(labels))]
    hatch = f"{caption.id}-hatch"
    parts = [_hatch(hatch), _gaps(strip, middles, step, hatch, TOP, PLOT)] if strip else []
    parts.append(_grid(step_up, count, number))
    marked = len(labels) * len(lines) <= _POINTS
    for place, line in enumerate(lines, start=1):
        parts.append(_line(place, line, middles, top, labels, number, marked=marked))
    parts.append(_time(labels, middles))
    if strip:
        parts.append(_strip(strip, middles, step, labels, hatch))
    return _image(caption, WIDTH, height, "chart", parts)


def year_calendar(year: int, days: Mapping[date, CalendarDay], months: Sequence[str], caption: Caption) -> Markup:
    """A year at a glance: a column for each week (Monday first), a cell for each day in `days`.

    `months` are the names of the twelve months.
    """
    first = date(year, 1, 1)
    monday = first - timedelta(days=first.weekday())
    parts: list[Markup] = []
    for month, name in enumerate(months, start=1):
        x = (date(year, month, 1) - monday).days // 7 * _STEP
        parts.append(Markup('<text class="label" x="{}" y="10">{}</text>').format(x, name))
    for day in sorted(days):
        week, weekday = divmod((day - monday).days, 7)
        square = f"M{week * _STEP} {16 + weekday * _STEP}h{_CELL}v{_CELL}h-{_CELL}z"
        parts.append(
            Markup('<path class="day level-{}" d="{}"><title>{}</title></path>').format(
                days[day].level, square, days[day].says
            )
        )
    return _image(caption, 54 * _STEP, 16 + 7 * _STEP, "calendar", parts)


def _image(caption: Caption, width: int, height: int, kind: str, parts: Iterable[Markup]) -> Markup:
    return Markup(
        '<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id}-title {id}-desc">'
        '<title id="{id}-title">{title}</title><desc id="{id}-desc">{description}</desc>'
        "{parts}</svg>"
    ).format(
        kind=kind,
        width=width,
        height=height,
        id=caption.id,
        title=caption.title,
        description=caption.description,
        parts=_joined(parts),
    )


def _hatch(name: str) -> Markup:
    return Markup(
        '<defs><pattern id="{}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="hatch" width="2" height="6"/></pattern></defs>'
    ).format(name)


def _joined(parts: Iterable[str]) -> Markup:
    return Markup("").join(parts)


def _steps(highest: float, *, whole: bool) -> tuple[float, int]:
    """How far apart the lines of the axis are, a round number, and how many there are above zero: five at most."""
    if highest <= 0:
        return 1.0, 1
    power = 10.0 ** floor(log10(highest / 5) - 0.000001)
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power * 5 >= highest * 0.999999)
    if whole:
        step = max(1.0, float(ceil(step)))
    return step, max(1, ceil(highest / step - 0.000001))


def _y(value: float, top: float) -> float:
    return TOP + PLOT * (1 - value / top)


def _grid(step: float, count: int, number: Callable[[float], str]) -> Markup:
    top = step * count
    lines = (
        Markup(
            '<line class="grid" x1="{}" x2="{}" y1="{y}" y2="{y}"/><text class="label end" x="{}" y="{}">{}</text>'
        ).format(LEFT, WIDTH - RIGHT, LEFT - 6, _r(_y(value, top) + 4), number(value), y=_r(_y(value, top)))
        for value in (step * place for place in range(count + 1))
    )
    return _joined(lines)


def _line(
    place: int,
    line: Line,
    middles: Sequence[float],
    top: float,
    labels: Sequence[str],
    number: Callable[[float], str],
    *,
    marked: bool,
) -> Markup:
    """A line as one path; its points as circles if they are `marked`, else those between two gaps as one path more."""
    scale = 1 if len(labels) > _DENSE else 10
    path, lone, marks = [], [], []
    before: tuple[int, int] | None = None
    for at, value in enumerate(line.values):
        if value is None:
            before = None
            continue
        x, y = round(middles[at] * scale), round(_y(value, top) * scale)
        after = line.values[at + 1] if at + 1 < len(line.values) else None
        alone = before is None and after is None
        if alone and not marked:
            lone.append(f"M{_t(x, scale)} {_t(y, scale)}h.1")
            continue
        path.append(_moved(x - before[0], y - before[1], scale) if before else f"M{_t(x, scale)} {_t(y, scale)}")
        before = x, y
        if marked:
            says = f"{line.name}, {labels[at]}: {number(value)}"
            marks.append(
                Markup('<circle class="mark series-{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
                    place, _t(x, scale), _t(y, scale), 3 if len(labels) <= _DENSE / 2 or alone else 2, says
                )
            )
    drawn = Markup('<path class="curve series-{}" d="{}"/>').format(place, "".join(path)) if path else Markup("")
    if lone:
        drawn += Markup('<path class="lone series-{}" d="{}"/>').format(place, "".join(lone))
    return drawn + _joined(marks)


def _moved(x: int, y: int, scale: int) -> str:
    """A line to a point, by how far it is from the one before."""
    down = _t(y, scale)
    return f"l{_t(x, scale)}{down if down.startswith('-') else ' ' + down}"


def _t(value: int, scale: int) -> str:
    """A coordinate in units of 1 / scale."""
    return str(value) if scale == 1 else _r(value / scale)


def _time(labels: Sequence[str], middles: Sequence[float]) -> Markup:
    """Some labels, as many as fit beside each other."""
    width = max(map(len, labels), default=1) * 7.5
    fit = max(1, int((WIDTH - LEFT - RIGHT) // (width + 14)))
    every = -(-len(labels) // fit) if labels else 1
    texts, taken = [], 0.0
    for at in range(0, len(labels), every):
        x = min(max(middles[at], LEFT - 20 + width / 2), WIDTH - width / 2)
        if x - width / 2 < taken:
            continue
        taken = x + width / 2 + 6
        texts.append(
            Markup('<text class="label middle" x="{}" y="{}">{}</text>').format(_r(x), TOP + PLOT + 17, labels[at])
        )
    return _joined(texts)


def _gaps(strip: Strip, middles: Sequence[float], step: float, hatch: str, above: int, tall: int) -> Markup:
    """The time of which the archive has nothing, hatched: one path, neighbours one area."""
    areas, at = [], 0
    while at < len(strip.states):
        end = at
        while end < len(strip.states) and strip.states[end] == "gap":
            end += 1
        if end > at:
            x, width = middles[at] - step / 2, step * (end - at)
            if len(strip.states) > _DENSE:
                x, width = round(x), max(1, round(x + width) - round(x))
            areas.append(f"M{_r(x)} {above}h{_r(width)}v{tall}h-{_r(width)}z")
        at = max(end, at + 1)
    if not areas:
        return Markup("")
    return Markup('<path class="gap" fill="url(#{})" d="{}"/>').format(hatch, "".join(areas))


def _strip(strip: Strip, middles: Sequence[float], step: float, labels: Sequence[str], hatch: str) -> Markup:
    foot = TOP + PLOT + LABELS + STRIP
    most = max([*strip.values, 1])
    if len(labels) > _DENSE:
        drawn = _gaps(strip, middles, step, hatch, foot - STRIP, STRIP) + _outlines(strip, middles, step, foot, most)
    else:
        drawn = _bars(strip, middles, step, labels, hatch, foot, most)
    base = Markup('<line class="axis" x1="{}" x2="{}" y1="{y}" y2="{y}"/>').format(LEFT, WIDTH - RIGHT, y=foot)
    most_says = Markup('<text class="label end" x="{}" y="{}">{}</text>').format(
        LEFT - 6, foot - STRIP + 10, strip.number(most)
    )
    return drawn + base + most_says


def _bars(
    strip: Strip, middles: Sequence[float], step: float, labels: Sequence[str], hatch: str, foot: float, most: int
) -> Markup:
    """A shape for each label, which says its value to a pointer."""
    width = max(0.6, step * 0.8)
    bars = []
    for at, (value, state) in enumerate(zip(strip.values, strip.states, strict=True)):
        x = _r(middles[at] - width / 2)
        says = Markup("<title>{}</title>").format(f"{labels[at]}: {strip.number(value)}")
        if state == "gap":
            bars.append(
                Markup('<rect class="gap" fill="url(#{})" x="{}" y="{}" width="{}" height="{}">{}</rect>').format(
                    hatch, x, foot - STRIP, _r(width), STRIP, says
                )
            )
        elif value:
            tall = max(1.0, STRIP * value / most)
            bars.append(
                Markup('<rect class="strip {}" x="{}" y="{}" width="{}" height="{}">{}</rect>').format(
                    state, x, _r(foot - tall), _r(width), _r(tall), says
                )
            )
    return _joined(bars)


def _outlines(strip: Strip, middles: Sequence[float], step: float, foot: int, most: int) -> Markup:
    """Bars that touch each other: one path for each state, in whole units of height."""
    drawn = []
    for state in ("", "partial"):
        heights = [
            max(1, round(STRIP * value / most)) if value and own == state else 0
            for value, own in zip(strip.values, strip.states, strict=True)
        ]
        path, before = [], 0
        for at, height in enumerate([*heights, 0]):
            if height != before:
                x = round(middles[0] + step * (at - 0.5))
                path.append(f"H{x}V{foot - height}" if before else f"M{x} {foot}V{foot - height}")
            before = height
        if path:
            drawn.append(Markup('<path class="strip {}" d="{}"/>').format(state, "".join(path)))
    return _joined(drawn)


def _r(value: float) -> str:
    """A coordinate with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")

"""The table: a line for each measure and half, a column for each contestant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evaluation.search.material import Half
from evaluation.search.tasks import Judgement, Marks, Measure

Scores = Mapping[str, Marks]
"""The marks by contestant, in the order of the columns."""

_WIDTH = 16


def table(scores: Scores) -> str:
    """All lines as text. Contestants without a measure have a blank there."""
    heads = "".join(f"{name:>{_WIDTH}}" for name in scores)
    lines = [f"{'':34}{'of':>8}{heads}{'floor':>9}"]
    for measure in _measures(scores):
        for half in (None, *Half):
            cells = [_of_half(marks.get(measure, []), half) for marks in scores.values()]
            values = "".join(f"{_shown(measure, each):>{_WIDTH}}" for each in cells)
            name = measure.name if half is None else f"  {half}"
            floor = _floor(measure) if half is None else ""
            lines.append(f"{name:34}{max(map(len, cells)):>8}{values}{floor:>9}".rstrip())
    return "\n".join(lines)


def broken(scores: Scores, ours: Sequence[str]) -> list[str]:
    """A sentence for each floor that one of our engines misses."""
    found = []
    for measure in _measures(scores):
        for name in ours:
            marks = scores[name].get(measure, [])
            if measure.floor is None or not marks:
                continue
            value = _value(measure, marks)
            if value > measure.floor if measure.counts else value < measure.floor:
                demand = "at most" if measure.counts else "at least"
                found.append(f"{name}: {measure.name} {_shown(measure, marks)}, {demand} {_floor(measure)} is demanded")
    return found


def worst(marks: Marks, at_most: int) -> str:
    """What there is to tell of each measure's worst marks in the tuned half; the other half is not to be looked at."""
    lines = []
    for measure, given in marks.items():
        wrong = [each for each in given if each.half is Half.TUNED and each.value != (not measure.counts)]
        lines.append(f"{measure.name}, tuned half: {len(wrong)} not right")
        lines += [f"  {each.story}" for each in sorted(wrong, key=lambda mark: mark.value)[:at_most]]
    return "\n".join(lines)


def _measures(scores: Scores) -> list[Measure]:
    return list(dict.fromkeys(measure for marks in scores.values() for measure in marks))


def _of_half(marks: Sequence[Judgement], half: Half | None) -> list[Judgement]:
    return [each for each in marks if half in (None, each.half)]


def _value(measure: Measure, marks: Sequence[Judgement]) -> float:
    total = sum(each.value for each in marks)
    return total if measure.counts else total / len(marks)


def _shown(measure: Measure, marks: Sequence[Judgement]) -> str:
    if not marks:
        return ""
    value = _value(measure, marks)
    return f"{value:.0f}" if measure.counts else f"{value:.3f}"


def _floor(measure: Measure) -> str:
    if measure.floor is None:
        return ""
    return f"{measure.floor:.0f}" if measure.counts else f"{measure.floor:.3f}"

"""The tables: by field and by fault, tuned families beside held-out ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from evaluation.synthetic.faults import FAULTS
from evaluation.synthetic.label import FIELDS
from evaluation.synthetic.run import Result

SIDES = ("tuned", "held-out")
CONTROL = "(no fault)"


@dataclass(slots=True)
class Sums:
    """Sums over the pages of one side."""

    pages: int = 0
    mean: float = 0.0
    given: int = 0
    wrong: int = 0
    silent: int = 0
    fields: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    families: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    fields_of_families: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, result: Result) -> None:
        """Counts one page."""
        scored = result.score
        self.pages += 1
        self.mean += scored.mean
        self.silent += scored.silent
        self.families[result.family].append(scored.mean)
        for name, value in scored.fields.items():
            self.fields[name].append(value)
            self.fields_of_families[result.family, name].append(value)
        told = scored.given - {"paragraphs", "flag", "url"}
        self.given += len(told)
        self.wrong += sum(scored.fields.get(name, 0.0) < 1 for name in told)
        for name in result.faults or (CONTROL,):
            concerns = FAULTS[name].concerns if name in FAULTS else tuple(scored.fields)
            values = [scored.fields[each] for each in concerns if each in scored.fields]
            self.faults[name].append(sum(values) / len(values) if values else scored.mean)

    @property
    def share(self) -> float:
        """The mean over all pages of the mean over a page's fields."""
        return self.mean / max(1, self.pages)

    @property
    def wrong_share(self) -> float:
        """The share of the given values that are wrong."""
        return self.wrong / max(1, self.given)


def summed(results: Iterable[Result]) -> dict[str, Sums]:
    """The sums of both sides."""
    sides = {side: Sums() for side in SIDES}
    for result in results:
        sides[SIDES[result.held_out]].add(result)
    return sides


def tables(sides: dict[str, Sums]) -> str:
    """All tables as text."""
    names = [*FIELDS, "paragraphs", "flag", "rejected"]
    faults = [CONTROL, *sorted(FAULTS)]
    return "\n\n".join(
        (
            _families(sides),
            _table("fault, in the fields it concerns", faults, sides, lambda sums, name: sums.faults.get(name, [])),
            _table("field", names, sides, lambda sums, name: sums.fields.get(name, [])),
            summary(sides),
        )
    )


def _families(sides: dict[str, Sums]) -> str:
    """One row a family, one column a field."""
    names = [*FIELDS, "flag", "rejected"]
    lines = [f"{'family':17s} {'':9s} {'all':>6s}" + "".join(f"{name[:8]:>9s}" for name in names)]
    for side in SIDES:
        sums = sides[side]
        for family in sorted(sums.families):
            cells = [_mean(sums.fields_of_families.get((family, name), [])) for name in names]
            lines.append(
                f"{family:17s} {side:9s} {_mean(sums.families[family])}" + "".join(f"{cell:>9s}" for cell in cells)
            )
    return "\n".join(lines)


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f}" if values else ""


def _table(title: str, names: Sequence[str], sides: dict[str, Sums], values: Callable[[Sums, str], list[float]]) -> str:
    lines = [f"{title:42s} {'tuned':>7s} {'pages':>6s} {'held-out':>9s} {'pages':>6s}"]
    for name in names:
        cells = [values(sides[side], name) for side in SIDES]
        if any(cells):
            one, other = map(_mean, cells)
            lines.append(f"{name:42s} {one:>7s} {len(cells[0]):6d} {other:>9s} {len(cells[1]):6d}")
    return "\n".join(lines)


def summary(sides: dict[str, Sums]) -> str:
    """The lines that decide."""
    lines = [f"{'':42s} {'tuned':>7s} {'held-out':>16s}"]
    tuned, held = (sides[side] for side in SIDES)
    rows = (
        ("pages", f"{tuned.pages}", f"{held.pages}"),
        ("all fields", f"{tuned.share:.4f}", f"{held.share:.4f}"),
        ("wrong values, of those given", f"{tuned.wrong_share:.4f}", f"{held.wrong_share:.4f}"),
        ("bodies short or unclean, without a flag", f"{tuned.silent}", f"{held.silent}"),
    )
    lines += [f"{name:42s} {one:>7s} {other:>16s}" for name, one, other in rows]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Floors:
    """What is demanded of both sides."""

    score: float = 0.0
    wrong_at_most: float = 1.0
    silent_at_most: int | None = None
    gap_at_most: float = 0.02
    """How far held-out families may fall below the tuned ones."""

    def broken(self, sides: dict[str, Sums]) -> list[str]:
        """A sentence for each demand that is not met."""
        found = []
        tuned, held = (sides[side] for side in SIDES)
        if tuned.pages and held.pages and held.share < tuned.share - self.gap_at_most:
            found.append(
                f"held-out families are {tuned.share - held.share:.4f} below tuned ones (at most {self.gap_at_most})"
            )
        for side in (each for each in SIDES if sides[each].pages):
            sums = sides[side]
            if sums.share < self.score:
                found.append(f"{side}: all fields {sums.share:.4f} (floor {self.score})")
            if sums.wrong_share > self.wrong_at_most:
                found.append(
                    f"{side}: {sums.wrong_share:.4f} of the given values are wrong (at most {self.wrong_at_most})"
                )
            if self.silent_at_most is not None and sums.silent > self.silent_at_most:
                found.append(
                    f"{side}: {sums.silent} bodies short or unclean without a flag (at most {self.silent_at_most})"
                )
        return found

"""How much two texts have in common, and whether one is a copy of the other. Pure.

The limits were chosen on the tuned half of made pairs (`python -m evaluation.families`) and by reading pairs of the
corpus. Between outlets a third of a text in common is seldom chance. In one outlet it is daily bread: the follow-up
repeats the story of the day before, and the price of gold or the weather is told in the same sentences each morning,
with other numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from archive.families.shingles import Shingles

LEAST_OF_SHORTER = 0.45
"""The share of the shorter text's shingles that a copy must have in common with the longer one. A desk cuts from the
end, writes another lede and rewords sentences; two reports of one event share their quotations, seldom a third."""
LEAST_OF_LONGER = 0.2
"""The share of the longer text. A round-up of five stories contains each of them, and is a copy of none."""
IN_ONE_OUTLET = 0.85, 0.6
"""The same two shares where one outlet ran both."""
LEAST_OF_NUMBERS = 0.6
"""The share of the shorter text's numbers that the longer one must have, too."""
FEWEST_NUMBERS = 4
"""Numbers of a text from which they tell. With fewer, a lede of a desk's own may bring most of them."""
CLOSE = 0.5
"""The share of the longer text from which two families become one: a text that is like two families alike may join
them, a text that only contains parts of both may not."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts share: their shingles, as shares of each text's, and the shorter one's numbers."""

    of_shorter: float
    of_longer: float
    of_numbers: float = 1.0

    def is_copy(self, *, one_outlet: bool) -> bool:
        """Whether one text is a copy of the other, whole or cut."""
        of_shorter, of_longer = IN_ONE_OUTLET if one_outlet else (LEAST_OF_SHORTER, LEAST_OF_LONGER)
        return self.of_shorter >= of_shorter and self.of_longer >= of_longer and self.of_numbers >= LEAST_OF_NUMBERS

    @property
    def is_close(self) -> bool:
        """Whether they are one text but for small changes."""
        return self.of_longer >= CLOSE


def overlap(one: Shingles, other: Shingles) -> Overlap:
    """The overlap of two texts."""
    shorter, longer = sorted((one, other), key=lambda each: len(each.shingles))
    shared = len(shorter.shingles & longer.shingles)
    numbers = (
        len(shorter.numbers & longer.numbers) / len(shorter.numbers) if len(shorter.numbers) >= FEWEST_NUMBERS else 1.0
    )
    return Overlap(shared / len(shorter.shingles), shared / len(longer.shingles), numbers)

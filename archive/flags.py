"""The table of flags: what about an article is unusual or in doubt (decision 20). Pure.

A flag never changes a value: it says that a reader should look at it, and why. `python -m archive.flags` prints the
table of docs/flags.md.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping

FLAGS: Mapping[str, str] = {
    # --- the text
    "body-incomplete": (
        "The page says that the story is longer than what was read. Compare the text with the page; if a layout leaves "
        "paragraphs out, correct it and run `kliping archive reextract`."
    ),
    "first-page-only": "The story goes on over more pages, and only the first one is here. A later crawl adds them.",
    "layout-unknown": (
        "No layout of the source fits the page, so it was read by its looks. On many pages the publisher has changed "
        "its template: `kliping sources show NAME` has the pages before and after."
    ),
    "layout-incomplete": (
        "A selector of the source's layout found nothing for a field, which was then read by the looks of the page. On "
        "many pages the template has changed: correct the selector."
    ),
    "other-story": (
        "JSON-LD, the canonical address or a second article on the page belong to another story. They were not used."
    ),
    "capped": (
        "A field of the page has far more values or text than any real one (thousands of authors, a caption of a "
        "megabyte), and only its beginning was read. Compare the article with the page."
    ),
    "gone": (
        "The publisher has taken the page down: it was missing twice, at least twelve hours apart. The archive keeps "
        "the text. If the page returns, the flag goes."
    ),
    # --- what the page says of the story itself
    "withdrawn": (
        "The page says that the story was withdrawn. The versions before it are kept, and the article counts as gone."
    ),
    "correction": (
        "The story is a correction, a clarification or somebody's right of reply (ralat, koreksi, klarifikasi, hak "
        "jawab), or was corrected so. `kliping archive changes --kind correction` lists them."
    ),
    # --- the names
    "title-contradicts": "The page names its story in two ways that have little in common. Compare both with the page.",
    "authors-contradict": (
        "Two places of the page credit different people, and nothing printed names both. Printed names were taken "
        "before those of metadata. Compare the byline with the page."
    ),
    # --- the time
    "metadata-contradicts": "Metadata give another publication time than the page prints. The printed one was taken.",
    "weekday-contradicts": (
        "Weekday and date of the printed publication time contradict each other. Metadata that agree with the date "
        "were taken."
    ),
    "zone-mistaken": (
        "Metadata label a local clock with a wrong zone. It was corrected where the page shows the right one, and is "
        "not trusted elsewhere."
    ),
    "zone-unknown": (
        "The publication time has a zone that nobody knows, so only its day was taken. If there is such a zone, add "
        "its name to lexicon/zones.tsv."
    ),
    "zone-assumed": (
        "The program that wrote this export drops the zone of a publication time. It was read in the source's zone."
    ),
    "only-modified": "The page gives only the time of its last change, which was taken as the publication time.",
    "modified-before-published": "The time of the last change is before the publication, and was dropped.",
    "print-is-crawl-day": (
        "The page prints the day of the visit, which may not be the story's. The day in its address or metadata was "
        "taken where there is one."
    ),
}
"""Each flag with what it means and, where there is something to do, what."""

WITHDRAWN = "withdrawn"
"""The flag of a page that now says that its story was withdrawn."""

CONTRADICTIONS = ("title-contradicts", "authors-contradict", "metadata-contradicts", "weekday-contradicts")
"""The flags of a page whose witnesses disagree."""

IN_DOUBT = ("body-incomplete", "layout-unknown", *CONTRADICTIONS)
"""The flags that point at a fault of a layout or a reader if many articles of a source have them."""


class UnknownFlagError(ValueError):
    """A flag that is not in the table: a programmer's error."""


def require_known(flags: Collection[str]) -> None:
    """Raises UnknownFlagError for a flag that is not in the table."""
    for flag in flags:
        if flag not in FLAGS:
            raise UnknownFlagError(f"{flag!r} is not in the table of archive/flags.py.")


def sentence_of(flag: str) -> str | None:
    """What a flag means, for people; None for one that is not in the table, as of an article of another version."""
    return FLAGS.get(flag)


def table() -> str:
    """The flags as a Markdown table, one a row, each line ended."""
    rows = [("flag", "what it means"), ("---", "---"), *((f"`{name}`", text) for name, text in FLAGS.items())]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    sys.stdout.write(table())

"""The label of a page, by construction: what a careful archivist would hold of it."""

from __future__ import annotations

from typing import Any

from evaluation.synthetic.page import Page

FIELDS = ("title", "published_at", "authors", "editors", "agency", "dateline", "caption", "photo_credit", "body", "url")
"""The scored fields; one that a label lacks is debatable on that page, and not scored."""


def label_of(page: Page) -> dict[str, Any]:
    """The label, in the form of `../shared/labels` with keys of our own.

    Ours: `body` (the paragraphs exactly), `body_optional` (texts that may be among them), `body_also` (other bodies
    that are right: the whole where the page shows a part, and its data more), `paragraphs_scored`, `must_flag` (more of
    the story exists than the page has), `rejected` (the outcomes of which one is right), `family`, `faults`.
    """
    blocks = page.story.blocks
    body = [text for block in blocks if not block.optional for text in block.texts()]
    label: dict[str, Any] = {
        "publisher": page.story.outlet.site,
        "family": page.family.name,
        "held_out": page.family.held_out,
        "faults": list(page.faults),
        "own_url": page.url,
        "fetched_at": page.fetched_at.isoformat() if page.fetched_at else None,
        "content_type": page.content_type,
        **page.expected,
    }
    if "rejected" in label:
        return label
    label.setdefault("body", body)
    label["body_optional"] = [text for block in blocks if block.optional for text in block.texts()]
    label["paragraphs_scored"] = not any(block.kind == "table" for block in blocks)
    if label["body"] is not None:
        label |= _checks(label["body"])
    return label


def _checks(body: list[str]) -> dict[str, Any]:
    """The checks of `score_pages.py`, so that written pages can be scored by it too."""
    text = " ".join(body)
    return {
        "body_first": text[:80],
        "body_last": text[-80:],
        "body_words": len(text.split()),
        "body_must_contain": [paragraph[:100] for paragraph in body[1:4]],
        "body_must_not_contain": [],
    }

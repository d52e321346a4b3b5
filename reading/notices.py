"""Recognises what a page says of its own story: that it corrects another one, was corrected, or was withdrawn. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lexicon.corrections import is_correction, is_notice, says_withdrawn

_NOTICES = 4
"""Paragraphs at each end of a story in which a notice stands; between them the story may quote one."""


def notices(body: Sequence[str]) -> Iterable[str]:
    """The paragraphs of a story that are notices of a correction."""
    return (paragraph for paragraph in _edges(body) if is_notice(paragraph))


def notice_flags(title: str, body: Sequence[str]) -> tuple[str, ...]:
    """The flags "correction" and "withdrawn" of a story, by its headline and its first and last paragraphs."""
    corrects = is_correction(title) or any(True for _ in notices(body))
    withdrawn = any(map(says_withdrawn, (title, *_edges(body))))
    return (*(("correction",) if corrects else ()), *(("withdrawn",) if withdrawn else ()))


def _edges(body: Sequence[str]) -> Sequence[str]:
    return (*body[:_NOTICES], *body[max(_NOTICES, len(body) - _NOTICES) :])

"""How a value was found, and what a flag means, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from archive.flags import sentence_of

UNKNOWN_FLAG = "A flag of another version of Kliping."


def how_found(where: str | None) -> str | None:
    """A place of `Article.provenance` in words: "selector+json-ld" is "selector; json-ld agrees"."""
    first, plus, second = (where or "").partition("+")
    return f"{first}; {second} agrees" if plus else where


def flag_rows(flags: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each flag with its sentence."""
    for flag in flags:
        yield flag, sentence_of(flag) or UNKNOWN_FLAG


def counted_rows(counts: Mapping[str, int]) -> Iterator[tuple[str, int, str]]:
    """Each flag with how many articles carry it and its sentence, the most frequent first."""
    for flag, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        yield flag, count, sentence_of(flag) or UNKNOWN_FLAG

"""Indonesian affixes: the roots that a word may be derived from, and the forms that a root may have.

Prefixes may stand before one another ("memper-", "keter-"), a prefix may swallow the first letter of a root
("memukul" is "meN-" and "pukul"), and clitics follow everything else ("-nya", "-lah").
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

VOWELS = "aeiou"
SHORTEST = 3
"""Letters of the shortest root that affixes are taken from, except one with two letters that is listed."""

CLITICS = ("nya", "lah", "kah", "pun", "ku", "mu")
LAST_CLITICS = ("lah", "kah", "pun")
"""Those that may follow another one: "pelakunyalah"."""
SUFFIXES = ("", "kan", "an", "i")
OUTER = ("", "N", "meN", "di", "ter", "ke", "se", "ber", "peN", "per", "ku")
INNER = ("", "per", "ber", "ter", "peN", "ke", "se")
NEVER_TOGETHER = frozenset(
    tuple(pair.split()) for pair in "meN an,di an,ter an,ku an,ke kan,ke i,se kan,se i,ber i,peN kan,peN i".split(",")
)
"""A prefix and a suffix that no word has together."""
NO_INNER = frozenset(["", "N", "per", "ku"])
"""Prefixes that no other prefix follows."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A root that a word may come from, and the affixes and clitics taken away."""

    root: str
    prefixes: tuple[str, ...]
    suffix: str
    clitics: tuple[str, ...] = ()


def analyses(word: str, roots: Collection[str]) -> Iterator[Analysis]:
    """Every analysis of a word whose root is in `roots`, the word itself included."""
    for base, clitics in _without_clitics(word):
        if base in roots:
            yield Analysis(base, (), "", clitics)
        for outer in OUTER:
            for rest in _without_prefix(base, outer):
                for inner in ("",) if outer in NO_INNER else INNER:
                    for core in _without_prefix(rest, inner):
                        for suffix in SUFFIXES:
                            if not core.endswith(suffix) or (outer, suffix) in NEVER_TOGETHER:
                                continue
                            root = core[: len(core) - len(suffix)]
                            if root != base and len(root) >= SHORTEST and root in roots:
                                yield Analysis(root, tuple(filter(None, (outer, inner))), suffix, clitics)


def _without_clitics(word: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield word, ()
    for last in CLITICS:
        if word.endswith(last) and len(word) - len(last) >= SHORTEST:
            base = word[: -len(last)]
            yield base, (last,)
            if last in LAST_CLITICS:
                for first in ("nya", "ku", "mu"):
                    if base.endswith(first) and len(base) - len(first) >= SHORTEST:
                        yield base[: -len(first)], (first, last)


def _without_prefix(word: str, prefix: str) -> Iterator[str]:
    """What may stand after a prefix at the beginning of a word, its first letter restored."""
    match prefix:
        case "":
            yield word
        case "meN" | "peN":
            yield from _without_nasal(word, prefix[:-1])
        case "N":  # "meniru-niru", and "ngirim" of talk
            if word[:1] in ("m", "n"):
                yield from _without_nasal(word, "")
        case "ber" | "per" | "ter":
            yield from _after(word, prefix)
            if word.startswith(prefix[:2] + "r") or _bare_r(word, prefix):
                yield word[2:]  # "bekerja", "terasa", "perawat"
            if prefix != "ter" and word.startswith(prefix[:2] + "lajar"):
                yield word[3:]
        case _:
            yield from _after(word, prefix)


def _bare_r(word: str, prefix: str) -> bool:
    """Whether "be-" or "te-" lost its r because the first syllable of the root ends in one ("bekerja")."""
    return word.startswith(prefix[:2]) and word[3:5] == "er" and word[2:3] not in VOWELS


def _after(word: str, start: str) -> Iterator[str]:
    if word.startswith(start) and len(word) > len(start):
        yield word[len(start) :]


def _without_nasal(word: str, start: str) -> Iterator[str]:
    if not word.startswith(start):
        return
    rest = word[len(start) :]
    if rest.startswith("nge") and len(rest) > 5:
        yield rest[3:]  # "mengebom"
    if rest.startswith("ng") and rest[2:3] in tuple("aiueoghk"):
        yield rest[2:]
        if rest[2] in VOWELS:
            yield "k" + rest[2:]
    if rest.startswith("ny") and rest[2:3] in tuple(VOWELS):
        yield "s" + rest[2:]
    elif rest.startswith("n") and rest[1:2] in tuple("cdjsztaiueo"):
        yield "t" + rest[1:] if rest[1] in VOWELS else rest[1:]
    elif rest.startswith("m") and rest[1:2] in tuple("bfpvaiueo"):
        yield "p" + rest[1:] if rest[1] in VOWELS else rest[1:]
    if rest[:1] in tuple("lmnrwy") or start == "pe":
        yield rest


def derived(root: str) -> Iterator[tuple[str, str]]:
    """The forms that a root may have, each with the name of its pattern."""
    for prefix, suffixes in NASAL_PATTERNS:
        for start in _with_nasal(root, prefix[:-1]):
            for suffix in suffixes:
                yield start + suffix, f"{prefix}-{suffix}"
    for prefix, suffixes in PATTERNS:
        for suffix in suffixes:
            yield _joined(prefix, root) + suffix, f"{prefix}-{suffix}"


NASAL_PATTERNS = (
    ("meN", ("", "kan", "i")),
    ("peN", ("", "an")),
    ("berpeN", ("", "an")),
    ("kepeN", ("an",)),
    ("N", ("", "kan", "i")),
)
PATTERNS = (
    ("", ("kan", "i", "an")),
    ("di", ("", "kan", "i")),
    ("ter", ("", "kan", "i")),
    ("ber", ("", "an", "kan")),
    ("ke", ("an",)),
    ("per", ("", "an")),
    ("memper", ("", "kan", "i")),
    ("diper", ("", "kan", "i")),
    ("keter", ("an",)),
    ("keber", ("an",)),
)
"""Prefixes that change no letter of a root, besides the r of their own, and the suffixes that they take."""


def _joined(prefix: str, root: str) -> str:
    return prefix[:-1] + root if prefix.endswith("r") and root.startswith("r") else prefix + root


def _with_nasal(root: str, start: str) -> Iterator[str]:
    """A root after "meN-" or "peN-", or their nasal alone, as in the second half of "meniru-niru"."""
    first, second = root[0], root[1:2]
    if not start:
        if first in "kstp" and second in VOWELS:
            yield {"k": "ng", "t": "n", "s": "ny", "p": "m"}[first] + root[1:]
        return
    if sum(map(root.count, VOWELS)) == 1:
        yield f"{start}nge{root}"
        return
    if first in "aiueogh" or root.startswith("kh"):
        yield f"{start}ng{root}"
    elif first in "cdjz" or root.startswith("sy"):
        yield f"{start}n{root}"
    elif first in "bfv":
        yield f"{start}m{root}"
    elif first in "ktsp":
        nasal = {"k": "ng", "t": "n", "s": "ny", "p": "m"}[first]
        kept = {"k": "ng", "t": "n", "s": "n", "p": "m"}[first]
        if second in VOWELS:
            yield start + nasal + root[1:]
        else:
            yield start + kept + root
    else:
        yield start + root

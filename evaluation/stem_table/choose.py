"""Chooses the words of the override table: those whose root the engines' stemmer does not find by itself.

The root of a word is what PySastrawi finds in its dictionary, unless the archive's own words speak for another one: a
root whose other forms occur ("kunjungan", "berkunjung") is believed before one that nothing else supports
("mengunjungi" from *unjung*). Forms that the archive does not have yet are added where its words make them likely.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from evaluation.stem_table.morphology import CLITICS, Analysis, analyses, derived
from evaluation.stem_table.vocabulary import PrintedWords
from indexer.analysis.stemming import stem

LOAN_SUFFIXES = ("isasi", "isme", "wati", "wan")
"""Endings that make a word of the same root, besides the affixes: "normalisasi", "karyawan"."""
MORE_BELIEVED = 2.5
"""How many times the support of PySastrawi's root another root needs."""
LEAST_SUPPORT = 5.0
"""The support that a root needs where PySastrawi finds none."""
LEAST_ARTICLES = 2
"""A word in fewer articles may be a slip."""
CLEARLY = 2.0
"""How many times likelier one of two roots of the same form must be."""
COMMON = 30
"""Articles of a root whose forms show which forms such roots have."""
SHORTEST_RESIDUE = 3
BER = "ber"


@dataclass(frozen=True, slots=True)
class Roots:
    """The dictionary, PySastrawi's stemmer, and the families kept by hand (root by word)."""

    listed: frozenset[str]
    stemmed: Callable[[str], str]
    by_hand: Mapping[str, str]


def roots_of(vocabulary: PrintedWords, roots: Roots, names: frozenset[str]) -> dict[str, str]:
    """The root of each word of the archive that has one, names excepted."""
    slips = vocabulary.cut_short()
    found_in = {
        word: list(analyses(word, roots.listed))
        for word in vocabulary.articles
        if len(word) > 3 and word not in names and word not in slips and not _only_a_name(word, vocabulary, roots)
    }
    support = _support(vocabulary, roots, found_in)
    chosen = {word: _root(word, found, roots, support) for word, found in found_in.items()}
    known = {word: root for word, root in chosen.items() if root is not None} | dict(roots.by_hand)
    loans = {word: root for word in roots.listed if (root := _root_of_loan(word, roots)) is not None}
    known |= {word: loans[root] for word, root in known.items() if root in loans and word not in roots.by_hand}
    return known | {root: root for root in set(known.values()) - known.keys()}


def _only_a_name(word: str, vocabulary: PrintedWords, roots: Roots) -> bool:
    """Whether a word is a name and cannot be a word. Offices, and the verbs of headlines, are printed with a capital
    too, but they have affixes around a common word ("Kejaksaan", "tewaskan"); so have few names ("Persela")."""
    if not vocabulary.is_name(word) or word in roots.by_hand or word in roots.listed:
        return False
    root = roots.stemmed(word)
    common = vocabulary.lower[root] >= LEAST_SUPPORT and len(root) >= 4
    for each in analyses(word, roots.listed):
        if each.root == root and "N" not in each.prefixes:
            both = each.prefixes and each.suffix == "an" and len(each.root) >= 4
            end = each.suffix == "kan" or (each.suffix and len(root) >= 5)
            if both or (common and (each.prefixes or end or each.clitics)):
                return False
    return True


def _support(vocabulary: PrintedWords, roots: Roots, found_in: Mapping[str, list[Analysis]]) -> Counter[str]:
    """How far the archive speaks for each root: its own articles, and those of words that can have no other root."""
    support: Counter[str] = Counter()
    for root in roots.listed:
        if vocabulary.lower[root]:
            support[root] += math.log1p(vocabulary.lower[root])  # type: ignore[assignment]
    for word, found in found_in.items():
        if len(only := {each.root for each in found}) == 1:
            support[only.pop()] += math.log1p(vocabulary.articles[word])  # type: ignore[assignment]
    return support


def _root(word: str, found: list[Analysis], roots: Roots, support: Mapping[str, float]) -> str | None:
    if word in roots.by_hand:
        return roots.by_hand[word]
    if word in roots.listed:
        return word

    def likely(each: Analysis) -> float:
        affixes = len(each.prefixes) + len(each.clitics) + bool(each.suffix)
        return support[each.root] + 0.5 * len(each.root) - affixes

    ours = max(found, key=likely, default=None)
    theirs = roots.stemmed(word)
    if word == theirs + "kan" and support[theirs + "k"] >= LEAST_SUPPORT:
        return theirs + "k"  # "desakan" is of *desak*: without a prefix, "-an" is likelier than "-kan"
    if theirs in roots.listed:
        longer = ours is not None and len(ours.root) >= len(theirs)
        if ours is None or not longer or support[ours.root] < MORE_BELIEVED * support[theirs]:
            return roots.by_hand.get(theirs, theirs)
    elif ours is None or support[ours.root] < LEAST_SUPPORT or len(ours.root) < 4:
        return None
    assert ours is not None
    return roots.by_hand.get(ours.root, ours.root)


@dataclass(frozen=True, slots=True)
class Table:
    """Two maps. `words` gives the root of a whole word, before the stemmer sees it; `residues` the root that the
    stemmer's own result stands for: it makes *ukul* of "memukul", "pemukul" and "pemukulan"."""

    words: Mapping[str, str]
    residues: Mapping[str, str]


def _root_of_loan(word: str, roots: Roots) -> str | None:
    """The root of a loan word with an ending that makes a word of the same root ("normalisasi"), or None."""
    if word in roots.by_hand:
        return None
    for ending in LOAN_SUFFIXES:
        base = word.removesuffix(ending)
        if base != word and len(base) > 3 and base in roots.listed:
            return roots.by_hand.get(base, base)
    return None


def table(
    vocabulary: PrintedWords,
    roots: Roots,
    known: Mapping[str, str],
    names: frozenset[str],
    least: int,
    most: int,
    forms: int,
) -> Table:
    """What must be known so that every word of the archive in `least` articles leads to its root, and the likeliest
    other forms of those roots: at most `most` residues, and so many `forms` that no residue leads to their root.
    `names`, stop words among them, are left alone."""
    known = {word: root for word, root in known.items() if word not in names}
    likely = _likely(vocabulary, roots, known, names)
    weights: dict[str, Counter[str]] = defaultdict(Counter)
    for form, (weight, root) in likely.items():
        weights[stem(form)][root] += weight  # type: ignore[assignment]
    for word, root in known.items():
        if vocabulary.articles[word] >= LEAST_ARTICLES:
            weights[stem(word)][root] += 3 * math.log1p(vocabulary.articles[word])  # type: ignore[assignment]
    own = {root for root in roots.listed if vocabulary.lower[root] and root not in names}
    residues = _residues(vocabulary, roots, known, names, weights, most)
    whole = {word: root for word, root in known.items() if vocabulary.articles[word] >= least or word in roots.by_hand}
    whole = {root: root for root in own} | whole
    missed = [form for form, (_, root) in likely.items() if residues.get(stem(form), stem(form)) != root]
    missed.sort(key=lambda form: (-likely[form][0], form))
    whole = {form: likely[form][1] for form in missed[:forms]} | whole
    words = {word: root for word, root in whole.items() if residues.get(stem(word), stem(word)) != root}
    for root in {*words.values(), *residues.values()}:
        if stem(root) != root and root not in names:
            words[root] = root
    outputs = set(words.values())
    return Table(words, {residue: root for residue, root in residues.items() if residue not in outputs})


def _residues(
    vocabulary: PrintedWords,
    roots: Roots,
    known: Mapping[str, str],
    names: frozenset[str],
    weights: Mapping[str, Counter[str]],
    most: int,
) -> dict[str, str]:
    """The root of each residue that belongs clearly to one root and is no word or name itself, the likeliest first."""
    found: dict[str, tuple[float, str]] = {}
    for residue, by_root in weights.items():
        if residue in names or residue in known or residue in roots.listed or stem(residue) != residue:
            continue
        if len(residue) < SHORTEST_RESIDUE or vocabulary.capital[residue] > vocabulary.lower[residue]:
            continue
        (root, weight), *others = by_root.most_common(2)
        if root != residue and root not in names and (not others or weight >= CLEARLY * others[0][1]):
            found[residue] = (weight, root)
    best = sorted(found, key=lambda residue: (-found[residue][0], residue))[:most]
    return {residue: found[residue][1] for residue in best}


def _likely(
    vocabulary: PrintedWords, roots: Roots, known: Mapping[str, str], names: frozenset[str]
) -> dict[str, tuple[float, str]]:
    """Forms of the archive's roots that it does not have, with a weight: how often roots of the same class have such a
    form, and how common the root is."""
    families: Counter[str] = Counter()
    for word, root in known.items():
        families[root] += vocabulary.articles[word]
    forms = {
        root: tuple(derived(root))
        for root in families
        if len(root) >= 3 and root in roots.listed and root in known and root not in names
    }
    classes = {
        root: _class_of({pattern for form, pattern in each if vocabulary.articles[form] and known.get(form) == root})
        for root, each in forms.items()
    }
    had: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    for root, each in forms.items():
        if families[root] >= COMMON:
            for form, pattern in each:
                asked[classes[root], pattern] += 1
                had[classes[root], pattern] += vocabulary.articles[form] > 0 and known.get(form) == root
    ways: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for root, each in forms.items():
        for form, pattern in each:
            share = had[classes[root], pattern] / max(1, asked[classes[root], pattern])
            ways[form].append((share * math.log1p(families[root]), root))
    shares = _shares_of_clitics(vocabulary, known)
    for word, root in known.items():
        if word == root or not word.endswith(CLITICS):
            for affix in (*CLITICS, BER):
                if (made := _affixed(word, affix)) is not None:
                    weight = shares[affix, word == root] * math.log1p(vocabulary.articles[word])
                    ways[made].append((weight, root))
    found = {}
    for form, each_way in ways.items():
        if form in roots.listed or form in names or vocabulary.articles[form] >= LEAST_ARTICLES:
            continue
        (weight, root), *others = sorted(each_way, reverse=True)
        clear = all(other == root or weight >= CLEARLY * less for less, other in others)
        if weight and clear and known.get(form, root) == root:
            found[form] = (weight, root)
    return found


def _affixed(word: str, affix: str) -> str | None:
    """A word with a clitic, or one with "pe-" after "ber-" ("berpendapat")."""
    if affix != BER:
        return word + affix
    return BER + word if word.startswith("pe") else None


def _shares_of_clitics(vocabulary: PrintedWords, known: Mapping[str, str]) -> Mapping[tuple[str, bool], float]:
    """For each clitic and "ber-", the share of the common roots, and of other common words, that occur with it."""
    asked: Counter[tuple[str, bool]] = Counter()
    had: Counter[tuple[str, bool]] = Counter()
    for word, root in known.items():
        if vocabulary.articles[word] >= COMMON and not word.endswith(CLITICS):
            for affix in (*CLITICS, BER):
                if (form := _affixed(word, affix)) is not None:
                    asked[affix, word == root] += 1
                    had[affix, word == root] += vocabulary.articles[form] > 0
    return defaultdict(float, {key: had[key] / asked[key] for key in asked})


def _class_of(patterns: set[str]) -> str:
    """Verbs, other roots that take affixes, and the rest: each has other forms."""
    prefixes = {pattern.split("-")[0] for pattern in patterns}
    if prefixes & {"meN", "di"}:
        return "verb"
    return "affixed" if prefixes - {"", "se", "N"} else "plain"


def names_to_keep(
    vocabulary: PrintedWords, roots: Roots, known: Mapping[str, str], listed: frozenset[str], more: Iterable[str]
) -> list[str]:
    """Names that the stemmer would alter and that no list has: those of the archive, and `more`."""
    slips = vocabulary.cut_short()
    printed = {
        word
        for word, articles in vocabulary.articles.items()
        if articles >= LEAST_ARTICLES and vocabulary.is_name(word) and word not in slips
    }
    others = {word for word in more if vocabulary.is_name(word) or not vocabulary.lower[word]}
    return sorted(
        word for word in printed | others if stem(word) != word and not {word} & (known.keys() | roots.listed | listed)
    )


def own_stems(vocabulary: PrintedWords, chosen: Table, kept: frozenset[str] | set[str], count: int) -> list[str]:
    """The most frequent words that have no other stem, sorted, without names, stop words and roots of the tables."""
    listed = {*kept, *chosen.words, *chosen.words.values(), *chosen.residues.values()}
    ranked = sorted(vocabulary.articles, key=lambda word: (-vocabulary.articles[word], word))
    own = (word for word in ranked if word not in listed and stem(word) == word and word not in chosen.residues)
    return sorted(islice(own, count))

"""What is measured, one task for each kind of material, and what must be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from archive.records import Article
from evaluation.search import material
from evaluation.search.contestants import Contestant
from evaluation.search.material import Half, TypedQuery

DEPTH = 10
"""Hits on a page; what stands further down counts as not found."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of the table: the mean of its marks, or their number if it `counts` faults.

    `floor` is the least mean, or the most faults; None where nothing is demanded.
    """

    name: str
    floor: float | None = None
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one query or word scored in a measure, and what to tell somebody who wants to see why it is no better."""

    half: Half
    value: float
    story: str = ""


Marks = dict[Measure, list[Judgement]]


@dataclass(frozen=True, slots=True)
class EvaluationTask:
    """`run` takes a contestant and the most queries to ask (None: all), and returns the marks for each measure."""

    name: str
    run: Callable[[Contestant, int | None], Marks]


# -- words ------------------------------------------------------------------------------------------------------------

MEET_ROOT = Measure("words that meet their root", floor=0.95)
JOINED = Measure("pairs of one root joined", floor=0.93)
CONFLATED = Measure("false conflations", floor=0, counts=True)
ALTERED = Measure("names altered", floor=0, counts=True)


def run_words(contestant: Contestant, _count: int | None) -> Marks:
    """Words and names.

    A word meets its root if both have a term in common, or are the same word. So do two words of one root, a pair. Two
    words of different roots that have a term in common are a false conflation. A name is altered if its term is another
    than itself.
    """
    contestant.fill("words", [])  # a server analyses with an index's analyzer
    rows, names = material.stemmed_words(), material.names()
    texts = {*(row.word for row in rows), *(row.root for row in rows), *names}
    terms = {text: contestant.terms(text) for text in sorted(texts)}
    marks: Marks = {MEET_ROOT: [], JOINED: [], CONFLATED: [], ALTERED: []}
    for row in rows:
        met = row.word == row.root or bool(terms[row.word] & terms[row.root])
        marks[MEET_ROOT].append(Judgement(Half.of(row.root), met, _terms_story(terms, row.word, row.root)))
    for one, other in combinations(rows, 2):
        shared = bool(terms[one.word] & terms[other.word])
        half = Half.of(one.root if one.root == other.root else f"{one.word} {other.word}")
        if one.root == other.root:
            marks[JOINED].append(Judgement(half, shared, _terms_story(terms, one.word, other.word)))
        else:
            marks[CONFLATED].append(Judgement(half, shared, _terms_story(terms, one.word, other.word)))
    for name in names:
        marks[ALTERED].append(Judgement(Half.of(name), terms[name] != {name}, _terms_story(terms, name)))
    return marks


def _terms_story(terms: dict[str, frozenset[str]], *words: str) -> str:
    return "; ".join(f"{word} → {' '.join(sorted(terms[word])) or '(nothing)'}" for word in words)


# -- queries ----------------------------------------------------------------------------------------------------------

JUDGED = Measure("judged queries passed", floor=1.0)


def run_judged(contestant: Contestant, _count: int | None) -> Marks:
    """Judged queries. One passes if its first page has all that it must find, nothing that it must never find, and
    the right article first where one is named."""
    contestant.fill("judged", material.judged_articles())
    queries = material.judged_queries()
    marks = []
    for query, found in zip(queries, contestant.search("judged", [each.text for each in queries], DEPTH), strict=True):
        passed = (
            query.find <= set(found)
            and not query.never & set(found)
            and (query.first is None or found[:1] == [query.first])
        )
        wanted = f"find {sorted(query.find)}, never {sorted(query.never)}, first {query.first}"
        marks.append(Judgement(Half.of(query.text), passed, f"{query.text!r} {wanted}: found {found}"))
    return {JUDGED: marks}


def typed(
    name: str,
    collection: str,
    articles: Callable[[], Sequence[Article]],
    queries: Callable[[], list[TypedQuery]],
    *,
    mrr: float | None = None,
    recall: float | None = None,
) -> EvaluationTask:
    """A task of typed queries that each look for one article, with its floors.

    MRR@10 is the mean of 1 / rank of that article on the first page (0 if it is not there), recall@10 the share of
    queries that have it there.
    """
    reciprocal = Measure(f"{name}: MRR@{DEPTH}", floor=mrr)
    recalled = Measure(f"{name}: recall@{DEPTH}", floor=recall)

    def run(contestant: Contestant, count: int | None) -> Marks:
        texts = articles()
        contestant.fill(collection, texts)
        asked = material.sampled(queries(), count)
        begins = {each.id: (each.title or " ".join(each.body))[:100] for each in texts}
        marks: Marks = {reciprocal: [], recalled: []}
        for query, found in zip(
            asked, contestant.search(collection, [each.text for each in asked], DEPTH), strict=True
        ):
            rank = 1 + found.index(query.answer) if query.answer in found else 0
            first = f"first is {found[0]}: {begins[found[0]]}" if found else "nothing is found"
            story = f"{query.text!r} looks for {query.answer}: {begins[query.answer]}\n    rank {rank or '-'}, {first}"
            half = Half.of(query.key)
            marks[reciprocal].append(Judgement(half, 1 / rank if rank else 0.0, story))
            marks[recalled].append(Judgement(half, bool(rank), story))
        return marks

    return EvaluationTask(name, run)


CORPUS = "corpus", material.untitled_articles

TASKS = (
    EvaluationTask("words", run_words),
    EvaluationTask("judged", run_judged),
    typed("facqa", "facqa", material.passages, material.questions, mrr=0.81, recall=0.94),
    typed("headlines", *CORPUS, material.headlines, mrr=0.92, recall=0.985),
    typed("slips", *CORPUS, material.slips, recall=0.97),
    typed("summaries", *CORPUS, material.summaries),
)

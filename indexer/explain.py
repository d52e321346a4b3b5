"""Why an article was found and stands where it does, in sentences: the same for both engines.

They are made from the query and the article's texts. The engine's own arithmetic is beside them in JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from indexer.analysis.analyzer import GAP, exact_terms, stemmed_term
from indexer.answering import Request
from indexer.documents import lede_of
from indexer.nodes import Beginning, Node, Phrase, Word, text_clauses
from indexer.relaxing import free_words, is_function_word, name_of
from indexer.schema import FRESH, LEDE_WORDS, WORDS, Field

MOST_FORMS = 3
"""Forms of one word that a sentence names."""
NAMES = {"lede": f"lede (the first {LEDE_WORDS} words)"}
"""What a person calls a field whose name says too little."""

Texts = Mapping[str, Sequence[str]]
"""The paragraphs of an article by field."""


def explained(request: Request, texts: Texts, published_at: str, engine: Any) -> dict[str, Any] | None:
    """The explanation of a hit for a query that asks for it; `engine` is the engine's own."""
    if not request.query.explain:
        return None
    sentences = explain(request.highlighted, texts, published_at, request.query.reference)
    return {"sentences": list(sentences), "engine": engine}


def explain(root: Node, texts: Texts, published_at: str, reference: datetime | None) -> tuple[str, ...]:
    """Sentences about a hit: what each field has of the query, the heaviest field first; how many of its words the
    article has; and what its age adds at `reference`."""
    texts = {**texts, "lede": lede_of(texts.get("body", ()))}
    clauses = tuple(dict.fromkeys(text_clauses(root)))
    found: set[Node] = set()
    sentences = []
    for field in sorted(WORDS, key=lambda field: -field.exact_weight):
        paragraphs = [exact_terms(paragraph) for paragraph in texts.get(field.name, ())]
        matches: dict[Node, str] = {clause: match for clause in clauses if (match := _match(clause, paragraphs, field))}
        found |= matches.keys()
        if matches:
            sentences.append(f"{_has(field, matches)} {_counts(field)}")
    return (*sentences, *_completeness(root, found), *_freshness(published_at, reference))


def _match(clause: Node, paragraphs: Sequence[Sequence[str]], field: Field) -> str | None:
    """How a field has a word, phrase or beginning; None if it has not."""
    match clause:
        case Phrase(text):
            wanted = exact_terms(text)
            return f"“{text}” exactly" if wanted and any(_has_sequence(terms, wanted) for terms in paragraphs) else None
        case Beginning(text):
            beginning = "".join(exact_terms(text))
            forms = _forms(term for terms in paragraphs for term in terms if term.startswith(beginning))
            return f"“{text}*” as {forms}" if forms else None
        case Word(text):
            return _word(text, {term for terms in paragraphs for term in terms}, field)
        case _:
            return None


def _word(text: str, terms: set[str], field: Field) -> str | None:
    wanted = exact_terms(text)
    if wanted and all(term in terms for term in wanted):
        return f"“{text}” exactly"
    stems = {stemmed_term(term) for term in wanted} if field.weight else {GAP}
    forms = [term for term in terms if stemmed_term(term) in stems]
    if GAP in stems or not stems <= {stemmed_term(term) for term in forms}:
        return None
    return f"“{text}” as {_forms(sorted(forms))}"


def _has_sequence(terms: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(list(terms[at : at + len(wanted)]) == list(wanted) for at in range(len(terms) - len(wanted) + 1))


def _forms(terms: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(terms))
    more = " …" if len(distinct) > MOST_FORMS else ""
    return ", ".join(f"“{term}”" for term in distinct[:MOST_FORMS]) + more


def _has(field: Field, matches: Mapping[Node, str]) -> str:
    return f"{NAMES.get(field.name, field.name)} has {'; '.join(matches.values())}"


def _counts(field: Field) -> str:
    other = f", another form {field.weight:g}" if field.weight else ""
    return f"(an exact word counts {field.exact_weight:g}{other})."


def _completeness(root: Node, found: set[Node]) -> Iterator[str]:
    """How many of the words that may be relaxed the article has."""
    words = tuple(dict.fromkeys(word for word in free_words(root) if not is_function_word(word)))
    lacking = [word for word in words if found.isdisjoint(text_clauses(word))]
    if not words:
        return
    if lacking:
        names = ", ".join(f"“{name_of(word)}”" for word in lacking)
        yield f"It has {len(words) - len(lacking)} of {len(words)} words; {names} {_is(lacking)} missing."
    elif len(words) > 1:
        yield f"It has all {len(words)} words."


def _is(several: Sequence[Node]) -> str:
    return "is" if len(several) == 1 else "are"


def _freshness(published_at: str, reference: datetime | None) -> Iterator[str]:
    if reference is None:
        return
    published = datetime.fromisoformat(published_at)
    if published.tzinfo is None:
        published = published.replace(tzinfo=reference.tzinfo)
    gain = sum(gain for age, gain in FRESH if published >= reference - age)
    if gain:
        yield f"It is recent, which adds {gain:g} to its score."

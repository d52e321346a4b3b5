"""`kliping read words`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from indexer.analysis.analyzer import stemmed_terms
from indexer.contract import SearchError
from indexer.engines import index_of
from kliping.cli import context, output, questions
from kliping.cli.questions import Answer, Jsonl, Texts, shown, text_in


def words(
    texts: Texts = None,
    engine: Annotated[
        str, typer.Option(metavar="ENGINE", help='Whose analyzer answers: "embedded" or "elasticsearch".')
    ] = "embedded",
    jsonl: Jsonl = False,
) -> None:
    """Show the terms that the index keeps of each word.

    With "elasticsearch" the index behind the alias answers with its own analyzer. An API key needs the privilege
    `manage` on it for that.

    Example: kliping read words membicarakan pembicaraan
    """
    if engine not in ("embedded", "elasticsearch"):
        context.fail(f"--engine cannot be {engine!r}. It is embedded or elasticsearch.")
    answer = _embedded_answer if engine == "embedded" else _cluster_reader()
    if jsonl:
        questions.answer_lines(answer)
        return
    answers = [answer({"word": word}) for text in questions.texts_to_read(texts) for word in text.split()]
    output.print_table(("word", "terms"), [(each["word"], shown(each["terms"])) for each in answers])


def _embedded_answer(question: Mapping[str, Any]) -> dict[str, Any]:
    return {"word": question.get("word"), "terms": stemmed_terms(text_in(question, "word"))}


def _cluster_reader() -> Answer:
    """Answers from the configured Elasticsearch. Exits if none is configured (status 2) or it cannot answer (1)."""
    settings = context.settings()
    if settings.index_url == "embedded:":
        context.fail("No Elasticsearch is configured. Set KLIPING_INDEX_URL, for instance to http://127.0.0.1:9200.")
    try:
        terms = index_of(settings).terms
    except SearchError as error:
        context.fail(str(error))

    def answer(question: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {"word": question.get("word"), "terms": list(terms(text_in(question, "word")))}
        except SearchError as error:
            context.fail(str(error), context.NEEDS_ATTENTION)

    return answer

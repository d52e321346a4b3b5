"""Summaries of articles, for queries: a sentence of the article that says what its headline says, in other words.

The corpus has no summaries. A person who sums an article up keeps its names and figures and says the rest in words of
their own, so a summary has common words that the article lacks. Here such words come from a table.
"""

from __future__ import annotations

import re

LENGTH = 8
"""Words of a summary that are typed."""

OTHER_WORDS = {
    **{"mengatakan": "menyebutkan", "kata": "ucap", "ujar": "sebut", "ujarnya": "sebutnya", "katanya": "ucapnya"},
    **{"menurut": "berdasarkan", "menjelaskan": "memaparkan", "mengungkapkan": "membeberkan", "dan": "serta"},
    **{"untuk": "guna", "karena": "sebab", "sebab": "karena", "akan": "bakal", "bakal": "akan", "telah": "sudah"},
    **{"sudah": "telah", "saat": "ketika", "ketika": "saat", "setelah": "usai", "usai": "setelah", "adalah": "ialah"},
    **{"merupakan": "adalah", "tidak": "tak", "tak": "tidak", "sejumlah": "beberapa", "beberapa": "sejumlah"},
    **{"hanya": "cuma", "sekitar": "kira-kira", "namun": "tetapi", "tetapi": "namun", "kepada": "ke", "agar": "supaya"},
    **{"terhadap": "atas", "melalui": "lewat", "lewat": "melalui", "dapat": "bisa", "bisa": "dapat", "sangat": "amat"},
    **{"memiliki": "mempunyai", "membuat": "menjadikan", "hingga": "sampai", "sampai": "hingga", "juga": "pun"},
    **{"menjadi": "jadi", "masih": "tetap", "seperti": "misalnya", "sebagai": "selaku"},
}
"""How a summary may say a word of the article. A few of the right side have the stem of the left, most do not."""

_WORD = re.compile(r"[^\W_]+(?:[-.,/'’][^\W_]+)*%?")
_SENTENCE_END = re.compile(r"(?<=[.?!”\"])\s+(?=[A-Z“\"])")


def summary(headline: str, paragraphs: tuple[str, ...]) -> str | None:
    """The first words of a summary of an article, or None if no sentence is fit for one.

    Of the sentences after the lede that have a word of the table among their first eight, it is the one whose
    first eight share the most words with the headline; the earliest wins.
    """
    wanted = {word.lower() for word in _WORD.findall(headline)}
    best: tuple[int, list[str]] | None = None
    for paragraph in paragraphs[1:]:
        for sentence in _SENTENCE_END.split(paragraph):
            words = _WORD.findall(sentence)
            beginning = words[:LENGTH]
            if len(words) < LENGTH or sentence.startswith("Baca juga"):  # a link to another article
                continue
            if not any(word.lower() in OTHER_WORDS for word in beginning):
                continue
            shared = len(wanted & {word.lower() for word in beginning})
            if best is None or shared > best[0]:
                best = shared, beginning
    return " ".join(OTHER_WORDS.get(word.lower(), word) for word in best[1]) if best else None

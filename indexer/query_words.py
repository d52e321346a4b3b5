"""What a query may have besides words: one table for the help of the command and of the search page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueryWord:
    """An element of the query syntax: how it is typed, and what it does, in English and in Indonesian."""

    example: str
    english: str
    indonesian: str

    def meaning(self, language: str) -> str:
        """What it does, in "id" or "en"."""
        return self.indonesian if language == "id" else self.english


QUERY_WORDS = tuple(
    QueryWord(*row)
    for row in (
        ('"pasar beras"', "these words, exactly so", "kata-kata ini, persis begitu"),
        ("+beras", "this word, exactly so", "kata ini, persis begitu"),
        ("-hujan", "not this word", "bukan kata ini"),
        ("gempa OR banjir", "one of them", "salah satunya"),
        ("(gempa OR banjir) Palu", "brackets", "tanda kurung"),
        ("lhokseu*", "words that begin so", "kata yang berawalan begitu"),
        ("title:gempa", "in the headline", "dalam judul"),
        ("source:antara", "of this publisher", "dari penerbit ini"),
        ("agency:Reuters", "whose story it is", "kantor berita pemilik beritanya"),
        ("photo:Reuters", "agency of a picture's credit", "kantor berita pada kredit foto"),
        ("place:Paris", "place of the dateline, by any of its names", "tempat pada dateline, dengan nama apa pun"),
        ('author:"Nur Imansyah"', "who wrote it", "penulisnya"),
        ("section:Ekonomi", "section or channel", "rubrik atau kanal"),
        ("flag:body-incomplete", "what about it is in doubt (docs/flags.md)", "yang diragukan darinya (docs/flags.md)"),
        ("after:2015-12-01", "from that day on", "mulai hari itu"),
        ("before:2016", "before that day, month or year", "sebelum hari, bulan, atau tahun itu"),
    )
)
"""The table, in the order of help."""


def as_lines() -> str:
    """The table for a terminal, one element a line."""
    width = max(len(each.example) for each in QUERY_WORDS)
    return "\n".join(f"      {each.example:<{width}}  {each.english}" for each in QUERY_WORDS)

"""An article as an entry of a bibliography: BibTeX, RIS and CSL-JSON. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from archive.export.columns import ExportedArticle, record
from archive.records import Article

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def bibtex(row: ExportedArticle, names: Mapping[str, str]) -> str:
    """The entry of an article for BibTeX: @misc, which classic BibTeX and biblatex both know."""
    article, (year, month, day) = row.article, _day(row.article)
    key = re.sub(r"[^A-Za-z0-9]", "", article.source) + f"{year}-{article.id.rpartition(':')[2][:8]}"
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in _authors(row, names)),
        "title": f"{{{_tex(article.title)}}}",
        "howpublished": _tex(_publisher(article, names)),
        "year": str(year),
        "month": str(month),
        "day": str(day),
        "url": _line(article.url or ""),
        "language": _language(article),
        "note": _tex(_note(row)),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"\n@misc{{{key},\n{lines}}}\n"


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(sign, sign) for sign in _line(text))


def ris(row: ExportedArticle, names: Mapping[str, str]) -> str:
    """The entry of an article in RIS, type NEWS."""
    article, (year, month, day) = row.article, _day(row.article)
    tags = [
        ("TY", "NEWS"),
        *(("AU", name) for name in _authors(row, names)),
        ("TI", article.title),
        ("T2", _publisher(article, names)),
        ("PY", str(year)),
        ("DA", f"{year}/{month:02}/{day:02}"),
        ("AB", article.lede or ""),
        *(("KW", tag) for tag in article.tags),
        ("LA", article.language or ""),
        ("UR", article.url or ""),
        ("ID", article.id),
        ("N1", _note(row)),
    ]
    return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in tags if value) + "ER  - \r\n\r\n"


def csl_json(row: ExportedArticle, names: Mapping[str, str]) -> dict[str, Any]:
    """The entry of an article as an item of CSL-JSON."""
    article = row.article
    item = {
        "id": article.id,
        "type": "article-newspaper",
        "title": _line(article.title),
        "author": [{"literal": name} for name in _authors(row, names)],
        "container-title": _publisher(article, names),
        "issued": {"date-parts": [list(_day(article))]},
        "abstract": _line(article.lede or ""),
        "language": article.language,
        "URL": article.url,
        "note": _note(row),
    }
    return {name: value for name, value in item.items() if value}


def _authors(row: ExportedArticle, names: Mapping[str, str]) -> list[str]:
    """Who wrote it: its authors, else the wire whose story it is, else its publisher."""
    authors = record(row)["authors"]
    found = [_line(name) for name in authors] if isinstance(authors, list) else []
    return found or [row.article.agency or _publisher(row.article, names)]


def _publisher(article: Article, names: Mapping[str, str]) -> str:
    return names.get(article.source, article.source)


def _day(article: Article) -> tuple[int, int, int]:
    at = article.published_at
    day = at.date() if isinstance(at, datetime) else at
    return day.year, day.month, day.day


def _language(article: Article) -> str:
    return {"id": "indonesian", "en": "english"}.get(article.language or "", article.language or "")


def _note(row: ExportedArticle) -> str:
    gone = ", no longer at its address" if row.status == "gone" else ""
    return f"Kliping {row.article.id}, version {row.version}{gone}"


def _line(text: str) -> str:
    valid = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(valid.split())

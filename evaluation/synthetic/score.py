"""Compares what the readers make of a page with its label."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive.records import Article

BEGINNING = 60
"""Characters of a caption that decide: captions are printed with or without their credit."""
_MAY_BE_NONE = ("agency", "dateline", "caption", "photo_credit")
CREDIT_KEYS = ("photographer", "agency", "handout_of")
_PLAIN = str.maketrans("“”‘’–—\u00a0", "\"\"''-- ")


@dataclass(frozen=True, slots=True)
class PageScore:
    """One page's result.

    `fields` has 0.0 to 1.0 for each scored field; `given` the fields for which the reader gave a value; `differences`
    the expected and the given value of each field that is not right. `silent` says that the body is short or unclean
    and that no flag says so.
    """

    fields: Mapping[str, float]
    given: frozenset[str] = frozenset()
    differences: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    silent: bool = False

    @property
    def mean(self) -> float:
        """The mean over the scored fields."""
        return sum(self.fields.values()) / max(1, len(self.fields))


def folded(text: object) -> str:
    """Text without case, typographic quotes and white-space differences."""
    return re.sub(r"\s+", " ", str(text or "").translate(_PLAIN)).strip().casefold()


def score(label: Mapping[str, Any], article: Article | None, rejected: str | None) -> PageScore:
    """The score of an article, or of a rejection (then `article` is None and `rejected` its reason)."""
    wanted = label.get("rejected")
    if wanted is not None:
        right = rejected in wanted or (bool(label.get("or_flagged")) and article is not None and bool(article.flags))
        told = frozenset({"rejected"}) if article is not None else frozenset[str]()
        differences = {} if right else {"rejected": (wanted, rejected or "an article")}
        return PageScore({"rejected": float(right)}, told, differences)
    names = scored_fields(label)
    if article is None:
        return PageScore(dict.fromkeys(names, 0.0), frozenset(), {"rejected": (None, rejected)})
    values = _values(article)
    fields = {name: _FIELD_SCORES[name](label, article) for name in names}
    given = frozenset(name for name in names if values[name])
    differences = {
        name: (label.get({"flag": "must_flag", "paragraphs": "body"}.get(name, name)), values[name])
        for name, value in fields.items()
        if value < 1
    }
    return PageScore(fields, given, differences, silent=fields.get("body", 1.0) < 1 and not article.flags)


def scored_fields(label: Mapping[str, Any]) -> list[str]:
    """The fields that a label scores."""
    known = [name for name in _FIELD_SCORES if label.get(name) is not None or (name in label and name in _MAY_BE_NONE)]
    if "body" in known and label.get("paragraphs_scored"):
        known.append("paragraphs")
    return [*known, "flag"]


def _values(article: Article) -> dict[str, Any]:
    image = article.images[0] if article.images else None
    credit = image.credit if image else None
    told = {key: value for key in CREDIT_KEYS if (value := getattr(credit, key, None))}
    line = article.dateline
    return {
        "title": article.title,
        "url": article.url,
        "published_at": article.published_at.isoformat(),
        "authors": list(article.authors),
        "editors": list(article.editors),
        "agency": article.agency,
        "dateline": {"place": line.place, "outlet": line.outlet} if line else None,
        "caption": image.caption if image else None,
        "photo_credit": told or None,
        "body": list(article.body),
        "paragraphs": list(article.body),
        "flag": list(article.flags),
    }


def _title(label: Mapping[str, Any], article: Article) -> float:
    return float(folded(label["title"]) == folded(article.title))


def _url(label: Mapping[str, Any], article: Article) -> float:
    return float(_address(label["url"]) == _address(article.url))


def _address(url: str | None) -> str:
    return re.sub(r"^https?://(?:www\.|m\.)?", "", url or "").rstrip("/")


def _published(label: Mapping[str, Any], article: Article) -> float:
    wanted = label["published_at"]
    return float(any(_same_instant(each, article) for each in (wanted if isinstance(wanted, list) else [wanted])))


def _same_instant(wanted: str, article: Article) -> bool:
    got = article.published_at
    if "T" not in wanted or not isinstance(got, datetime):
        return got.isoformat() == wanted
    moment = datetime.fromisoformat(wanted)
    return abs((moment - got).total_seconds()) < 60 and moment.utcoffset() == got.utcoffset()


def _people(role: str, label: Mapping[str, Any], article: Article) -> float:
    return float(sorted(map(folded, label[role])) == sorted(map(folded, getattr(article, role))))


def _agency(label: Mapping[str, Any], article: Article) -> float:
    return float(folded(label["agency"]) == folded(article.agency))


def _dateline(label: Mapping[str, Any], article: Article) -> float:
    wanted, got = label["dateline"] or {}, article.dateline
    place, outlet = (got.place, got.outlet) if got else (None, None)
    places = wanted.get("place")
    right = [folded(each) for each in (places if isinstance(places, list) else [places])]
    return float(folded(place) in right and folded(wanted.get("outlet")) == folded(outlet))


def _caption(label: Mapping[str, Any], article: Article) -> float:
    got = article.images[0].caption if article.images else None
    wanted = label["caption"]
    return float(any(_same_beginning(each, got) for each in (wanted if isinstance(wanted, list) else [wanted])))


def _same_beginning(wanted: str | None, got: str | None) -> bool:
    one, other = folded(wanted), folded(got)
    if not one or not other:
        return one == other
    shortest = min(len(one), len(other), BEGINNING)
    return len(other) >= min(BEGINNING, len(one) // 2) and one[:shortest] == other[:shortest]


def _credit(label: Mapping[str, Any], article: Article) -> float:
    """The share of right keys. A label of None says that the page has no picture with a credit."""
    wanted = label["photo_credit"]
    got = article.images[0].credit if article.images else None
    keys = CREDIT_KEYS if wanted is None else [key for key in CREDIT_KEYS if key in wanted]
    right = [folded((wanted or {}).get(key)) == folded(getattr(got, key, None)) for key in keys]
    return sum(right) / max(1, len(right))


def _body(label: Mapping[str, Any], article: Article) -> float:
    """Whether the words are the story's, however they are split into paragraphs."""
    kept = _without(article.body, label.get("body_optional", ()))
    text = _text(kept)
    if text == _text(label["body"]):
        return 1.0
    return float(any(text == _text(each) for each in label.get("body_also", ())))


def _paragraphs(label: Mapping[str, Any], article: Article) -> float:
    kept = [folded(each) for each in _without(article.body, label.get("body_optional", ()))]
    right = [label["body"], *label.get("body_also", ())]
    return float(any(kept == [folded(each) for each in body] for body in right))


def _flag(label: Mapping[str, Any], article: Article) -> float:
    """Whether a flag says that the page has a part of the story (unless all was found), and none says so elsewhere."""
    incomplete = "body-incomplete" in article.flags
    if not label.get("must_flag"):
        return float(not incomplete)
    longer = [_text(each) for each in label.get("body_also", ()) if len(_text(each)) > len(_text(label["body"])) + 60]
    return float(bool(article.flags) or _text(article.body) in longer)


def _without(body: Sequence[str], optional: Sequence[str]) -> list[str]:
    known = {folded(each) for each in optional}
    return [each for each in body if folded(each) not in known]


def _text(paragraphs: Sequence[str]) -> str:
    return folded(" ".join(paragraphs))


_FIELD_SCORES = {
    "title": _title,
    "url": _url,
    "published_at": _published,
    "authors": lambda label, article: _people("authors", label, article),
    "editors": lambda label, article: _people("editors", label, article),
    "agency": _agency,
    "dateline": _dateline,
    "caption": _caption,
    "photo_credit": _credit,
    "body": _body,
    "paragraphs": _paragraphs,
    "flag": _flag,
}

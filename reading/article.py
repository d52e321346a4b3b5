"""Turns what a page prints (RawArticle) into what we believe (Article), or rejects it with a named reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, tzinfo
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from archive.identity import BadAddressError, article_id, clipping_id
from archive.records import GENERIC, Article, Image, MentionedDate, PhotoCredit, Rejected
from lexicon.calendar import PROVINCE_ZONES
from lexicon.domains import registered_domain
from reading.credits.reader import canonical_agency, read_credit_apart, read_photo_credit
from reading.dates.found import find_dates
from reading.extract.belonging import is_lesser_form
from reading.extract.bounds import bounded
from reading.extract.raw import FoundText, RawArticle, RawImage
from reading.headline import choose_headline
from reading.notices import notice_flags
from reading.published import Publication, settle_publication
from reading.stamp_witnesses import Stamp
from reading.story import StoryText, read_story, unique
from reading.witnesses import (
    authors_contradict,
    same_agency,
    same_beginning,
    same_section,
    same_title,
    sections_in_address,
    titles_contradict,
    where_of_people,
    where_of_story,
    with_witness,
)
from sources.definition import Source

CLIPPING = "clipping"
_DEFAULT_ZONE = "Asia/Jakarta"

# The most frequent words of each language; they are rare in the other one
_FUNCTION_WORDS = {
    "id": frozenset("yang dan di dari untuk dengan pada ini itu akan tidak dalam oleh ke adalah juga".split()),
    "en": frozenset("the of and to in is for that on with was by as at from his".split()),
}


def normalise(
    raw: RawArticle,
    *,
    source: Source | None,
    url: str | None,
    fetched_at: datetime | None,
    announced: str | None = None,
) -> Article:
    """Returns the article of a page.

    `url` is the final address (None for a clipping). `fetched_at` is an aware time, or None where it is unknown: then
    relative stamps are refused, and no publication time is too late. `announced` is the time (ISO 8601) that a feed or
    news sitemap has for the page; see `settle_publication`. Raises Rejected: "no-title", "no-date", "bad-date",
    "date-contradicts", "future-date", "no-article", "no-address", "bad-address".
    """
    raw = bounded(raw)  # rows of exports come without `extract`
    title = with_witness(choose_headline(raw), raw.titles, same_title)
    story = read_story(raw, title.text, source)
    captions = [image.caption.text for image in raw.images if image.caption]
    if not story.body and not captions:
        raise Rejected("no-article", "the page has no text that is a story")
    zone = ZoneInfo(source.zone if source else _DEFAULT_ZONE)
    publication = _publication(raw, story, zone, fetched_at, announced)
    address, identity = _address(raw, source, url, title.text, story)
    agency = _agency(raw, story, source)
    section = _section(raw, address)
    language = _language(raw, story)
    authors_from, editors_from = _where_of_people(raw, story)
    doubts = _doubts(raw, title, story, authors_from)
    return Article(
        id=identity,
        source=source.name if source else CLIPPING if raw.clipping else GENERIC,
        url=address,
        title=title.text,
        body=story.body,
        published_at=publication.published_at,
        published_precision=publication.precision,
        published_printed=publication.printed,
        published_from=publication.found,
        modified_at=publication.modified_at,
        dateline=story.dateline,
        authors=story.bylines.authors,
        editors=story.bylines.editors,
        agency=agency.text if agency else None,
        credit=story.credit.text if story.credit else None,
        images=_images(raw.images, story.above_dateline),
        mentioned_dates=_mentioned([*story.body, *captions], publication, zone),
        section=section.text if section else None,
        tags=_tags(raw.tags),
        language=language.text if language else None,
        corrects=raw.corrects,
        flags=tuple(dict.fromkeys((*publication.flags, *doubts, *raw.flags, *notice_flags(title.text, story.body)))),
        provenance=_provenance(
            title=title,
            published_at=publication.found,
            modified_at=publication.modified_found,
            body=where_of_story(story.body, raw),
            dateline=raw.body_from if story.dateline else None,
            authors=authors_from,
            editors=editors_from,
            agency=agency,
            credit=story.credit,
            captions=_caption(raw),
            section=section,
            tags=raw.tags[0] if raw.tags else None,
            language=language,
        ),
    )


def _publication(
    raw: RawArticle, story: StoryText, zone: tzinfo, fetched_at: datetime | None, announced: str | None
) -> Publication:
    return settle_publication(
        # the place of updates counts as print only on a page that prints no other stamp
        printed=_stamps(raw.printed or raw.updates),
        metadata=_stamps(raw.metadata),
        modified=_stamps((*raw.updates, *raw.modified)),
        announced=Stamp(announced, "feed") if announced else None,
        zone=zone,
        place_zone=PROVINCE_ZONES.get((story.dateline.province if story.dateline else None) or ""),
        fetched_at=fetched_at,
        online=not raw.clipping,
    )


def _stamps(found: Iterable[FoundText]) -> tuple[Stamp, ...]:
    return tuple(Stamp(each.text, each.where) for each in dict.fromkeys(found))


def _address(
    raw: RawArticle, source: Source | None, url: str | None, title: str, story: StoryText
) -> tuple[str | None, str]:
    """Returns address and id: the first of `rel=canonical`, `og:url` and the final address that is the article's own.

    A canonical address of the front page, or of no article while the final address is one, is a mistake of a template:
    it would merge all articles of the publisher. One that is only the AMP, mobile or http form of the final address
    adds nothing to it.
    """
    if raw.clipping:
        return None, clipping_id("\n".join((title, *story.body)))
    final = url or raw.url
    for claim in (*(each.text for each in raw.addresses), final):
        if claim and _is_own(claim, source, final) and not (final and is_lesser_form(claim, final)):
            try:
                return claim, article_id(claim)
            except BadAddressError:
                continue
    if final:
        raise Rejected("bad-address", f"{final!r} is not the address of an article")
    raise Rejected("no-address", "the page names no address, and none was given")


def _is_own(claim: str, source: Source | None, final: str | None) -> bool:
    """Whether an address that the page claims can be its own, so that it never replaces another source's article."""
    if claim == final or final is None:
        return True
    parts = urlsplit(claim)
    if parts.path.strip("/") == "" and not parts.query:
        return False
    if source is not None:
        return source.owns(claim) and (source.is_article(claim) or not source.is_article(final))
    claimed, own = parts.hostname or "", urlsplit(final).hostname or ""
    return claimed == own or registered_domain(claimed) == registered_domain(own)


def _agency(raw: RawArticle, story: StoryText, source: Source | None) -> FoundText | None:
    """Returns the wire whose story it is: the source's, or one that dateline or credits name, not quote.

    Metadata whose author is that wire agree; alone they name none, because they credit pictures and videos too.
    """
    outlet = (story.dateline.outlet if story.dateline else None) or ""
    in_dateline = [canonical_agency(name.strip()) for name in (outlet, *outlet.split("/"))]
    named = [
        *([FoundText(source.agency, "source")] if source is not None and source.agency else []),
        *(FoundText(wire, raw.body_from or "text") for wire in in_dateline if wire),
        *story.agencies,
    ]
    return with_witness(named[0], (*named, *raw.claims.authors, *raw.claims.owners), same_agency) if named else None


def _section(raw: RawArticle, address: str | None) -> FoundText | None:
    claims = (*raw.claims.sections, *sections_in_address(address))
    return with_witness(raw.sections[0], claims, same_section) if raw.sections else None


def _caption(raw: RawArticle) -> FoundText | None:
    first = next((image.caption for image in raw.images if image.caption), None)
    return with_witness(first, raw.claims.captions, same_beginning) if first else None


def _where_of_people(raw: RawArticle, story: StoryText) -> tuple[str | None, str | None]:
    """Returns where authors and editors were found, with a second witness where one agrees."""
    bylines, claims = story.bylines, (*raw.claims.authors, *raw.claims.owners)
    return (
        where_of_people(bylines.authors, bylines.authors_from, bylines.editors, claims),
        where_of_people(bylines.editors, bylines.editors_from, bylines.authors, (*raw.claims.editors, *claims)),
    )


def _doubts(raw: RawArticle, title: FoundText, story: StoryText, authors_from: str | None) -> tuple[str, ...]:
    """Returns the flags of witnesses that disagree on headline and writers; `title` and `authors_from` name both."""
    found = {
        "title-contradicts": titles_contradict(title, raw),
        "authors-contradict": authors_contradict(story.bylines.authors, authors_from, raw),
    }
    return tuple(flag for flag, raised in found.items() if raised)


def _images(found: tuple[RawImage, ...], above_dateline: str | None) -> tuple[Image, ...]:
    """The pictures; one without a caption gets the paragraph above the dateline."""
    images = tuple(map(_image, found))
    if images and images[0].caption is None and above_dateline:
        credit = images[0].credit or read_photo_credit(above_dateline)
        return (replace(images[0], caption=above_dateline, credit=credit), *images[1:])
    return images


def _image(image: RawImage) -> Image:
    caption = image.caption.text if image.caption else None
    if image.credit is not None:
        credit: PhotoCredit | None = read_credit_apart(image.credit.text)
    else:
        credit = read_photo_credit(caption) if caption else None
        if credit is not None and caption is not None and credit.text == caption.strip(" .\n"):
            caption = None  # "Foto: Rina Dewi" says nothing of what is shown
    return Image(image.url, caption, credit)


def _mentioned(texts: Iterable[str], publication: Publication, zone: tzinfo) -> tuple[MentionedDate, ...]:
    """Returns the dates that story and captions mention, in reading order, without repetitions."""
    reference = publication.published_at
    clock = reference.tzinfo if isinstance(reference, datetime) and reference.tzinfo else zone
    found = (each.mention for text in texts for each in find_dates(text, reference=reference, zone=clock))
    return tuple(dict.fromkeys(found))


def _tags(found: tuple[FoundText, ...]) -> tuple[str, ...]:
    """Splits tags at commas, and drops repetitions whatever their case."""
    names = (name.strip(" #") for each in found for name in each.text.split(","))
    return unique(name for name in names if name)


def _language(raw: RawArticle, story: StoryText) -> FoundText | None:
    """Returns the story's language by its most frequent words if they are clear, else the declared one.

    Publishers leave `lang="en"` in templates they bought, so the words come first.
    """
    words = " ".join(story.body).lower().split()
    counts = {language: sum(map(known.__contains__, words)) for language, known in _FUNCTION_WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    if counts[best] >= 5 and counts[best] > 3 * (sum(counts.values()) - counts[best]):
        return FoundText(best, "text")
    for declared in raw.languages[:1]:
        code = declared.text.replace("_", "-").split("-")[0].lower()
        code = {"in": "id", "indonesian": "id", "indonesia": "id"}.get(code, code)  # "in" was its ISO code until 1989
        return FoundText(code, declared.where) if re.fullmatch(r"[a-z]{2,3}", code) else None
    return None


def _provenance(**fields: FoundText | str | None) -> dict[str, str]:
    return {name: each.where if isinstance(each, FoundText) else each for name, each in fields.items() if each}

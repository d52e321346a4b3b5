"""A page in the making: a story, the family that prints it, and what the faults change before it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from evaluation.synthetic.family import SINCE, Family
from evaluation.synthetic.printed import datelines, photo_credits, stamps
from evaluation.synthetic.printed.datelines import PrintedDateline
from evaluation.synthetic.prose.topics import TOPICS
from evaluation.synthetic.prose.writer import ProseWriter
from evaluation.synthetic.story import Block, InventedOutlet, InventedStory, LeadPicture

Join = Callable[[list[str]], str]


def _as_it_is(text: str) -> str:
    return text


def _joined(pieces: list[str], join: Join) -> str:
    return join(pieces)


@dataclass(slots=True)
class Page:
    """Everything that a template prints, and what is expected of a reader. Faults change both together."""

    rng: Random
    family: Family
    story: InventedStory
    url: str
    fetched_at: datetime | None
    title_tag: str
    headline: str
    """HTML."""
    stamp: str = ""
    """HTML of the stamp's line; its family puts it into an element of its own."""
    stamp_form: str = "long"
    byline: list[str] = field(default_factory=list)
    """HTML of the lines above the story."""
    foot: list[str] = field(default_factory=list)
    """HTML of the lines below the story."""
    headline_after: str = ""
    """HTML between headline and story: a standfirst."""
    dateline: PrintedDateline | None = None
    dateline_html: str | None = None
    """Markup before the first sentence; by default the dateline's text."""
    dateline_apart: bool = False
    picture: LeadPicture | None = None
    picture_html: str | None = None
    metas: list[tuple[str, str]] = field(default_factory=list)
    canonical: str | None = None
    ld: dict[str, Any] | None = None
    ld_text: Callable[[str], str] = _as_it_is
    extra_ld: list[str] = field(default_factory=list)
    head_extra: list[str] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    side: list[str] = field(default_factory=list)
    story_class: str = ""
    arrange: Callable[[list[str], Join], str] = _joined
    """Puts the marked-up paragraphs together; gets them and the family's own way to join them."""
    finish: list[Callable[[str], str]] = field(default_factory=list)
    """Changes of the whole page's HTML, in order."""
    encode: Callable[[str], bytes] = str.encode
    declared_charset: str = "utf-8"
    content_type: str | None = "text/html; charset=utf-8"
    expected: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    iso: str | None = None
    """The time in the template's own attributes; None for the story's."""
    relies_on_data: bool = False
    """Whether a value stands in the JSON-LD alone, so that no further fault may take it away."""

    @property
    def year(self) -> int:
        """The year of publication."""
        return self.story.moment.year

    def has(self, kind: str) -> bool:
        """Whether pages of this family and year have this kind of metadata."""
        return kind in self.family.metadata and self.year >= SINCE.get(kind, 0)

    def meta(self, key: str, content: str) -> None:
        """Sets a meta element."""
        self.metas = [each for each in self.metas if each[0] != key]
        self.metas.append((key, content))

    def drop_times(self) -> None:
        """Takes every publication time out of the metadata and attributes."""
        self.iso = ""
        self.metas = [each for each in self.metas if not any(word in each[0] for word in ("time", "date", "DC."))]
        if self.ld:
            self.ld.pop("datePublished", None)
            self.ld.pop("dateModified", None)

    @property
    def byline_text(self) -> str:
        """All lines that name people, as HTML."""
        return "\n".join((self.stamp, *self.byline, *self.foot))

    def own_address(self) -> None:
        """Names the page's own address in metadata beside the canonical one."""
        self.meta("og:url", self.url)

    def arrange_plainly(self) -> None:
        """Takes back what a fault did to the order of paragraphs."""
        self.arrange = _joined

    def expect(self, **values: Any) -> None:
        """Says what a reader should find."""
        self.expected.update(values)

    def forget(self, *names: str) -> None:
        """Leaves fields unscored, where the right value is debatable."""
        for name in names:
            self.expected.pop(name, None)

    def print_stamp(self, form: str, moment: datetime | None = None, zone: str | None = None) -> str:
        """The stamp in one of the printed forms, as text."""
        story = self.story
        shown = moment or story.moment
        return stamps.printed(stamps.FORMS[form], shown, zone=zone or story.place.zone, site=story.outlet.site)

    def set_dateline(self, form: str) -> None:
        """Prints and expects a dateline of this form."""
        story = self.story
        made = datelines.dateline(
            form, story.place, name=story.outlet.name, site=story.outlet.site, moment=story.moment
        )
        self.dateline = made
        self.dateline_html = None
        self.expect(dateline={"place": None, "outlet": None}, agency=None)
        if made:
            self.expect(dateline={"place": list(made.places), "outlet": made.outlet}, agency=made.agency)
            self.forget(*made.unscored)

    def set_credit(self, form: str) -> None:
        """Prints and expects a photo credit of this form, under a picture that has a caption."""
        if self.picture is None:
            self.picture = LeadPicture(self.address_of_picture(), self.story.writer.caption(), None)
            self.expect(caption=self.picture.caption)
        story = self.story
        credit = photo_credits.photo_credit(form, self.rng, site=story.outlet.site, place=story.place, year=self.year)
        self.picture.credit = credit
        self.expect(photo_credit=credit.as_label())

    def set_people(self, byline: list[str], foot: list[str], authors: list[str], editors: list[str]) -> None:
        """Prints these lines instead of the family's, and expects these people."""
        self.byline, self.foot = byline, foot
        self.metas = [each for each in self.metas if "author" not in each[0]]
        if self.ld:
            self.ld.pop("author", None)
        self.expect(authors=authors, editors=editors)

    def noise(self, html: str, at: int | None = None) -> None:
        """Puts markup that is no text of the story between two paragraphs."""
        blocks = self.story.blocks
        place = at if at is not None else self.rng.randint(1, max(1, len(blocks) - 1))
        blocks.insert(place, Block("noise", html=html))

    def address_of_picture(self) -> str:
        """The address of a picture's file."""
        number = self.rng.randint(100_000, 999_999)
        return f"https://{self.story.outlet.host}/images/{self.year}/{number}-{self.story.slug[:30]}.jpg"

    def other_story(self) -> tuple[str, str, datetime, ProseWriter]:
        """Headline, address, time and writer of another story of the outlet."""
        rng, story = self.rng, self.story
        moment = story.moment - timedelta(minutes=rng.randint(70, 20_000))
        writer = ProseWriter(rng, rng.choice(TOPICS), story.place, moment, curly=False)
        title = writer.title()
        return title, address(self.family, story.outlet, moment, title, rng), moment, writer


def address(family: Family, outlet: InventedOutlet, moment: datetime, title: str, rng: Random) -> str:
    """An article's address in the family's form."""
    slug = "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())[:80].strip("-")
    path = family.address.format(
        yyyy=moment.year,
        mm=f"{moment.month:02}",
        dd=f"{moment.day:02}",
        number=rng.randint(10_000, 9_999_999),
        slug=slug,
    )
    scheme = "https" if moment.year >= 2017 else "http"
    return f"{scheme}://{outlet.host}{path}"

"""What really happened: the records of an invented story, before any page prints it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from evaluation.synthetic.printed.calendar import ZONES
from evaluation.synthetic.printed.photo_credits import PrintedCredit
from evaluation.synthetic.prose.names import outlet_name, person
from evaluation.synthetic.prose.places import PLACES, StoryPlace
from evaluation.synthetic.prose.topics import TOPICS
from evaluation.synthetic.prose.writer import ProseWriter


@dataclass(frozen=True, slots=True)
class InventedOutlet:
    """An invented medium. `site` is its name as a domain ("SuluhWetan.com"); `host` is reserved for examples."""

    name: str
    site: str
    host: str


@dataclass(slots=True)
class Block:
    """A piece of a story's column: text of the story, or (`kind` "noise") something that stands in it.

    Kinds: "p", "h" (subhead), "list", "quote", "table", "noise". `html` replaces the markup that a family would give.
    `optional` text may be in the body or not: archivists differ.
    """

    kind: str
    text: str = ""
    items: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    html: str | None = None
    optional: bool = False

    def texts(self) -> list[str]:
        """The paragraphs of the body that the block is."""
        match self.kind:
            case "noise":
                return []
            case "list":
                return list(self.items)
            case "table":
                return [cell for row in self.rows for cell in row]
        return [self.text]


@dataclass(slots=True)
class LeadPicture:
    """The main picture: its address, and what is printed under it."""

    src: str
    caption: str
    credit: PrintedCredit | None


@dataclass(slots=True)
class InventedStory:
    """A story with all that is known of it; a page prints a part."""

    outlet: InventedOutlet
    place: StoryPlace
    section: str
    title: str
    blocks: list[Block]
    moment: datetime
    authors: list[str]
    editors: list[str]
    tags: list[str]
    writer: ProseWriter

    @property
    def paragraphs(self) -> list[str]:
        """The texts of the blocks, in order."""
        return [text for block in self.blocks for text in block.texts()]

    @property
    def slug(self) -> str:
        """The headline as addresses print it."""
        return "-".join(re.findall(r"[a-z0-9]+", self.title.lower()))[:80].strip("-")


def invent_outlet(rng: Random) -> InventedOutlet:
    """A medium with a host below the reserved top-level domain."""
    name = outlet_name(rng)
    joined = name.replace(" ", "")
    ending = rng.choice((".com", ".com", ".co.id", ".id"))
    return InventedOutlet(name, f"{joined}{ending}", f"www.{joined.lower()}.example")


def invent_story(rng: Random, outlet: InventedOutlet, year: int, length: int | None = None) -> InventedStory:
    """A story of 4 to 40 paragraphs, some of them subheads, lists or quotes."""
    place = rng.choice(PLACES)
    moment = datetime(year, 1, 3, tzinfo=ZONES[place.zone]) + timedelta(
        days=rng.randrange(350), minutes=rng.randrange(4 * 60, 22 * 60), seconds=rng.randrange(1, 60)
    )
    topic = rng.choice(TOPICS)
    writer = ProseWriter(rng, topic, place, moment, curly=rng.random() < 0.5)
    count = length or rng.choice((4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 22, 28, 40))
    return InventedStory(
        outlet=outlet,
        place=place,
        section=topic.section,
        title=writer.title(),
        blocks=_blocks(rng, writer, count),
        moment=moment,
        authors=[person(rng) for _ in range(rng.choice((1, 1, 1, 1, 2)))],
        editors=[person(rng)],
        tags=[topic.section, place.name, rng.choice(topic.things)],
        writer=writer,
    )


def _blocks(rng: Random, writer: ProseWriter, count: int) -> list[Block]:
    texts = [writer.lede()]
    while len(texts) < count:
        text = writer.paragraph()
        if text not in texts:
            texts.append(text)
    blocks = [Block("p", text) for text in texts]
    if count >= 8 and rng.random() < 0.4:
        for at in range(len(blocks) - 3, 2, -5):
            head = writer.subhead()
            if all(block.text != head for block in blocks):
                blocks.insert(at, Block("h", head))
    if count >= 6 and rng.random() < 0.2:
        blocks.insert(len(blocks) - 2, Block("list", items=writer.items()))
    if count >= 6 and rng.random() < 0.1:
        blocks.insert(len(blocks) - 1, Block("quote", writer.paragraph()))
    return blocks

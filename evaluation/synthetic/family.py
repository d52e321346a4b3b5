"""What a layout family is: the facts and the markup that the pages of one kind of site have in common."""

from __future__ import annotations

from dataclasses import dataclass

SINCE = {"og": 2011, "times": 2012, "json-ld": 2015, "description": 2005, "canonical": 2009, "author": 2005}
"""The first year of each kind."""


@dataclass(frozen=True, slots=True)
class Family:
    """A layout family. One file each in `families/` (tuned) and `held_out/`; the file is the registration.

    `template` is the page with slots: {{head}}, {{headline}}, {{stamp}}, {{byline}}, {{picture}}, {{story}}, {{foot}},
    {{below}} (what follows the story in its column), {{above}}, {{side}}, {{tags}}, {{section}}, {{site}}, {{name}},
    {{teasers}}, {{year}}, {{url}}, {{iso}}, {{story_class}} (more classes of the story's element).
    """

    name: str
    years: tuple[int, int]
    address: str
    """Path of its articles: {yyyy} {mm} {dd} {number} {slug}."""
    template: str
    picture: str
    """Markup of the main picture: {src} {alt} {caption} {credit}; {caption} holds the credit too if no {credit}."""
    teaser: str
    """Markup of another story's headline in a list: {url} {title} {stamp} {src}."""
    stamps: tuple[str, ...] = ("long",)
    datelines: tuple[str, ...] = ("none",)
    credits: tuple[str, ...] = ("site-slash-name",)
    paragraphs: str = "p"
    """How paragraphs are marked: "p", "br", "div", "span", "font", "bare-p" (not closed)."""
    subhead: str = "<h2>{}</h2>"
    byline: tuple[str, ...] = ()
    """Lines above the story; each has {authors} or {editors}, and is left out where there is nobody."""
    foot: tuple[str, ...] = ()
    """Lines below the story, likewise; a line without slots is printed always."""
    metadata: frozenset[str] = frozenset({"og", "times", "json-ld", "description"})
    """Of "og", "times", "json-ld", "description", "canonical", "author", "keywords"; each from the year it came up."""
    json_author: str = "author"
    """Whom JSON-LD names as author: "author", "editor", "outlet" or "none"."""
    joiner: str = " dan "
    """Between two names."""
    charset: str = "utf-8"
    held_out: bool = False

    def names(self, role: str) -> bool:
        """Whether its pages print people of this role ("authors", "editors")."""
        return any(f"{{{role}}}" in line for line in (*self.byline, *self.foot))

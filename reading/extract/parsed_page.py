"""A parsed page, its metadata and its visible lines, each read at most once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.records import Rejected
from reading.credits.names import people
from reading.extract import copies, jsonld, refuse, scripts
from reading.extract.addresses import absolute, day_in_address
from reading.extract.belonging import ALIKE, PageStory
from reading.extract.body import letters, text_of, tidy
from reading.extract.bounds import MOST_ARTICLES, MOST_BLOCKS, bounded_object
from reading.extract.charset import decode
from reading.extract.completeness import Signs, Witnesses
from reading.extract.lines import VisiblePage, heaviest_of, read_lines
from reading.extract.meta import META_NAMES, WRITER_NAMES, MetaTags
from reading.extract.microdata import Microdata, names_article
from reading.extract.other_stories import remove_other_stories
from reading.extract.outline import Outline, find_outline
from reading.extract.raw import Claims, FoundText, RawArticle, RawImage
from reading.extract.story_block import StoryBlock
from reading.extract.story_parts import misnamed
from reading.extract.story_parts import overlooked as overlooked_parts
from reading.extract.story_text import is_list_of_stories
from sources.definition import split_selector

_MOST_LISTS = 3
_LIGHTEST_STORY = 150
"""Characters of running text above a list of stories; less is the site's description."""
_MOST_CANONICAL_LINKS = 20
"""Canonical links, and `og:url`s, that are read; real pages have one, and broken ones two."""
_EDITOR_PREFIX = "Editor:"  # liputan6.com's JSON-LD has the editor among its keywords: "Editor:Rina Dewi"
_MOST_HEADINGS = 20
_PEOPLE = ("author", "editor")
_OF_MANY_NAMES = frozenset(("datePublished", "dateModified"))
"""Fields for which all meta names count, not only the most trusted: stamps are weighed against each other."""
_INNER_PROPERTY = {"image": "url", "datePublished": "@value", "dateModified": "@value"}
"""The property that names an object in JSON-LD; all others are named by their `name`."""


def parse_html(content: bytes, content_type: str | None = None) -> LexborHTMLParser:
    """Decode and parse a page, without what a web archive added. `content_type` is the server's header, if any.

    Raises Rejected: "empty", "too-large", "too-deep", "not-html".
    """
    page = copies.publisher_page(content, refuse.LARGEST_PAGE)
    refuse.unreadable(page, content_type)
    text = decode(page, content_type)
    tree = LexborHTMLParser(refuse.parseable(text.replace("\x00", "") if "\x00" in text else text))
    if page is not content and copies.is_replay(content):
        copies.remove_archive_frames(tree)
    return tree


@dataclass(frozen=True, slots=True)
class MetadataValues:
    """The values of one field in each kind of metadata."""

    json_ld: tuple[FoundText, ...] = ()
    microdata: tuple[FoundText, ...] = ()
    meta: tuple[FoundText, ...] = ()

    @property
    def all(self) -> tuple[FoundText, ...]:
        """The values of every kind, JSON-LD first."""
        return (*self.json_ld, *self.microdata, *self.meta)

    @property
    def first_kind(self) -> tuple[FoundText, ...]:
        """The values of the first kind that has any."""
        return self.json_ld or self.microdata or self.meta


class ParsedPage:
    """A parsed page. Everything read from it is kept, so that no part of the tree is walked twice for the same thing.

    `json_ld` is the article that the page's JSON-LD describes, {} if none or only another story's. `declared`: the page
    calls itself an article, in JSON-LD, microdata or `og:type`. `base` is the address that relative ones start from.
    `flags`: "other-story" where another story's address, JSON-LD or text was there and is not used. `signs` are what
    was noticed around the story's text.

    The elements of other stories and the comments are removed from `tree`.
    """

    def __init__(self, tree: LexborHTMLParser, url: str) -> None:
        self.tree = tree
        self.url = url
        self.meta = MetaTags(tree)
        self._capped = False
        self.base = _base(tree, url)
        self._story = story = PageStory(
            url, (self._window_title, *(each.text for each in self.meta.values(META_NAMES["headline"])))
        )
        self.addresses, foreign_address = self._own_addresses(story)
        foreign_text = remove_other_stories(tree, story)
        story.add_headings([heading.text for heading in self._headings])
        self.microdata = Microdata(tree, story)
        self.json_ld, foreign_json_ld = self._json_ld(story)
        foreign = foreign_address or foreign_text or foreign_json_ld or self.microdata.of_other_stories
        self.flags: tuple[str, ...] = ("other-story",) if foreign else ()
        self.declared = bool(
            self.json_ld
            or names_article(tree)
            or any(found.text.lower() == "article" for found in self.meta.values(("og:type",)))
        )
        self.signs = Signs()
        self._metadata: dict[str, MetadataValues] = {}
        self._selected: dict[tuple[str, ...], tuple[FoundText, ...]] = {}

    def _json_ld(self, story: PageStory) -> tuple[dict[str, Any], bool]:
        """The page's article in JSON-LD, and whether there was another story's; both within the bounds."""
        blocks = jsonld.blocks(self.tree)
        articles = jsonld.articles(blocks[:MOST_BLOCKS])
        chosen, foreign = story.choose(articles[:MOST_ARTICLES])
        kept, cut = bounded_object(chosen)
        self._capped |= cut or len(blocks) > MOST_BLOCKS or len(articles) > MOST_ARTICLES
        return kept, foreign

    @property
    def capped(self) -> bool:
        """Whether anything on the page was more than is read (`reading.extract.bounds`)."""
        return self._capped or self.meta.capped or ("visible" in self.__dict__ and self.visible.capped)

    def metadata(self, name: str) -> MetadataValues:
        """The values of one schema.org property (a key of `META_NAMES`) and of the meta elements that mean the same."""
        if name not in self._metadata:
            self._metadata[name] = MetadataValues(
                jsonld.people(self.json_ld, name)
                if name in _PEOPLE
                else jsonld.values(self.json_ld, name, _INNER_PROPERTY.get(name, "name")),
                self.microdata.values(name),
                self.meta.all_values(META_NAMES[name])
                if name in _OF_MANY_NAMES
                else self.meta.values(META_NAMES[name], without_addresses=name in _PEOPLE),
            )
        return self._metadata[name]

    @cached_property
    def titles(self) -> tuple[FoundText, ...]:
        """The headlines in metadata, then the first `h1`, then `title`."""
        window_title = self._window_title
        return (
            *self.metadata("headline").all,
            *self._likely_headings(),
            *([FoundText(window_title, "meta")] if window_title else []),
        )

    @cached_property
    def _window_title(self) -> str:
        head = self.tree.head
        title = (head.css_first("title") if head else None) or self.tree.css_first("title")
        return tidy(title.text()) if title else ""

    @cached_property
    def _headings(self) -> tuple[FoundText, ...]:
        """The first-level headings of the page."""
        texts = (text_of(heading) for heading in self.tree.css("h1")[:_MOST_HEADINGS])
        return tuple(FoundText(text, "text") for text in texts if text)

    def _likely_headings(self) -> tuple[FoundText, ...]:
        """The first-level heading that prints the page's headline, else the first; logos are in `h1` on many pages."""
        found = self._headings
        alike = [each for each in found if (self._story.likeness_of(each.text) or 0) >= ALIKE]
        return tuple((alike or found)[:1])

    def _own_addresses(self, story: PageStory) -> tuple[tuple[FoundText, ...], bool]:
        """The absolute addresses that the page claims as its own: canonical links, then `og:url`.

        Without those of another story; the second value tells whether there was one.
        """
        links = dict.fromkeys(node.attributes.get("href") or "" for node in self.tree.css("link[rel~=canonical]"))
        found = [link for link in links if link.strip()]
        in_meta = [each.text for each in self.meta.values(("og:url",))]
        self._capped |= max(len(found), len(in_meta)) > _MOST_CANONICAL_LINKS
        found = [*found[:_MOST_CANONICAL_LINKS], *in_meta[:_MOST_CANONICAL_LINKS]]
        claims = [joined for link in found if (joined := absolute(self.base, link))]
        own, foreign = story.claim(claims)
        return tuple(FoundText(each, "meta") for each in own), foreign

    def people_in_metadata(self, name: str) -> tuple[FoundText, ...]:
        """The authors or editors of the first kind of metadata that names a person, and not the publisher."""
        found = self.metadata(name)
        house = {self.site.casefold()} if self.site else set()
        for kind in self._kinds_of_people(name):
            named = tuple(each for each in kind if each.text.casefold() not in house)
            if any("://" not in each.text and people(each.text) for each in named):
                return named
        return found.first_kind

    def _kinds_of_people(self, name: str) -> Iterator[tuple[FoundText, ...]]:
        """The names in each kind of metadata, the most trusted first: JSON-LD names the editor as author on some sites.

        A kind is read only if it is asked for.
        """
        found = self.metadata(name)
        yield found.meta
        yield self._people_in_scripts[name == "editor"]
        yield found.json_ld
        yield found.microdata
        if name == "author":
            yield self.meta.values(WRITER_NAMES, without_addresses=True)

    @cached_property
    def _people_in_scripts(self) -> tuple[tuple[FoundText, ...], tuple[FoundText, ...]]:
        return scripts.people(self.tree)

    @cached_property
    def site(self) -> str | None:
        """The publisher's name on the page."""
        publishers = jsonld.values(self.json_ld, "publisher")
        return next((each.text for each in (*self.meta.values(("og:site_name",)), *publishers)), None)

    def select(self, selectors: tuple[str, ...]) -> tuple[FoundText, ...]:
        """The texts (or attributes) that the first matching selector finds."""
        if selectors not in self._selected:
            self._selected[selectors] = select(self.tree, selectors)
        return self._selected[selectors]

    @cached_property
    def has_error_title(self) -> bool:
        """Whether one of the titles is that of a barrier or an error."""
        return any(refuse.is_error_title(each.text) for each in self.titles)

    @property
    def _editors_in_keywords(self) -> tuple[FoundText, ...]:
        names = (each.text for each in self.metadata("keywords").json_ld if each.text.startswith(_EDITOR_PREFIX))
        return tuple(FoundText(name.removeprefix(_EDITOR_PREFIX), "json-ld") for name in names)

    @cached_property
    def visible(self) -> VisiblePage:
        """The lines and pictures that a reader sees.

        Containers whose names say that they are no story, and that hold the page's only one, are trusted.
        """
        body = self.tree.body
        if body is None:
            return VisiblePage()
        visible = read_lines(body)
        trusted = misnamed(visible, self.known_text)
        return read_lines(body, trusted=trusted) if trusted else visible

    def outline(self, titles: Iterable[FoundText], story: LexborNode | None) -> Outline:
        """Headline and story among the lines; `visible` then has what of the story was hidden or misnamed."""
        headlines = [each.text for each in titles]
        outline = find_outline(self.visible, headlines, story, self.known_text, self.summaries)
        for _ in range(_MOST_LISTS if story is None else 0):
            if outline.block is None or not is_list_of_stories(outline):
                break
            if (other := self._above_list(outline.block)) is None:
                break
            outline = find_outline(self.visible, headlines, other, self.known_text)
        body = self.tree.body
        if body is None or outline.block is None:
            return outline
        overlooked = overlooked_parts(self.visible, outline.block, self.known_text)
        if overlooked:
            self.visible = read_lines(body, trusted=overlooked | misnamed(self.visible, self.known_text))
            outline = find_outline(self.visible, headlines, story or outline.block.node, self.known_text)
            self.signs.turned = True
        return outline

    def _above_list(self, block: StoryBlock) -> LexborNode | None:
        """The heaviest block above a list of other stories; None if there is hardly any text."""
        visible = self.visible
        weights = {
            each: weight
            for each, weight in visible.weights.items()
            if each in visible.spans and visible.spans[each][1] <= block.start
        }
        found = heaviest_of(weights, visible.blocks)
        return found if found is not None and weights[found.mem_id] >= _LIGHTEST_STORY else None

    @cached_property
    def known_text(self) -> str:
        """The letters of the story as far as JSON-LD has it (`articleBody`)."""
        return letters(jsonld.text(self.json_ld, "articleBody"))

    @cached_property
    def summaries(self) -> tuple[str, ...]:
        """The descriptions of the story in metadata; often its first sentences."""
        found = (*jsonld.values(self.json_ld, "description"), *self.meta.values(("og:description", "description")))
        return tuple(dict.fromkeys(each.text for each in found))

    def witnesses(self, titles: str) -> Witnesses:
        """What metadata say about the length of the story."""
        return Witnesses(
            url=self.url,
            titles=titles,
            article_body=jsonld.text(self.json_ld, "articleBody"),
            word_count=str(self.json_ld.get("wordCount") or ""),
            descriptions=self.summaries,
        )

    @property
    def whole_text(self) -> str:
        """All text below `body`, that of scripts and hidden elements too."""
        return self.tree.body.text() if self.tree.body else ""

    @property
    def visible_text(self) -> str:
        """The text that a reader sees, with forms and asides, because captchas and barriers are printed there."""
        return "\n".join(line.text for line in self.visible.lines)

    def no_article(self) -> Rejected:
        """The rejection of a page without an article: "blocked", "not-found" or "no-article"."""
        return refuse.no_article(self.titles[-1].text if self.titles else "", self.visible_text)

    def raw_article(self, **fields: object) -> RawArticle:
        """A RawArticle with every field that metadata give; `fields` are what the page prints, and take precedence."""
        html = self.tree.css_first("html")
        lang = tidy((html.attributes.get("lang") if html else None) or "")
        keywords = self.metadata("keywords").first_kind
        found: dict[str, object] = {
            "addresses": self.addresses,
            "titles": self.titles,
            "metadata": (*self.metadata("datePublished").all, *day_in_address(self.url)),
            "modified": self.metadata("dateModified").all,
            "authors": self.people_in_metadata("author"),
            "editors": self.people_in_metadata("editor") or self._editors_in_keywords,
            "sections": self.metadata("articleSection").first_kind,
            "tags": tuple(each for each in keywords if not each.text.startswith(_EDITOR_PREFIX)),
            "languages": (*self.metadata("inLanguage").all, *([FoundText(lang, "meta")] if lang else [])),
            "declared": self.declared,
            "site": self.site,
            "flags": self.flags,
            "claims": self._claims(),
        }
        return RawArticle(url=self.url, **(found | {name: value for name, value in fields.items() if value}))  # type: ignore[arg-type]  # the names above are its own

    def _claims(self) -> Claims:
        author = self.metadata("author")
        organisations = jsonld.names_of_type(self.json_ld, "author", "Organization")
        captions = (
            *jsonld.values(self.json_ld, "image", "caption"),
            *jsonld.values(self.json_ld, "image", "description"),
        )
        return Claims(
            titles=self.metadata("headline").all,
            authors=tuple(each for each in author.all if each.text not in organisations),
            owners=(
                *(each for each in jsonld.values(self.json_ld, "author") if each.text in organisations),
                *self.meta.values(("author",)),
            ),
            editors=(*self.metadata("editor").all, *self._editors_in_keywords),
            captions=(
                *(each for each in captions if "://" not in each.text),
                *self.meta.values(("og:image:alt", "twitter:image:alt")),
            ),
            sections=self.metadata("articleSection").all,
            texts=(
                *jsonld.values(self.json_ld, "articleBody"),
                *jsonld.values(self.json_ld, "description"),
                *self.meta.values(("og:description", "description", "twitter:description")),
            ),
        )


def _base(tree: LexborHTMLParser, url: str) -> str:
    """The address from which the page's relative ones start: its own, or that of `<base href>` (Joomla, Blogger)."""
    node = tree.css_first("base[href]")
    return (absolute(url, node.attributes.get("href") or "") or url) if node else url


def select(
    root: LexborHTMLParser | LexborNode, selectors: tuple[str, ...], without: Collection[int] = ()
) -> tuple[FoundText, ...]:
    """The texts that the first matching selector finds below `root`, less the elements whose `mem_id` is in `without`.

    A selector matches if it finds any text.
    """
    for selector in selectors:
        css, attribute = split_selector(selector)
        nodes = root.css(css)
        texts = [tidy(node.attributes.get(attribute) or "") if attribute else text_of(node, without) for node in nodes]
        if any(texts):
            where = "meta" if css.startswith("meta") else "selector"
            return tuple(FoundText(text, where) for text in texts if text)
    return ()


def images_of(
    page: ParsedPage,
    addresses: tuple[FoundText, ...],
    captions: tuple[FoundText, ...],
    credits: tuple[FoundText, ...] = (),
) -> tuple[RawImage, ...]:
    """Pictures from their addresses, captions and credits, matched by position."""
    images = (
        RawImage(absolute(page.base, address.text) if address else None, caption, credit)
        for address, caption, credit in zip_longest(addresses, captions, credits)
    )
    return tuple(dict.fromkeys(image for image in images if image.url or image.caption))

"""Removes what stands on a page and is not of its story: whole other stories, cards of related ones, readers' comments.

Endless scrolls append the next story in the markup of the first (detik, Tribunnews, IDN Times, many WordPress themes).
Its body, date, byline and pictures look exactly like the page's own, to a layout's selectors too. So such elements go
before any field is read (docs/decisions/0021).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reading.extract.belonging import ALIKE, UNLIKE, PageStory, same_page
from reading.extract.body import tidy
from reading.extract.outline import STAMP

_STORY_ELEMENTS = "article, .hentry, [itemtype$='Article'], [itemtype$='BlogPosting']"
_COMMENTS = (
    "#comments, .comments, .comments-area, .comment-list, .commentlist, #respond, #komentar, .komentar, "
    ".list-komentar, .list_komentar, [itemtype$='/Comment'], [itemtype$='/UserComments']"
)
_HEADLINES = "h2, h3, [class*='title'], [class*='judul'], [class*='headline'], [class*='heading']"
_MOST_HEADLINES = 200
_LONGEST_HEADLINE = 250
_FEWEST_WORDS = 40
"""Words of a whole story; a card has a headline and a sentence."""
_MOST_WORDS_ABOVE = 15
"""Words above a story's headline in its element: a section, a kicker, a date."""
_OPENING = 1_500
"""Characters at the beginning of an element that are read to judge it: headline, stamp, byline and first paragraphs."""
_MOST_NODES = 1_000
_MOST_ELEMENTS = 120
"""Headings and story elements that are judged; endless scrolls that were saved have some dozen stories."""
_MOST_ANCESTORS = 128
_OWN_MARK = re.compile(r"(?:^|[\s_-])(?:date|time|tanggal|waktu|author|byline|penulis|reporter|published)", re.I)
_SILENT_TAGS = frozenset("script style noscript template nav aside -comment".split())


def remove_other_stories(tree: LexborHTMLParser, story: PageStory) -> bool:
    """Removes them from the tree. Returns whether one was a whole story, and not only a card or comments.

    Nothing is removed from a page whose headings do not tell which story is its own.
    """
    body = tree.body
    if body is None:
        return False
    headings = body.css("h1")[:_MOST_ELEMENTS]
    elements = body.css(_STORY_ELEMENTS)[:_MOST_ELEMENTS]
    comments = body.css(_COMMENTS)[:_MOST_ELEMENTS]
    if len(headings) + len(elements) < 2 and not comments:
        return False
    own = _own_heading(body, headings, story)
    if own is None:
        return False
    found = _Removal(own, story)
    for element in comments:
        found.judge_comments(element)
    for heading in headings:
        found.judge_heading(heading)
    for element in elements:
        found.judge_element(element)
    found.remove()
    return found.whole_story


def _own_heading(body: LexborNode, headings: list[LexborNode], story: PageStory) -> LexborNode | None:
    """The element that prints the page's own headline: an h1, a smaller heading, or on old pages one named so."""
    for heading in headings:
        if (story.likeness_of(_opening(heading)[0]) or 0) >= ALIKE:
            return heading
    for heading in body.css(_HEADLINES)[:_MOST_HEADLINES]:
        text = _opening(heading)[0]
        if len(text) <= _LONGEST_HEADLINE and (story.likeness_of(text) or 0) >= ALIKE:
            return heading
    return None


class _Removal:
    """The elements of a page that are to go, judged while all of them still stand."""

    def __init__(self, own: LexborNode, story: PageStory) -> None:
        self._own = own
        self._story = story
        self._own_in_story_element = any(map(_is_story_element, _and_parents(own)))
        self._around = {each.mem_id for each in _and_parents(own)}
        self._found: dict[int, LexborNode] = {}
        self.whole_story = False

    def add(self, element: LexborNode) -> bool:
        if element.mem_id in self._around or any(each.mem_id in self._found for each in _and_parents(element)):
            return False
        self._found[element.mem_id] = element
        return True

    def remove(self) -> None:
        # an element may have been found after one inside it, and destroying it destroys both
        outermost = [
            each
            for each in self._found.values()
            if not any(parent.mem_id in self._found for parent in _and_parents(each) if parent.mem_id != each.mem_id)
        ]
        for each in outermost:
            each.decompose()

    def judge_comments(self, element: LexborNode) -> None:
        """Finds readers' comments, which follow the story; an unclosed element may seem to hold the story itself."""
        if self._follows_a_story(element):
            self.add(element)

    def judge_heading(self, heading: LexborNode) -> None:
        """Finds the story under another first-level heading, if the page's own story stands before it."""
        if heading.mem_id in self._around or not self._is_of_another(heading):
            return
        element = self._element_under(heading)
        if element.mem_id == heading.mem_id or not self._is_whole_story(element):
            return
        if self._follows_a_story(element) and self.add(element):
            self.whole_story = True

    def judge_element(self, element: LexborNode) -> None:
        """Finds out whether an element for a story holds another one.

        Inside the own story's element only cards go: the posts of a live report are elements of that kind too.
        """
        if element.mem_id in self._around:
            return
        heading = element.css_first("h1, h2, h3, h4, h5")
        if heading is None or not self._is_of_another(heading):
            return
        if len(_opening(element)[0].split()) < _FEWEST_WORDS:
            if self._leads_elsewhere(heading):
                self.add(element)
            return
        shared = any(_is_story_element(each) for each in _parents(element) if each.mem_id in self._around)
        marked = self._own_in_story_element or self._leads_elsewhere(heading)
        if shared or not marked or not self._is_whole_story(element):
            return
        if self._follows_a_story(element) and self.add(element):
            self.whole_story = True

    def _is_of_another(self, heading: LexborNode) -> bool:
        like = self._story.likeness_of(_opening(heading)[0])
        return like is not None and like <= UNLIKE

    def _leads_elsewhere(self, heading: LexborNode) -> bool:
        """Whether a heading is a link to another page, as the headline of a card is."""
        link = heading.css_first("a[href]")
        if link is None and heading.parent is not None and heading.parent.tag == "a":
            link = heading.parent
        href = (link.attributes.get("href") or "").strip() if link is not None else ""
        return bool(href) and not href.startswith("#") and not same_page(href.partition("#")[0], self._story.url)

    def _element_under(self, heading: LexborNode) -> LexborNode:
        """The largest element that begins with a heading and does not hold the own headline."""
        at = heading
        for parent in _parents(heading):
            if parent.mem_id in self._around or _words_before(at, _MOST_WORDS_ABOVE) >= _MOST_WORDS_ABOVE:
                break
            at = parent
        return at

    @staticmethod
    def _is_whole_story(element: LexborNode) -> bool:
        """Whether an element has running text, and a stamp or byline of its own: a chapter of one story has none."""
        text, marked = _opening(element)
        return len(text.split()) >= _FEWEST_WORDS and (marked or STAMP.search(text) is not None)

    def _follows_a_story(self, element: LexborNode) -> bool:
        """Whether enough text for a story stands between the own headline and this element."""
        words = 0
        for each in _and_parents(element):
            if each.mem_id in self._around:
                return False
            words += _words_before(each, _FEWEST_WORDS - words, self._found, self._around)
            if words >= _FEWEST_WORDS:
                return True
            if each.parent is None or each.parent.mem_id in self._around:
                return False
        return False


def _words_before(node: LexborNode, enough: int, found: Collection[int] = (), around: Collection[int] = ()) -> int:
    """The words before a node in its parent, back to an element `around` the own headline, and without those `found`.

    Counts no further than `enough`.
    """
    words = 0
    at = node.prev
    for _ in range(_MOST_NODES):
        if at is None or words >= enough:
            break
        if at.is_text_node:
            words += len((at.text_content or "")[:_OPENING].split())
        elif at.is_element_node and at.tag not in _SILENT_TAGS and at.mem_id not in found:
            words += len(_opening(at)[0].split())
        if at.mem_id in around:
            break
        at = at.prev
    return words


@lru_cache(maxsize=1024)
def _is_own_mark(names: str) -> bool:
    return _OWN_MARK.search(names) is not None


def _opening(root: LexborNode) -> tuple[str, bool]:
    """The first text below an element, and whether a class or tag there names a date or a writer."""
    pieces: list[str] = []
    length = nodes = 0
    marked = False
    above: list[LexborNode] = []
    node = root.first_child
    while length < _OPENING and nodes < _MOST_NODES:
        if node is None:
            if not above:
                break
            node = above.pop().next
            continue
        nodes += 1
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content or ""
            pieces.append(text[:_OPENING])
            length += len(text)
        elif tag not in _SILENT_TAGS:
            pieces.append(" ")
            marked = marked or tag == "time" or _is_own_mark(node.attributes.get("class") or "")
            if (child := node.first_child) is not None:
                above.append(node)
                node = child
                continue
        node = node.next
    return tidy("".join(pieces)), marked


def _parents(node: LexborNode) -> Iterator[LexborNode]:
    at = node.parent
    for _ in range(_MOST_ANCESTORS):
        if at is None or not at.is_element_node:
            return
        yield at
        at = at.parent


def _and_parents(node: LexborNode) -> Iterator[LexborNode]:
    yield node
    yield from _parents(node)


def _is_story_element(node: LexborNode) -> bool:
    names = node.attributes
    return (
        node.tag == "article"
        or "hentry" in (names.get("class") or "").split()
        or (names.get("itemtype") or "").endswith(("Article", "BlogPosting"))
    )

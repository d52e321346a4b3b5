"""Elements that do not look like the story's, and are: its hidden pages, and containers with a misleading name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable

from selectolax.lexbor import LexborNode

from reading.extract.body import letters
from reading.extract.lines import TextLine, VisiblePage, heaviest_of, read_lines
from reading.extract.story_block import StoryBlock, class_names, is_foreign, is_running, span_of
from reading.extract.text_marks import TextMark, marks_of_name

_FEWEST_WORDS = 8
_DEEPEST = 12
"""Elements between the story's and a hidden one in it."""
_LIGHTEST_CONTAINER = 200
"""Characters of running text in a container with a misleading name; an advertisement has fewer."""
_FEWEST_SHARED = 40
"""Letters of a paragraph's beginning that are compared with the page's metadata."""

# Names of hidden elements that hold a story's further pages or its end, and of those that never do
_PAGES = re.compile(
    r"pag(?:e|es|ing)(?![a-z])|hal(?:aman)?(?![a-z])|part|bagian|more|selengkapnya|lengkap|full|content|konten|isi|teks|text|body|artic|"
    r"story|collaps|expand|lanjut|rest(?![a-z])|sisa|paragra|trunc|hidden-?text|section",
    re.I,
)
_NEVER = re.compile(
    r"print|cetak|error|alert|notif|player|video|schema|sr-only|screen-reader|lightbox|overlay|drop-?down|register|"
    r"daftar|langganan|paywall|consent|gdpr|loader|loading|search|template|copyright|credit|gallery|galeri|caption|"
    r"tab-|menu|author|penulis|bio(?![a-z])|poll|quiz|kuis|survey|clipboard|copy|amp-|summary|ringkas|translat",
    re.I,
)
_TEXT_TAGS = frozenset("p h2 h3 h4 ul ol blockquote table".split())


def misnamed(visible: VisiblePage, known: str) -> set[int]:
    """The elements to trust although their names say that they are no story; empty if the page has a story without.

    A template may call the column of the story "sidebar", "banner" or "ads". Its block has much more text than any
    other, hardly a link, and a headline above it; a list of other stories is trusted only if the page's metadata have
    its beginning.
    """
    node = heaviest_of(visible.doubtful, visible.blocks)
    if node is None:
        return set()
    weight = visible.doubtful[node.mem_id]
    plain = max(visible.weights.values(), default=0.0)
    start, stop = span_of(visible, node)
    lines = visible.lines[start:stop]
    marked = _named_around(visible, node)
    agrees = _agrees([line.text for line in lines if len(line.text) >= _FEWEST_SHARED], known)
    if not agrees and (weight < _LIGHTEST_CONTAINER or weight < 3 * plain):
        return set()
    if not agrees and any(visible.named[each] & TextMark.OTHERS for each in marked) and plain:
        return set()
    headed = any(line.marks & TextMark.HEADING for line in visible.lines[max(0, start - 25) : start + 5])
    if _share_of_links(lines) > 0.2 or not (headed or agrees):
        return set()
    return marked


def _named_around(visible: VisiblePage, node: LexborNode) -> set[int]:
    """The element and those around it that their own names mark UNRELATED or ATTACHED."""
    found = set()
    at: LexborNode | None = node
    while at is not None:
        if visible.named.get(at.mem_id, 0) & (TextMark.UNRELATED | TextMark.ATTACHED):
            found.add(at.mem_id)
        at = at.parent
    return found


def _share_of_links(lines: Iterable[TextLine]) -> float:
    total = linked = 0
    for line in lines:
        total += len(line.text)
        linked += len(line.text) if line.linked else 0
    return linked / total if total else 0.0


def _agrees(texts: Iterable[str], known: str) -> bool:
    """Whether the metadata's text has the beginning of the first of these texts."""
    first = next(iter(texts), "")
    plain = letters(first[: 2 * _FEWEST_SHARED])[:_FEWEST_SHARED]
    return len(plain) >= 30 and plain in known


def overlooked(visible: VisiblePage, block: StoryBlock, known: str) -> set[int]:
    """The elements in and beside a story's block that are its text, but hidden, struck out or misnamed."""
    lines = visible.lines[block.start : block.stop]
    return {
        *_hidden_parts(visible, block, lines, known),
        *_misnamed_parts(lines, visible, known),
        *_struck_by_mistake(visible, lines),
    }


def _struck_by_mistake(visible: VisiblePage, lines: list[TextLine]) -> Iterable[int]:
    """Struck-out elements, if they are most of the story: an unclosed <s> strikes out all that follows."""
    if not visible.struck:
        return ()
    struck = sum(len(node.text()) for node in visible.struck)
    return [node.mem_id for node in visible.struck] if struck > sum(len(line.story) for line in lines) else ()


def _misnamed_parts(lines: list[TextLine], visible: VisiblePage, known: str) -> Iterable[int]:
    """Containers inside the story that have a good part of its text, and a name like "ads" or "share"."""
    groups: dict[int, list[TextLine]] = defaultdict(list)
    for line in lines:
        if line.outer and not line.marks & TextMark.FOREIGN:
            groups[line.outer].append(line)
    running = sum(len(line.story) for line in lines if is_running(line)) if groups else 0
    for outer, group in groups.items():
        length = sum(len(line.text) for line in group if len(line.text) >= _FEWEST_SHARED and not line.linked)
        agrees = _agrees((line.text for line in group if len(line.text) >= _FEWEST_SHARED), known)
        heavy = length >= _LIGHTEST_CONTAINER and length > running / 2 and _share_of_links(group) <= 0.2
        if agrees or (heavy and not visible.named.get(outer, 0) & TextMark.OTHERS):
            yield outer


def _hidden_parts(visible: VisiblePage, block: StoryBlock, lines: list[TextLine], known: str) -> Collection[int]:
    """Hidden elements that are further pages of the story.

    Publishers that turn pages in the browser (Merdeka.com) hide all but the first. What is hidden beside them: dialogs,
    menus, offers, other stories.
    """
    near = [(node, depth) for node, _ in visible.hidden if (depth := _depth_inside(node, block.node)) is not None]
    if not near:
        return ()
    shown = {letters(line.story[:80])[:_FEWEST_SHARED] for line in lines if is_running(line)}
    names = _names_of_story(block) | class_names(block.node)
    found = {node.mem_id: node for node, depth in near if _is_part(node, depth, names, shown, known)}
    parents = {node.parent.mem_id for node in found.values() if node.parent is not None}
    for node, _ in visible.hidden:  # a list or subhead between hidden paragraphs
        if node.tag in _TEXT_TAGS and node.parent is not None and node.parent.mem_id in parents:
            found.setdefault(node.mem_id, node)
    return found


def _names_of_story(block: StoryBlock) -> set[str]:
    """The classes of the elements that hold the story's visible paragraphs."""
    found: set[str] = set()
    child = block.node.first_child
    while child is not None:
        if child.is_element_node and child.tag in ("div", "section", "p", "span") and len(child.text()) >= 100:
            found |= class_names(child)
        child = child.next
    return found


def _depth_inside(node: LexborNode, story: LexborNode) -> int | None:
    """How deep an element is in the story's: 0 beside it, None elsewhere."""
    beside = story.parent.mem_id if story.parent is not None and story.parent.tag not in ("body", "html") else 0
    at = node.parent
    for depth in range(_DEEPEST):
        if at is None:
            return None
        if at.mem_id == story.mem_id:
            return depth + 1
        if depth == 0 and at.mem_id == beside:
            return 0
        at = at.parent
    return None


def _is_part(node: LexborNode, depth: int, names: set[str], shown: set[str], known: str) -> bool:
    attributes = node.attributes
    called = " ".join(attributes.get(name) or "" for name in ("class", "id", "role"))
    visible = read_lines(node)
    running = [line for line in visible.lines if is_running(line)]
    words = sum(len(line.story.split()) for line in running)
    if words < _FEWEST_WORDS or is_foreign(visible.lines) or node.css_first("form, input, h1, article, time"):
        return False
    if letters(running[0].story[:80])[:_FEWEST_SHARED] in shown:
        return False  # the same text once more, for printing or for another screen
    if _agrees((line.story for line in running), known):
        return True
    if _NEVER.search(called) or marks_of_name(called) & (TextMark.UNRELATED | TextMark.ATTACHED):
        return False
    if class_names(node) & names:
        return True
    if not depth:
        return _PAGES.search(called) is not None
    if node.tag == "p" or _PAGES.search(called):
        return True
    return not called.strip() and len(running) >= 2

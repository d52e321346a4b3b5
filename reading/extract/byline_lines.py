"""The printed lines that name writers and editors on a page without a layout.

A name must look like one (`reading.credits.names`) and stand where names stand: in a short line with a role, or in an
element named after a writer, near the headline, at the end of the story, or in a box of credits.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from lexicon.credits import WORDS, alternation
from lexicon.words import GIVEN_NAMES
from reading.credits.names import canonical_agency, is_outlet, looks_like_a_name, people
from reading.extract.body import text_of, tidy
from reading.extract.lines import TextLine, read_lines
from reading.extract.outline import LABELLED, REPORT, STAMP, Outline, found_in_text, head_lines
from reading.extract.raw import FoundText
from reading.extract.text_marks import TextMark

_LONGEST_BYLINE = 120
_LINES_BELOW_THE_STORY = 30
_LONGEST_NAME = 60
_LONGEST_HEADLINE_OF_A_LINK = 30
"""Characters: a longer link below the story is another story's headline, and what follows it belongs to that."""
_MOST_CREDITS_APART = 4
_MOST_WORDS_OF_AN_EDITOR = 3
_MOST_BOXES = 40
_MOST_LINES_IN_A_BOX = 12

_ROLES = alternation("author", "editor")
_ROLE = re.compile(rf"{_ROLES}\s?[:：]?", re.I)
_EDITORS_ROLE = re.compile(rf"\W*{alternation('editor')}\b", re.I)
_WRITERS_ROLE = re.compile(rf"\b{alternation('author')}\b", re.I)
# "Oleh Rina Dewi", "EditorBudi Raharja"
_ROLE_FIRST = re.compile(
    rf"\W{{0,3}}(?P<role>(?i:{alternation('without_colon')}|laporan))(?:\s+|(?=[A-Z]))(?P<names>[A-Z].*)"
)
# "Rina Dewi Penulis", "Rina DewiAuthor": name and role in inline elements, which style sheets put on two lines
_ROLE_LAST = re.compile(
    rf"(?P<name>[^\W\d_][^:|/]{{2,{_LONGEST_NAME}}}?)(?:\s|(?<=[a-z.])(?=[A-Z]))[(\[]?(?P<role>(?i:{_ROLES}))[)\]]?"
)
# "Penulis - Rina Dewi", "Editor | Budi Raharja"
_ROLE_JOINED = re.compile(rf"(?P<role>(?i:{_ROLES}))\s+[-–—/|•]\s+(?P<name>[A-Z].*)")
_CAPITALISED_ROLES = "|".join(
    sorted((word.capitalize() for part in ("author", "editor") for word in WORDS[part] if len(word) > 4), reverse=True)
)
_BEFORE_ROLE = re.compile(rf"(?<=[a-z.])(?=(?:{_CAPITALISED_ROLES})(?:[A-Z\s:(]|$))")
_AFTER_ROLE = re.compile(rf"(?m)^({_CAPITALISED_ROLES})(?=[A-Z][a-z.])")
# Two names, or a name and another word, of two inline elements: "Rina DewiBudi Raharja"
_GLUED = re.compile(r"[a-z]{3}[A-Z]")
# "12 Mei 2019 09:30 oleh Rina Dewi", "Diposting oleh Rina Dewi di 06.45"
_WITHIN_A_LINE = re.compile(
    rf"(?<!\w)(?i:{alternation('within_a_line')})\s?:?\s[A-Z][\w.'’-]*(?:(?:,?\s|\s(?:dan|and|&)\s)[A-Z][\w.'’-]*){{0,9}}(?=$|[^\w])"
)
_BYLINE_WITHIN = re.compile(rf"\b{alternation('author', 'editor')}\b\s?:?", re.I)
_NAME = re.compile(r"[^\W\d_][\w.'’`-]*(?:,?\s[\w.'’`-]+){0,6}")
_HOUSE = re.compile(r"[^\W\d_][\w.'’ ]{2,50}\s[-–—,|]\s?[\w.]{2,30}(?:\s\w+)?")
_BESIDE_A_STAMP = re.compile(r"\s*[|•·]\s*|\s+[-–—/]\s+|\s*,\s+(?=[A-Z])")
_MASTHEAD = re.compile(
    r"\b(?:pemimpin|pimpinan|penanggung\s?jawab|wakil pemimpin|redaktur pelaksana|dewan redaksi|sekretaris redaksi|"
    r"chief|komisaris|direktur|susunan redaksi)\b",
    re.I,
)
_BOXES = (
    "[class*='popover'], [class*='tooltip'], [class*='modal'], [class*='credit'], [class*='tim-redaksi'], "
    "[class*='timredaksi'], [class*='author'], [class*='penulis'], [class*='redaksi']"
)
_OPENED_BESIDE = "[class*='popover'], [class*='tooltip'], [role=tooltip]"
_ATTRIBUTES_OF_BOXES = ("data-content", "data-bs-content", "data-original-title", "data-bs-title", "data-tooltip")
_HAS_TEXT_OF_BOX = ", ".join(f"[{name}]" for name in _ATTRIBUTES_OF_BOXES)
_ICONS = "[title], [aria-label], img[alt]"
_MOST_ICONS = 3_000


def byline_lines(outline: Outline, *, bare_names: bool = True) -> tuple[tuple[FoundText, ...], tuple[FoundText, ...]]:
    """The printed lines that name writers, and those that name only editors, from above and below the story.

    `bare_names` also accepts a name without a role, above the story, in an element named after a writer.
    """
    foot_start = max(outline.story_start, outline.story_end - 6)
    foot = outline.lines[foot_start : outline.story_end + _LINES_BELOW_THE_STORY]
    found = [
        *_bylines_in([line for line in head_lines(outline) if _may_be_own(line)], bare_names=bare_names),
        *_bylines_in(_own_foot(foot, outline.story_end - foot_start), bare_names=False),
    ]
    if not any(map(_EDITORS_ROLE.match, found)):
        apart = _credits_apart(outline.lines[outline.story_end :])
        found += [each for each in apart if each not in found]
    return _by_role(found)


def _by_role(found: Sequence[str]) -> tuple[tuple[FoundText, ...], tuple[FoundText, ...]]:
    editors = {text for text in found if _EDITORS_ROLE.match(text) and not _WRITERS_ROLE.search(text)}
    names = {text.partition(":")[2].strip() for text in editors}  # Kompas first lists all names without roles
    writers = [text for text in dict.fromkeys(found) if text not in editors and text not in names]
    return found_in_text(writers), found_in_text(sorted(editors))


def _may_be_own(line: TextLine) -> bool:
    """Whether a line beside the story may name its own people: not in a list of other stories, a dialog or comments."""
    return not line.marks & (TextMark.FOREIGN | TextMark.OTHERS)


def _own_foot(lines: list[TextLine], end: int) -> list[TextLine]:
    """The lines at the end of the story and below it, up to the first one of another story, or of the masthead.

    Below links to other stories, only a writer together with an editor (tribunnews.com prints them there), up to a
    stamp: where one is, another story may be.
    """
    found: list[TextLine] = []
    for at, line in enumerate(lines):
        if at >= end and _is_masthead(line):
            break
        if at >= end and _begins_other_matter(line):
            below = itertools.takewhile(lambda each: not (STAMP.search(each.text) or _is_masthead(each)), lines[at:])
            named = [each for each in below if _may_be_own(each) and LABELLED.match(each.text)]
            if len(named) > 1 and any(_EDITORS_ROLE.match(each.text) for each in named):
                found += named
            break
        if not line.marks & TextMark.UNRELATED:
            found.append(line)
    return found


def _begins_other_matter(line: TextLine) -> bool:
    """Whether a line below the story is a heading or another story's headline, and not a name that looks like one."""
    linked = line.linked and len(line.text) > _LONGEST_HEADLINE_OF_A_LINK
    if not linked and not line.marks & TextMark.SUBHEAD:
        return False
    text = line.text[:_LONGEST_BYLINE]
    return not (looks_like_a_name(text) or _ROLE_LAST.fullmatch(text) or LABELLED.match(text))


def _is_masthead(line: TextLine) -> bool:
    return len(line.text) <= _LONGEST_BYLINE and _MASTHEAD.search(line.text) is not None


def _credits_apart(lines: list[TextLine]) -> list[str]:
    """The names with roles in an element named after credits, anywhere below the story (KLY's tab "Kredit").

    Only if the page has one such list: several are those of other stories.
    """
    marked = [line for line in lines if line.marks & TextMark.BYLINE and _may_be_own(line)]
    found = list(_bylines_in(marked, bare_names=False))
    if len(found) > _MOST_CREDITS_APART or len(set(found)) < len(found):
        return []
    return [] if any(_MASTHEAD.search(line.text) for line in marked) else found


def _bylines_in(lines: list[TextLine], *, bare_names: bool) -> Iterator[str]:
    """The bylines among these lines, each on one line with its label.

    A label may be on a line of its own, before the name or (Kompas, Okezone) after it; or several labels stand in a
    row, before the names in a row.
    """
    lines = [part for line in lines if len(line.text) <= _LONGEST_BYLINE for part in _unglued(line)]
    at = 0
    while at < len(lines):
        line, text = lines[at], lines[at].text
        row = _row(lines, at)
        if row:
            yield from (f"{role}: {name}" for role, name in row)
            at += 2 * len(row)
            continue
        following = lines[at + 1].text if at + 1 < len(lines) else ""
        if _ROLE.fullmatch(following) and (_is_name(text) or _is_nobody(text)):
            if not _is_nobody(text):
                yield f"{following.rstrip(' :')}: {text}"
            at += 2
            continue
        if byline := _byline_of(line, bare_names=bare_names):
            yield byline
        at += 1


def _unglued(line: TextLine) -> list[TextLine]:
    """A line as several where inline elements glue roles to names: "ReporterRina DewiEditorBudi Raharja".

    A colon in an element of its own says nothing.
    """
    text = _AFTER_ROLE.sub(r"\1\n", _BEFORE_ROLE.sub("\n", line.text)) if _BEFORE_ROLE.search(line.text) else line.text
    text = _AFTER_ROLE.sub(r"\1\n", text)
    if "\n" not in text:
        return [line] if text.strip(" :：") else []
    return [TextLine(each, line.marks, line.linked) for part in text.split("\n") if (each := part.strip())]


def _row(lines: list[TextLine], at: int) -> list[tuple[str, str]]:
    """The roles in a row of lines, each with its name from as many lines that follow: a role and a name, or a table."""
    count = 0
    while count < 3 and at + count < len(lines) and _ROLE.fullmatch(lines[at + count].text):
        count += 1
    names = [line.text.lstrip(": ") for line in lines[at + count : at + 2 * count]]
    if not count or len(names) < count or not all(map(_is_name, names)):
        return []
    return [(lines[at + step].text.rstrip(" :"), names[step]) for step in range(count)]


def _is_name(text: str) -> bool:
    plain = _NAME.fullmatch(text) is not None and not _GLUED.search(text)
    return plain and len(text) <= 2 * _LONGEST_NAME and bool(people(text))


def _is_nobody(text: str) -> bool:
    """Whether a medium or a desk stands in a name's place; the role beside it is not the next name's."""
    plain = text.strip(" .:")
    return is_outlet(plain) or plain.casefold() in WORDS["nobody"]


def _byline_of(line: TextLine, *, bare_names: bool) -> str | None:
    """The byline that a line prints, with its label first; None if it prints none."""
    text = line.text
    if LABELLED.match(text) or REPORT.match(text):
        return text
    if (first := _ROLE_FIRST.fullmatch(text)) and _names_come_first(first["names"]):
        return f"{first['role']} {first['names']}"
    if (joined := _ROLE_JOINED.fullmatch(text)) and looks_like_a_name(joined["name"]):
        return f"{joined['role']}: {joined['name']}"
    if (last := _ROLE_LAST.fullmatch(text)) and looks_like_a_name(last["name"]):
        return f"{last['role']}: {last['name']}"
    marked = bool(line.marks & TextMark.BYLINE)
    if bare_names and marked and not line.marks & TextMark.UNRELATED and _is_bare_byline(text):
        if not line.marks & TextMark.EDITOR:
            return text.rstrip(",")
        # a writer before the editor, in an inline element of the same line, has no mark of its own
        return f"Editor: {text}" if len(text.split()) <= _MOST_WORDS_OF_AN_EDITOR else None
    stamped = STAMP.search(text) is not None
    if (marked or stamped) and (within := _WITHIN_A_LINE.search(text)) and people(_without_role(within.group())):
        return within.group().strip()
    return _name_beside_a_stamp(text, marked) if bare_names and stamped else None


def naming_lines(found: tuple[FoundText, ...]) -> tuple[FoundText, ...]:
    """The lines of a layout that name somebody, a medium or a desk; on another template its selector hits a menu."""
    return tuple(each for each in found if _names_anything(each.text))


def _names_anything(text: str) -> bool:
    plain = text.strip(" .:()")
    if LABELLED.match(text) or people(text) or is_outlet(plain) or canonical_agency(plain):
        return True
    if plain.casefold().startswith(WORDS["nobody"]):
        return True
    found = _BYLINE_WITHIN.search(text)
    return found is not None and bool(people(text[found.end() :]))


def _without_role(text: str) -> str:
    return _ROLE.sub("", text, count=1)


def _names_come_first(names: str) -> bool:
    """Whether the words after a role without a colon begin with a name: "Rina Dewi - Koran", not "Choice"."""
    return bool(people(STAMP.split(names)[0])) or is_outlet(names)


def _is_bare_byline(text: str) -> bool:
    """Whether a line without a role is a byline: one word needs to be a name that people are known to have."""
    if not (_NAME.fullmatch(text) or _HOUSE.fullmatch(text)):
        return False
    if any(map(_GLUED.search, people(text))):
        return False
    if " " not in text.strip():
        return text.strip(" .,").casefold() in GIVEN_NAMES
    return bool(people(text)) or " ".join(text.casefold().split()) in WORDS["nobody"]


def _name_beside_a_stamp(text: str, marked: bool) -> str | None:
    """The name that shares the stamp's line: "Rina Dewi | Selasa, 10 Juni 2025".

    Without a mark between them it must begin with a given name: a section may stand there, "Liga Putri 10 Juni 2025".
    """
    for part in _BESIDE_A_STAMP.split(text[:_LONGEST_BYLINE]):
        if " " in part.strip() and not STAMP.search(part) and looks_like_a_name(part):
            known = any(word.casefold() in GIVEN_NAMES for word in part.split())
            if known or marked:
                return part.strip()
    stamp = STAMP.search(text)
    before = text[: stamp.start()].strip() if stamp is not None else ""
    if " " in before and looks_like_a_name(before) and before.split()[0].casefold() in GIVEN_NAMES:
        return before
    return None


def credits_in_boxes(tree: LexborHTMLParser) -> tuple[tuple[FoundText, ...], tuple[FoundText, ...]]:
    """The names with roles in boxes that open on a click: writers, and editors.

    Kompas, Liputan6 and others show only "Tim Redaksi". The box is an element that is not displayed, or an attribute
    with text or markup. A box with much else is no list of credits.
    """
    body = tree.body
    if body is None:
        return (), ()
    found: list[str] = []
    for box in body.css(_BOXES)[:_MOST_BOXES]:
        found += _bylines_in_box(box)
        if found:
            break
    for node in () if found else body.css(_HAS_TEXT_OF_BOX)[:_MOST_BOXES]:
        for text in _texts_in_attributes(node):
            found += _bylines_in_attribute(text)
    return _by_role(found or _beside_icons(body))


def editors_in_boxes(tree: LexborHTMLParser) -> tuple[FoundText, ...]:
    """The editors in a box that opens beside the printed writer; none if the page's boxes name several sets of them."""
    body = tree.body
    if body is None:
        return ()
    sets = {tuple(_by_role(_bylines_in_box(box))[1]) for box in body.css(_OPENED_BESIDE)[:_MOST_BOXES]}
    for node in body.css(_HAS_TEXT_OF_BOX)[:_MOST_BOXES]:
        sets |= {tuple(_by_role(_bylines_in_attribute(text))[1]) for text in _texts_in_attributes(node)}
    sets.discard(())
    return sets.pop() if len(sets) == 1 else ()


def _texts_in_attributes(node: LexborNode) -> list[str]:
    texts = (node.attributes.get(name) or "" for name in _ATTRIBUTES_OF_BOXES)
    return [text for text in texts if 5 < len(text) < 1_000]


def _bylines_in_attribute(text: str) -> list[str]:
    inner = LexborHTMLParser(text).body
    return _bylines_in_box(inner) if inner else []


def _beside_icons(body: LexborNode) -> list[str]:
    """The names beside icons whose title is a role; none if the page has many, as lists of stories do."""
    icons = [(role, node) for node in body.css(_ICONS)[:_MOST_ICONS] if (role := _role_of_icon(node))]
    if len(icons) > _MOST_CREDITS_APART:
        return []
    found: list[str] = []
    for role, node in icons:
        texts = (text_of(each) for each in (node, node.parent) if each is not None)
        name = next(filter(None, texts), "")
        if len(name) <= _LONGEST_NAME and looks_like_a_name(name):
            found.append(f"{role}: {name}")
    return found


def _role_of_icon(node: LexborNode) -> str | None:
    attributes = node.attributes
    role = tidy(attributes.get("title") or attributes.get("aria-label") or attributes.get("alt") or "")
    return role.rstrip(" :") if len(role) <= _LONGEST_NAME and _ROLE.fullmatch(role) else None


def _bylines_in_box(box: LexborNode) -> list[str]:
    lines = _lines_of_box(box)
    if not lines or len(lines) > _MOST_LINES_IN_A_BOX or any(_MASTHEAD.search(line.text) for line in lines):
        return []
    if any(len(line.text) > _LONGEST_BYLINE for line in lines):
        return []
    found = list(_bylines_in(lines, bare_names=False))
    return found if any(map(people, map(_without_role, found))) else []


def _lines_of_box(box: LexborNode) -> list[TextLine]:
    """The lines of a box, or of the hidden element inside it."""
    if not tidy(box.text()[:4_000]):
        return []
    return read_lines(box).lines or [line for child in box.iter() for line in read_lines(child).lines]

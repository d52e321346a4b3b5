"""The pictures and captions of a page without a layout."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import takewhile
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from lexicon.credits import AGENCIES, WORDS, alternation, key
from reading.credits.datelines import read_opening
from reading.credits.names import looks_like_a_name
from reading.credits.photos import read_photo_credit
from reading.extract.body import letters, text_of, tidy
from reading.extract.lines import Picture, TextLine
from reading.extract.outline import STAMP, Outline
from reading.extract.raw import FoundText
from reading.extract.text_marks import TextMark

_LONGEST_CAPTION = 700
_SHORTEST_ALT = 10

_PHOTO_CREDIT = re.compile(
    rf"[(\[]?(?:{alternation('closing_photo', 'source', 'credit')})\b[\s.:/].{{2,80}}|©.{{2,80}}"
    r"|[(\[]?(?:[^.!?/]|\.(?=\w)){2,40}/\s?[^.!?/]{2,40}(?:/[^/]{2,40})?[)\]]?|(?:\w+ )?@\w+|[(\[][^()]{2,60}[)\]]",
    re.I,
)
# a bracket with a slash, unless it is a day: "(Selasa, 18/10)"
_CREDIT_AT_END = re.compile(
    rf"(?:\b{alternation('closing_photo')}\s?[:.]\s?[^.:]{{2,60}}"
    r"|[(\[](?![^()\[\]]{0,60}\d/\d)[^()\[\]]{2,60}/[^()\[\]]{2,60}[)\]]|©[^©]{2,60})\.?$",
    re.I,
)
# Attributes that hold nothing but a caption: KLY's galleries, lightboxes, WordPress's data of images
_CAPTION_ATTRIBUTES = (
    "data-caption",
    "data-description",
    "data-image-caption",
    "data-image-description",
    "data-media-caption",
    "data-sub-html",
    "data-desc",
)
_NO_CAPTION = TextMark.UNRELATED | TextMark.HEADING | TextMark.SUBHEAD | TextMark.BYLINE | TextMark.QUOTE
_CAPTION_LABEL = re.compile(rf"(?:keterangan (?:foto|gambar)|{alternation('photo')}|caption)\s?:\s?\S", re.I)
_LONGEST_STAMP = 60
_MOST_PICTURES = 60
"""Pictures beside the headline that are looked at; real pages have some dozen."""
_MOST_ELEMENTS_AROUND = 5
_FEWEST_WORDS = 4
_FEWEST_WORDS_OF_A_SENTENCE = 6
_LONGEST_ATTRIBUTE = 3_000
_FRAMES = frozenset(("figure", "picture", "figcaption"))
_ICON = re.compile(r"\.svg\b|icon|logo|avatar|spacer|pixel|blank\.|button|1x1", re.I)
_SIZE_IN_NAME = re.compile(r"[-_]?\d{2,4}x\d{2,4}|\.(?:jpe?g|png|webp|gif)$", re.I)


def ends_in_credit(text: str) -> bool:
    """Whether a text ends like a caption, in the credit of its picture."""
    return _CREDIT_AT_END.search(text[-130:]) is not None


def lead_picture(outline: Outline, image: str | None) -> tuple[str | None, FoundText | None]:
    """The address of the story's main picture and its caption, each None if the page shows none.

    `image` is the address in metadata: the picture of the same file is tried first, then the large ones between
    headline and story.
    """
    start = outline.story_start
    first = outline.title if outline.title is not None else max(0, start - 15)
    pictures = outline.visible.pictures
    near = [each for each in pictures if first - 5 <= each.next_line <= start + 2 and _is_large(each)]
    near = [each for each in near[:_MOST_PICTURES] if not _is_of_a_card(outline, each)]
    near.sort(key=lambda each: each.next_line < first)
    titles = {letters(outline.lines[outline.title].text)} if outline.title is not None else set()
    if image:
        near.sort(key=lambda each: not _same_file(each.address, image))
    for picture in near[:8]:
        caption = _caption(outline, picture) or _caption_of_attributes(picture, titles)
        if caption:
            return picture.address, FoundText(caption, "text")
    lines = outline.lines[first:start]
    marked = (line.text for line in lines if line.marks & (TextMark.CAPTION | TextMark.UNRELATED) == TextMark.CAPTION)
    caption = next((text for text in marked if len(text.split()) >= 4), None)
    return next((each.address for each in near), None), FoundText(caption, "text") if caption else None


def gallery(outline: Outline) -> tuple[tuple[str, str], ...]:
    """The pictures of a gallery in order: address and caption of each."""
    first = outline.title or 0
    lines = outline.lines
    found: dict[str, str] = {}
    for picture in outline.visible.pictures:
        if picture.next_line < first or picture.next_line >= len(lines):
            continue
        line = lines[picture.next_line]
        if line.marks & TextMark.CAPTION and len(line.text.split()) >= 4:
            found.setdefault(line.text, picture.address)
    return tuple((address, text) for text, address in found.items())


def _same_file(one: str, other: str) -> bool:
    """Whether two addresses are one picture in two sizes: most of their file names' beginnings agree."""
    names = [_SIZE_IN_NAME.sub("", unquote(each.split("?")[0].rsplit("/", 1)[-1])) for each in (one, other)]
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*names, strict=False)))
    return shared >= max(8, 0.8 * max(map(len, names)))


def _is_large(picture: Picture) -> bool:
    attributes = picture.node.attributes
    sizes = [
        int(size) for name in ("width", "height") if (size := (attributes.get(name) or "").rstrip("px")).isdecimal()
    ]
    return min(sizes, default=1_000) > 90 and not _ICON.search(f"{attributes.get('class') or ''} {picture.address}")


def _caption(outline: Outline, picture: Picture) -> str | None:
    """The caption of a picture: the text of the smallest element around it that has any, else lines marked CAPTION.

    Some pages print the credit in an element of its own, before the caption or over the picture; it is moved to the
    end.
    """
    lines = outline.lines
    node = picture.node.parent
    captions: list[str] = []
    credits: list[str] = []
    for _ in range(8):
        if node is None:
            break
        span = outline.visible.spans.get(node.mem_id)
        if span is not None and span[0] < span[1]:
            start, stop = span
            if outline.title is not None and start <= outline.title < stop:
                break
            if stop > outline.story_start and not _is_frame(node, start, stop, outline):
                break
            captions, credits = _split_credits(_caption_pieces(node, lines[start:stop]))
            if captions:
                break
        node = node.parent
    if not captions:
        below = lines[picture.next_line : picture.next_line + 4]
        marked = [line.text for line in below if line.marks & TextMark.CAPTION and line.text not in credits]
        captions, more_credits = _split_credits(marked or _unmarked_below(picture, lines, outline.story_start))
        credits += more_credits
    if not captions and _is_caption_below(outline, picture.next_line):
        captions = [lines[picture.next_line].text]
    return _caption_with_credit(captions, credits)


def _unmarked_below(picture: Picture, lines: list[TextLine], story_start: int) -> list[str]:
    """The caption that no class calls one: the next line if it ends in a credit, or one that repeats the `alt`.

    With the latter the credit beside it.
    """
    following = lines[picture.next_line].text if picture.next_line < len(lines) else ""
    if len(following) <= _LONGEST_CAPTION and not _is_credit(following) and ends_in_credit(following):
        return [following]
    shown = letters(picture.node.attributes.get("alt") or "")
    found = [line.text for line in lines[picture.next_line : min(story_start, picture.next_line + 3)]]
    if len(shown) < _SHORTEST_ALT or shown not in map(letters, found):
        return []
    return [text for text in found if letters(text) == shown or _is_credit(text)]


def _is_of_a_card(outline: Outline, picture: Picture) -> bool:
    """Whether the smallest element with text around a picture has a heading that links to another story."""
    node = picture.node.parent
    for _ in range(_MOST_ELEMENTS_AROUND):
        if node is None:
            return False
        start, stop = outline.visible.spans.get(node.mem_id, (0, 0))
        if start < stop:
            lines = outline.lines[start : min(stop, start + 5)]
            return stop - start <= 5 and any(line.linked and line.marks & TextMark.SUBHEAD for line in lines)
        node = node.parent
    return False


def _is_frame(node: LexborNode, start: int, stop: int, outline: Outline) -> bool:
    """Whether an element among the story's text holds only a picture and its caption, though no class may say so.

    The caption of "<p><img><br>…</p>" looks like a first paragraph. It is a caption if it ends in a credit, if all of
    it is in italics or small print, or if the story's dateline comes next. A text with a dateline itself is the story.
    """
    lines, block = outline.lines, outline.block
    if any(line.marks & (TextMark.CAPTION | TextMark.ATTACHED) for line in lines[start:stop]):
        return start > outline.story_start or stop <= outline.story_start + 1
    text = lines[start].text
    if stop - start > 1 or len(text) > _LONGEST_CAPTION or (block is not None and node.mem_id == block.node.mem_id):
        return False
    if read_opening(text).dateline is not None:
        return False
    if read_photo_credit(text) is not None or node.tag in _FRAMES:
        return True
    if any(tidy(inner.text()) == text for inner in node.css("em, i, small, cite, font, span")):
        return True
    return stop < len(lines) and read_opening(lines[stop].text).dateline is not None


def _is_caption_below(outline: Outline, at: int) -> bool:
    """Whether the line right below a picture is its caption, though no element or class says so.

    It says so itself ("Keterangan foto: …"), ends in a credit, or stands before the story's dateline.
    """
    lines = outline.lines
    if not at + 2 < min(len(lines), outline.story_end) or lines[at].linked or at == outline.title:
        return False
    text = lines[at].text
    if len(text) > _LONGEST_CAPTION or len(text.split()) < _FEWEST_WORDS or lines[at].marks & _NO_CAPTION:
        return False
    if read_opening(text).dateline is not None or (STAMP.search(text[:_LONGEST_STAMP]) and len(text) <= _LONGEST_STAMP):
        return False
    if _CAPTION_LABEL.match(text) or read_photo_credit(text) is not None:
        return True
    return read_opening(lines[at + 1].text).dateline is not None


def _caption_of_attributes(picture: Picture, titles: Collection[str]) -> str | None:
    """The caption that a picture has only in an attribute: of an element around it, or its own `alt` and `title`.

    `data-caption` and `data-description` are captions. `alt` and `title` mostly repeat the headline or name the file,
    so they count only if they are long and end in a credit.
    """
    node: LexborNode | None = picture.node
    for _ in range(_MOST_ELEMENTS_AROUND):
        if node is None or not node.is_element_node:
            break
        attributes = node.attributes
        for name in _CAPTION_ATTRIBUTES:
            text = _plain(attributes.get(name) or "")
            if len(text.split()) >= _FEWEST_WORDS and letters(text) not in titles:
                return text
        node = node.parent
    for name in ("alt", "title"):
        text = _plain(picture.node.attributes.get(name) or "")
        if _is_sentence(text) and letters(text) not in titles:
            return text
    return None


def _is_sentence(text: str) -> bool:
    return len(text.split()) >= _FEWEST_WORDS_OF_A_SENTENCE and ends_in_credit(text)


def _plain(text: str) -> str:
    """The text of an attribute, which may have markup."""
    if "<" in text[:_LONGEST_CAPTION]:
        body = LexborHTMLParser(text[:_LONGEST_ATTRIBUTE]).body
        text = text_of(body) if body else ""
    return tidy(text) if len(text) <= _LONGEST_CAPTION else ""


def _split_credits(pieces: list[str]) -> tuple[list[str], list[str]]:
    """The pieces that are captions, and those that are credits."""
    captions: list[str] = []
    credits: list[str] = []
    for piece in pieces:
        (credits if _is_credit(piece) else captions).append(piece)
    if len(captions) == 2 and len(captions[1].split()) >= _FEWEST_WORDS and looks_like_a_name(captions[0]):
        credits.append(captions.pop(0))  # printed over the picture, before the caption
    return captions, credits


def _caption_pieces(node: LexborNode, lines: list[TextLine]) -> list[str]:
    texts = [line.text for line in lines if not (line.linked and line.leads_on)]  # a teaser is another story's
    if not texts or len(lines) > 4 or sum(map(len, texts)) > _LONGEST_CAPTION:
        return []
    # a credit in an inline element before its caption makes one line with it
    for inner in node.css("span, small, i, em, cite"):
        credit = tidy(inner.text())
        if credit and _is_credit(credit) and texts[0] != credit and texts[0].startswith(credit):
            texts[:1] = [credit, texts[0].removeprefix(credit).strip()]
    shown = [text for text in texts if text.casefold().strip(" .:+") not in _BUTTONS]
    return [text for text in shown if not STAMP.fullmatch(text)]


_BUTTONS = frozenset(WORDS["boilerplate_whole"]) | {
    "perbesar",
    "zoom",
    "lihat semua",
    "lihat foto",
    "tutup",
    "next",
}


def _is_credit(text: str) -> bool:
    return len(text) <= 90 and (
        _PHOTO_CREDIT.fullmatch(text) is not None
        or text.casefold().startswith(WORDS["screen"])
        or key(text) in AGENCIES
    )


def _caption_with_credit(captions: list[str], credits: list[str]) -> str | None:
    if not captions or " " not in captions[0]:
        return credits[0] if credits and len(credits) == 1 else None
    if not credits or credits[0] in captions[0]:
        return captions[0]
    credit = credits[0] if credits[0].startswith(("(", "[")) else f"({credits[0]})"
    return f"{captions[0]} {credit}"

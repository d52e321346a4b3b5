"""What the names of elements, and the addresses of links, say about their text."""

from __future__ import annotations

import re
from functools import lru_cache

from lexicon.credits import alternation


class TextMark:
    """What the tag, class, id, itemprop or rel of an element or of one around it says about its text: bits of an int.

    Plain numbers, because the arithmetic of IntFlag alone takes a third of the time of a walk.
    """

    BYLINE = 1
    CAPTION = 2
    UNRELATED = 4
    """No part of the story and not about it: comments, links to other stories, advertisements, embedded posts."""
    HEADING = 8
    """In an <h1> or <h2>."""
    TITLE = 16
    ATTACHED = 32
    """About the story but no part of its text: in a figure, a caption or a byline."""
    SUBHEAD = 64
    """In any heading, `h1` to `h6`."""
    QUOTE = 128
    """In a block quotation or a pull quote."""
    FOREIGN = 256
    """UNRELATED beyond doubt: by its element, or by a name that no story has (comments, dialogs, posts)."""
    EDITOR = 65536
    """In an element named after an editor, and not after a writer too."""
    MORE = 2048
    """It ends in a link or button to the rest of the text."""
    BESIDE = 1024
    """In an element named after a byline or a copyright line; of a layout's body these lines are read."""
    OTHERS = 512
    """UNRELATED by a name of lists of other stories ("related", "terkait")."""


TAG_MARKS = {
    **dict.fromkeys(("aside", "footer"), TextMark.UNRELATED | TextMark.FOREIGN),
    "figure": TextMark.ATTACHED,
    "figcaption": TextMark.ATTACHED | TextMark.CAPTION,
    **dict.fromkeys(("h1", "h2"), TextMark.HEADING | TextMark.SUBHEAD),
    **dict.fromkeys(("h3", "h4", "h5", "h6"), TextMark.SUBHEAD),
    **dict.fromkeys(("blockquote", "q"), TextMark.QUOTE),
}
_LONGEST_LINK = 300

_OTHERS = (
    r"related|terkait|baca-?juga|readalso|read-also|popul[ae]r|terpopuler|recommend(?:ed|ation)s?|rekomendasi|"
    r"breadcrumbs?|menu|nav|navbar|search|tags?|topik-?sisip|sisip(?:an)?|textwidget"
)
_FOREIGN = (
    r"comments?|komentar|respond|disqus|modal|pop-?up|dialog|tooltip|toast|offcanvas|cookies?|"
    r"twitter-(?:tweet|video)|instagram-media|tiktok-embed|fb-(?:post|video)|reddit-embed"
)
_BY_NAME = (
    r"footer|(?<!no-)(?<!has-)sidebar|shar(?:e|ing)|social|iklan|ads?|adv|advert\w*|banner|promo|newsletters?|login|"
    r"subscribe|donasi|donation"
)
_UNRELATED = re.compile(rf"(?:^|[\s_-])(?:(?P<others>{_OTHERS})|(?P<foreign>{_FOREIGN})|{_BY_NAME})(?:$|[\s_-])", re.I)
_ATTACHED = re.compile(
    r"(?:^|[\s_-])caption(?:$|[\s_-])|"
    r"(?:photo|foto|gallery|galeri|image|gambar|img|picture)s?(?:[\w-]{0,12}[_-])?"
    r"(?:desc(?:ription)?|caption|info|ket(?:erangan)?|credits?|copyright)(?:$|[\s_-])",
    re.I,
)
_BESIDE = re.compile(r"(?:^|[\s_-])(?:copyright|byline)(?:$|[\s_-])", re.I)
_PULL_QUOTE = re.compile(r"(?:^|[\s_-])(?:pull-?)?(?:quotes?|kutipan)(?:$|[\s_-])|pullquote", re.I)
_BYLINE = re.compile(
    rf"{alternation('byline_classes')}|credits?(?:$|[\s_-])",
    re.I,
)
_EDITOR = re.compile(r"editor(?![\s_-]?(?:s[\s_-])?(?:choice|pick|pilihan))|redaktur|penyunting", re.I)
_WRITER = re.compile(r"author|autor|penulis|reporter|writer|jurnalis|journalist|wartawan|pewarta|byline", re.I)
_PERSONS_PAGE = re.compile(
    r"/(authors?|penulis|reporters?|editors?|jurnalis|kontributor|contributors?|wartawan|byline)/[\w@%.-]"
)
_CAPTION = re.compile(
    r"caption|keterangan|photo-?desc|(?:image|img|foto|photo|pic|gambar)[_-]?(?:info|desc|text|ket|credit|source|sumber)|"
    r"(?:^|[\s_-])(?:ket|cap)[_-]?(?:foto|gambar|photo)?(?:$|[\s_-])|^copyright$",
    re.I,
)
_TITLE = re.compile(
    r"(?:^|[\s_-])(?:judul|headline|(?:news|article|entry|post|detail)[_-]?title|title)(?:$|[\s_-])", re.I
)
# a tag's page, a place on this page, a search: such a link belongs to the words of the story
_NO_STORY = ("#", "javascript:", "mailto:", "tel:")
_LIST_IN_ADDRESS = re.compile(r"/(?:tags?|topik|topics?|label|search|cari|indeks)\b")


# "has-related", "comment-enabled": what the page has, not what the element is
_MODIFIER = re.compile(
    r"(?<!\S)(?:(?:has|with|without|no|is|hide)-[\w-]{1,40}|[\w-]{1,40}-(?:enabled|disabled|inside|open|closed|on|off|free))"
    r"(?!\S)",
    re.I,
)
# the names of a story's element in most content systems; they say more than "promo" beside them
_STORY_NAME = re.compile(
    r"(?<![\w-])(?:(?:entry|post|article|artikel|news|berita|detail|read|story|single)(?:-|__?)"
    r"(?:content|konten|body|text|isi)|articlebody)(?![\w-])",
    re.I,
)


NO_LINK, TO_A_STORY, TO_NO_STORY = range(3)


def _byline_marks(names: str) -> int:
    editor = _EDITOR.search(names) and not _WRITER.search(names)
    return TextMark.BYLINE | TextMark.EDITOR if editor else TextMark.BYLINE


@lru_cache(maxsize=256)  # menus, and pictures beside their headlines, link twice
def link_says(href: str) -> tuple[int, int]:
    """What the address of a link says: the marks of its text, and whether it may lead to another story.

    "/penulis/12/rina-dewi" is a writer's page; "/tag/beras" and "#komentar" lead to no story.
    """
    address = href[:_LONGEST_LINK].lower()
    listed = _LIST_IN_ADDRESS.search(address.partition("#")[0])
    kind = TO_NO_STORY if listed or address.startswith(_NO_STORY) else TO_A_STORY
    found = _PERSONS_PAGE.search(address)
    if found is None:
        return 0, kind
    return TextMark.BYLINE | TextMark.EDITOR if found[1].startswith("editor") else TextMark.BYLINE, kind


@lru_cache(maxsize=4096)
def marks_of_name(names: str) -> int:
    """What a class, id, itemprop, rel or role says about the text of its element."""
    if "-" in names:
        names = _MODIFIER.sub("", names)
    unrelated = None if _STORY_NAME.search(names) else _UNRELATED.search(names)
    return (
        (_byline_marks(names) if _BYLINE.search(names) else 0)
        | (TextMark.CAPTION if _CAPTION.search(names) else 0)
        | (TextMark.UNRELATED if unrelated else 0)
        | (TextMark.FOREIGN if unrelated and any(each["foreign"] for each in _UNRELATED.finditer(names)) else 0)
        | (TextMark.OTHERS if unrelated and any(each["others"] for each in _UNRELATED.finditer(names)) else 0)
        | (TextMark.ATTACHED if _ATTACHED.search(names) else 0)
        | (TextMark.BESIDE if _BESIDE.search(names) else 0)
        | (TextMark.TITLE if _TITLE.search(names) else 0)
        | (TextMark.QUOTE if _PULL_QUOTE.search(names) else 0)
    )

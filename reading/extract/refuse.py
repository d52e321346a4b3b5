"""Rejects pages that are no article, or too costly to read. Each check raises Rejected or returns nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

from archive.records import Rejected

LARGEST_PAGE = 5 * 1024 * 1024
"""Bytes (5 MiB). The largest real article pages are about 1 MB (ANTARA's 404 pages 0.8 MB). A larger one is a video, a
database dump or an attack, and would keep a crawl's child process busy for seconds."""

LONGEST_STORY = 500_000
"""Characters, about a novel. The longest real stories, live reports of a day, have a fifth of it."""
_MOST_PARAGRAPHS = 3_000

MOST_NESTING_WORK = 250_000_000
"""Elements times their depth. An HTML5 parser searches all open elements at many tags, so this product is its cost:
real pages stay below 10 million, 100,000 nested elements take 14 seconds, and this limit takes less than one."""

MOST_REOPENED = 1_000_000
"""Formatting elements that never end, times tags. An HTML5 parser opens each of them anew in every block that follows:
1,700 unclosed `font` in paragraphs of their own (40 kB) make a tree of a million elements, 10,000 one of gigabytes, and
this limit one of some 200,000. Of equal elements it opens three."""
_FORMATTING = "b big code em font i s small strike strong tt u".split()
_ITS_TAG = re.compile(rf"<({'|'.join(_FORMATTING)})\b([^>]{{0,200}})", re.I)
_OPENED_AT_ONCE = 3
_FEW_UNCLOSED = 500
"""Tags without an end tag; the images, line breaks and meta elements of real pages are about as many."""

MOST_OPTIONS = 5_000
"""Options of a page's selection lists. The parser looks at all earlier ones at each (40,000 take 5 seconds), and no
reader at any, so the tags of more are left out before parsing."""
_OPTION = re.compile(r"</?opt(?:ion|group)\b[^>]*+>?", re.I)

MOST_COMPARED = 100_000_000
"""Pairs of siblings. A selector with `:nth-child` or `~` compares each element with all others of its parent; real
pages have up to a million pairs, and this limit takes a quarter of a second."""
_COUNTS_SIBLINGS = re.compile(r":(?:nth|first-of|last-of|only-of|has)|~(?!=)")

_FEW_TAGS = 5_000
"""A page with no more "<" cannot cost a parser more than half a second."""

_SHORT_PAGE = 100_000
"""Characters: a page this short costs a parser at most two seconds, whatever its attributes are."""
# an HTML parser compares each attribute with all before it; real elements have some dozen, and 200 are still cheap
_CROWDED_TAG = re.compile(
    r"<[a-zA-Z][^\s/>]*+(?:[\s/]*+[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+))?+){200}"
)

_MAGIC = (
    b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"\x7fELF", b"RIFF", b"OggS", b"ID3",
    b"BZh", b"7z\xbc\xaf", b"Rar!", b"\x00\x00\x00\x18ftyp", b"\x00\x00\x00\x20ftyp", b"wOF", b"MZ",
)  # fmt: skip
_CONTROLS = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r\x1b"))
_TAG = re.compile(rb"<(?:[a-zA-Z!?]|/[a-zA-Z])")
_FEED = re.compile(
    rb"^\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^>]{0,500}-->\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b"
)
_NAMED_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NOT_NESTING = frozenset(
    "area base br col embed hr img input link meta param source track wbr p li td tr th dt dd option".split()
)

# Printed on the pages of firewalls and overloaded servers; by itself none is a headline
_BLOCKED = re.compile(
    r"just a moment|attention required|access (?:is |has been |to this page )?denied|"
    r"akses (?:anda )?(?:di ?tolak|diblokir)|"
    r"captcha|are you (?:a )?(?:human|robot)|(?:bukan|seorang) robot|verify(?:ing)? (?:that )?you are|"
    r"checking (?:if the site|your browser)|"
    r"memeriksa (?:peramban|browser)|verifikasi bahwa anda|unusual traffic|lalu lintas (?:yang )?tidak (?:biasa|wajar)|"
    r"pardon our interruption|request (?:unsuccessful|blocked)|permintaan (?:anda )?(?:diblokir|ditolak)|"
    r"\b403\b|forbidden|too many requests|\b429\b|bad gateway|\b50[0234]\b|service (?:temporarily )?unavailable|"
    r"internal server error|gateway time-?out|layanan tidak tersedia|sedang (?:dalam )?(?:pemeliharaan|perbaikan)|"
    r"error establishing a database connection|ray id|cloudflare|incapsula|ddos",
    re.I,
)
_NOT_FOUND = re.compile(
    r"\b404\b|not found|page (?:doesn't|does not) exist|"
    r"(?:halaman|berita|artikel)[^.]{0,40}tidak (?:di ?temukan|ada|tersedia)",
    re.I,
)
_LONGEST_ERROR = 300
"""Characters of a title; an error's or a barrier's has a few words."""
_BLOCK_PAGE_LENGTH = 3_000
"""Visible characters. A block page has a few sentences, so a longer page is not one."""


def unreadable(content: bytes, content_type: str | None) -> None:
    """Raises Rejected("empty" | "too-large" | "not-html") for content that is not an HTML page."""
    if len(content) > LARGEST_PAGE:
        raise Rejected("too-large", f"{len(content):,} bytes; the limit is {LARGEST_PAGE:,}")
    if not content.strip(b"\x00 \t\r\n\f\v\xef\xbb\xbf"):
        raise Rejected("empty", "the page has no content")
    kind = (content_type or "").split(";")[0].strip().lower()
    if kind and not (kind.startswith("text/") or "html" in kind or "xml" in kind or kind == "application/octet-stream"):
        raise Rejected("not-html", f"its Content-Type is {kind}")
    beginning = content[:8192]
    if content.startswith(_MAGIC):
        raise Rejected("not-html", "it starts like a binary file")
    controls = len(beginning) - len(beginning.translate(None, _CONTROLS))
    if controls > len(beginning) // 50:
        raise Rejected("not-html", "it is full of control characters")
    if not _TAG.search(content.replace(b"\x00", b"") if b"\x00" in beginning else content):
        raise Rejected("not-html", "it has no HTML tag")
    if _FEED.match(beginning):
        raise Rejected("not-html", "it is a feed or a sitemap")


def parseable(text: str) -> str:
    """The text, if an HTML parser reads it in a sensible time; without the tags of more than MOST_OPTIONS options.

    Raises Rejected("too-deep").
    """
    _too_crowded(text)
    tags = text.count("<")
    if tags <= _FEW_TAGS and tags - 2 * text.count("</") <= _FEW_UNCLOSED:
        return text
    if text.count("<opt") + text.count("<OPT") > MOST_OPTIONS:
        text = _OPTION.sub(" ", text)
    _too_deep(text)
    return text


def too_wide(tree: LexborHTMLParser, selectors: Iterable[str]) -> None:
    """Raises Rejected("too-complex") for a page on which one of these selectors takes seconds: see MOST_COMPARED."""
    counting = next((each for each in selectors if _counts_siblings(each)), None)
    if counting is None or (tree.raw_html or b"").count(b"<") <= int(MOST_COMPARED**0.5):
        return
    if (pairs := _pairs_of_siblings(tree)) > MOST_COMPARED:
        raise Rejected("too-complex", f"{pairs:,} pairs of siblings are too many for the selector {counting!r}")


@lru_cache(maxsize=4096)  # the selectors of all sources
def _counts_siblings(selector: str) -> bool:
    return _COUNTS_SIBLINGS.search(selector) is not None


def _pairs_of_siblings(tree: LexborHTMLParser) -> int:
    """The number of pairs of nodes with one parent, up to the first parent that has too many."""
    pairs = 0
    pending = [tree.root]
    while pending and pairs <= MOST_COMPARED:
        node = pending.pop()
        child = node.first_child if node else None
        count = 0
        while child is not None:
            count += 1
            if child.first_child is not None:
                pending.append(child)
            child = child.next
        pairs += count * count
    return pairs


def _too_crowded(text: str) -> None:
    """Raises Rejected("too-deep") for a page with an element of hundreds of attributes."""
    if len(text) > _SHORT_PAGE and (found := _CROWDED_TAG.search(text)):
        raise Rejected("too-deep", f"an element has hundreds of attributes: {found[0][:40]!r}")


def too_long(story: Sequence[str]) -> None:
    """Raises Rejected("too-large") for a text longer than any story; normalising it would take seconds."""
    length = sum(map(len, story))
    if length > LONGEST_STORY or len(story) > _MOST_PARAGRAPHS:
        raise Rejected("too-large", f"{len(story):,} paragraphs of {length:,} characters are too much for a story")


def _too_deep(text: str) -> None:
    """Raises Rejected("too-deep") for a page whose nesting costs a parser more than MOST_NESTING_WORK or MOST_REOPENED.

    The estimated depth is the sum of each tag name's greatest number of open elements, so the true depth is never
    larger. Elements that the next one of their kind closes do not count.
    """
    tags = 0
    open_now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for closing, tag in _NAMED_TAG.findall(text):
        tags += 1
        name = tag.lower()
        if name in _NOT_NESTING:
            continue
        if closing:
            open_now[name] -= open_now[name] > 0
        else:
            open_now[name] += 1
            most[name] = max(most[name], open_now[name])
    depth = most.total()
    if tags * depth > MOST_NESTING_WORK:
        raise Rejected("too-deep", f"{tags:,} tags nested up to {depth:,} deep")
    if tags * sum(open_now[name] for name in _FORMATTING) > MOST_REOPENED:
        _refuse_reopened(text, tags, open_now)


def _refuse_reopened(text: str, tags: int, open_at_end: Mapping[str, int]) -> None:
    kinds = Counter(name.lower() for name, _ in {(found[1], found[2]) for found in _ITS_TAG.finditer(text)})
    reopened = sum(min(open_at_end[name], _OPENED_AT_ONCE * kinds[name]) for name in _FORMATTING)
    if tags * reopened > MOST_REOPENED:
        raise Rejected("too-deep", f"{reopened:,} elements of formatting that never end, among {tags:,} tags")


_TEASER_WORDS = 150
"""Words: a page with a pay barrier shows two or three paragraphs."""
_PAY_BARRIER = re.compile(
    r"langganan\b[^.!?]{0,40}\buntuk (?:terus |dapat |bisa )?(?:membaca|melanjutkan|mengakses|menikmati|membuka)|"
    r"untuk (?:membaca|melanjutkan|mengakses|membuka)[^.!?]{0,80}\b(?:ber)?langganan|"
    r"(?:artikel|berita|konten|tulisan) (?:ini )?(?:khusus|hanya|eksklusif)[^.!?]{0,30}"
    r"(?:pelanggan|berlangganan|premium|member)|"
    r"(?:sudah|telah) (?:ber|punya )langganan\s?\?|"
    r"subscribe (?:now )?to (?:continue|keep|read|unlock)|(?:for|to) subscribers only|already a subscriber\s?\?|"
    r"(?:buka|baca) (?:akses |artikel )?(?:penuh|lengkap)(?:nya)? dengan (?:ber)?langganan",
    re.I,
)
_MAY_BE_BARRED = re.compile(
    r"langgan|subscrib\w{0,5}[\s?]|(?:khusus|hanya|eksklusif)[^.!?]{0,300}(?:premium|member)"
    r"|[\u00ad\u200b\u200c\u200d\u2060\ufeff]"  # invisible: they may be amid these words
)
"""What the whole text of a page (in lower case) has wherever a line matches `_PAY_BARRIER`."""
_BARRIER_WORDS = ("langgan", "subscri", "premium", "member")
"""Every match of `_PAY_BARRIER` has one of these."""
_PAY_WORDS = (
    "langgan",
    "subscri",
    "premium",
    "member",
    "anggota",
    "masuk",
    "login",
    "log in",
    "daftar",
    "registrasi",
    "akses",
)
"""Every match of `_PAY_BARRIER` and `_OFFER` has one of these."""
_JOIN = (
    r"(?:ber)?(?:langganan|gabung(?:lah)?|daftar|registrasi)|mendaftar|masuk|log ?in|sign (?:in|up)|subscribe|upgrade"
)
_USE = r"(?:mem)?baca|(?:meng)?akses|menikmati|nikmati|melanjutkan|lanjutkan|membuka|buka|read|access|unlock|continue"
_OURS = r"artikel|berita|konten|tulisan|laporan|liputan|edisi|jurnalisme|article|stor(?:y|ies)|content"
# A pay barrier in other words; by itself also the offer of a newsletter, so it counts only where the story is cut short
_OFFER = re.compile(
    rf"(?:^(?:{_OURS})|\b(?:{_OURS}) ini)\b(?: (?:merupakan|adalah|termasuk|is))?(?: (?:konten|artikel|berita|for|a))?"
    r" (?:khusus|hanya|eksklusif|premium|berbayar|terkunci|subscribers|members|exclusive)\b|"
    rf"\b(?:{_JOIN})\b[^.!?]{{0,100}}\b(?:{_USE})\b[^.!?]{{0,80}}\b(?:{_OURS}|selengkapnya|premium|tanpa batas)\b|"
    rf"\b(?:{_USE})\b[^.!?]{{0,60}}\b(?:{_OURS}|selengkapnya|premium|tanpa batas)\b[^.!?]{{0,80}}\b(?:{_JOIN})\b|"
    rf"\b(?:{_USE})\b[^.!?]{{0,80}}\brp\.? ?[\d.,]+[^.!?]{{0,20}}(?:/|per) ?(?:bulan|tahun|minggu|hari)\b|"
    rf"(?:sisa|kuota|batas)\b[^.!?]{{0,30}}\b(?:{_OURS})\b[^.!?]{{0,20}}\bgratis\b|\bcoba gratis\b",
    re.I,
)
_OFFER_WORDS = ("baca", "akses", "nikmati", "lanjutkan", "buka", "read", "access", "unlock", "continue", "gratis")
_KINDS = ("khusus", "hanya", "eksklusif", "premium", "berbayar", "terkunci", "subscribers", "members", "exclusive")
"""Every match of `_OFFER` has a word of the first or of the second table."""
_NO_BARRIER = re.compile(r"komentar|newsletter|buletin|comment", re.I)
_CUT_SHORT = 60
"""Words: a story with fewer before an offer has been cut."""
_LONGEST_OFFER = 400
_LAST_PARAGRAPHS = 4
_BARRIER_DISTANCE = 700
"""Characters below the story: an invitation to subscribe further down, or in the page's head, is no barrier."""


def teaser_only(
    story: Sequence[str], free: object, word_count: object, whole: Callable[[], str], visible: Callable[[], str]
) -> None:
    """Raises Rejected("paywall") if the page prints only the beginning of a story before a pay barrier.

    `free` and `word_count` are JSON-LD's `isAccessibleForFree` and `wordCount`. `whole` returns all text of the page,
    scripts too, `visible` what a reader sees; they are called only for a short story. A page that calls itself paid and
    prints the whole story is an article, and so is a story about a subscription.
    """
    text_of_story = [paragraph for paragraph in story if not is_offer(paragraph)]
    words = sum(len(paragraph.split()) for paragraph in text_of_story)
    if len(text_of_story) < len(story) and words < _TEASER_WORDS:
        raise Rejected("paywall", f"the story has {words} words, and an offer instead of the rest")
    paid = str(free).lower() in ("false", "0", "no")
    count = str(word_count)
    all_words = int(count) if count.isdecimal() and len(count) < 7 else 0
    if paid and all_words > 2 * words and words:
        raise Rejected("paywall", f"only {words} of {all_words} words are on the page")
    if not words or words >= _TEASER_WORDS:
        return
    if paid:
        raise Rejected("paywall", f"the page calls itself paid, and shows {words} words")
    cut = words < _CUT_SHORT or story[-1].endswith(("…", "...", "[…]", "[...]"))
    if not cut and _MAY_BE_BARRED.search(whole().lower()) is None:
        return
    text = visible()
    start, end = text.find(story[0][:40]), text.rfind(story[-1][-40:])
    shown = text[max(0, start) : end + _BARRIER_DISTANCE if end >= 0 else len(text)]
    found = _PAY_BARRIER.search(shown)
    if found is None and cut:
        found = next((each for line in shown.split("\n") if (each := _offer_in(line))), None)
    if found:
        raise Rejected("paywall", f"the story has {words} words, followed by {found[0]!r}")


@lru_cache(maxsize=256)  # a page's paragraphs, each asked about three times
def is_offer(paragraph: str) -> bool:
    """Whether a paragraph sells the story instead of telling it."""
    if len(paragraph) > _LONGEST_OFFER:
        return False
    lower = paragraph.lower()
    if not _has_any(_PAY_WORDS, lower):
        return False
    barred = _has_any(_BARRIER_WORDS, lower) and _PAY_BARRIER.search(paragraph) is not None
    return barred or _offer_in(paragraph) is not None


def without_offers(story: tuple[str, ...]) -> tuple[str, ...]:
    """The story without the offers in its last paragraphs."""
    tail = tuple(paragraph for paragraph in story[-_LAST_PARAGRAPHS:] if not is_offer(paragraph))
    return (*story[:-_LAST_PARAGRAPHS], *tail)


def _offer_in(line: str) -> re.Match[str] | None:
    lower = line.lower()
    if not _has_any(_PAY_WORDS, lower) or not (_has_any(_OFFER_WORDS, lower) or _has_any(_KINDS, lower)):
        return None
    return None if _NO_BARRIER.search(line) else _OFFER.search(line)


def _has_any(words: tuple[str, ...], lower: str) -> bool:
    """Whether a text in lower case has one of these: a cheap first look, far faster than a pattern without case."""
    for word in words:  # noqa: SIM110 - `any` over a generator takes three times as long
        if word in lower:
            return True
    return False


def is_error_title(title: str) -> bool:
    """Whether a page's title is that of a barrier or an error, and not a headline about one."""
    if len(title) > _LONGEST_ERROR or len(title.split()) > 8:
        return False
    return _NOT_FOUND.search(title) is not None or _BLOCKED.search(title) is not None


def no_article(title: str, visible: str) -> Rejected:
    """The rejection of a page without an article: "blocked", "not-found" or "no-article".

    `visible` is the text that a reader sees. Called only if no article was found, so a story about captchas is safe.
    """
    shown = f"{title}\n{visible}"
    if len(visible) <= _BLOCK_PAGE_LENGTH:
        if _NOT_FOUND.search(shown):
            return Rejected("not-found", f"the page says that it does not exist: {title or visible[:80]!r}")
        if found := _BLOCKED.search(shown):
            return Rejected("blocked", f"the page is a barrier or a server error: it says {found[0]!r}")
    return Rejected("no-article", "no story was found on the page")

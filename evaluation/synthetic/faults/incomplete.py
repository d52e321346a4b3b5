"""Pages that have a part of a story: a flag must say so. And data that agree with the text: then no flag."""

from __future__ import annotations

from html import escape

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.metadata import own_data
from evaluation.synthetic.page import Page
from evaluation.synthetic.story import Block

WHOLE = ("flag", "body")


def _cut(page: Page) -> list[str]:
    """Cuts the story on the page to its first half. Returns the paragraphs of the whole."""
    whole = page.story.paragraphs
    story = [at for at, block in enumerate(page.story.blocks) if block.kind != "noise"]
    last = story[max(1, len(story) // 2) - 1]
    if page.story.blocks[last].kind != "p":
        last = next((at for at in range(last, -1, -1) if page.story.blocks[at].kind == "p"), last)
    page.story.blocks = page.story.blocks[: last + 1]
    page.arrange_plainly()
    page.expect(must_flag=True)
    return whole


@fault("incomplete", *WHOLE)
def first_page_of_several(page: Page) -> None:
    """Links to the next pages follow the text."""
    _cut(page)
    number, url = page.rng.randint(2, 5), escape(page.url)
    links = " ".join(f'<a href="{url}?page={at}">{at}</a>' for at in range(2, number + 1))
    forms = (
        f'<div class="paging"><strong>1</strong> {links} <a href="{url}?page=2">Selanjutnya</a></div>',
        f'<div class="detail__multiple">Halaman <span>1</span> {links}</div>',
        f'<p>Halaman 1 dari {number} <a href="{url}?page=2" rel="next">Selanjutnya &raquo;</a></p>',
        f'<div class="pagination"><span>Page 1 of {number}</span> {links} <a href="{url}/2">Next</a></div>',
        f'<p>Halaman: 1 {links} <a href="{url}?page=all">Show All</a></p>',
        f'<div class="page-links">Laman: <span>1</span> {links}</div>',
    )
    page.story.blocks.append(Block("noise", html=page.rng.choice(forms)))


@fault("incomplete", *WHOLE)
def cut_off_with_read_more(page: Page) -> None:
    """The last paragraph breaks off, and a link leads to the rest."""
    _cut(page)
    last = next(block for block in reversed(page.story.blocks) if block.kind == "p")
    words = last.text.split()
    cut = " ".join(words[: max(6, len(words) * 2 // 3)]).rstrip('.,”"')
    mark, url = page.rng.choice(("...", "…", " [...]", " [&hellip;]")), escape(page.url)
    link = page.rng.choice(
        (
            f'<a href="{url}">Baca selengkapnya</a>',
            f'<a class="more-link" href="{url}#more">Selengkapnya &rarr;</a>',
            f'<a href="{url}">Read more</a>',
            f'<a href="{url}">[Lanjutkan membaca]</a>',
        )
    )
    others = [text for block in page.story.blocks if block is not last for text in block.texts()]
    last.text, last.html = cut, f"{escape(cut, quote=False)}{mark} {link}"
    shown = mark.replace("&hellip;", "…")
    page.expect(body_also=[[*others, cut + end] for end in (shown, "...", "…")])


@fault("incomplete", *WHOLE, since=2010)
def rest_behind_a_button(page: Page) -> None:
    """The rest is fetched when a reader asks for it."""
    _cut(page)
    url = escape(page.url)
    page.story.blocks.append(
        Block(
            "noise",
            html=page.rng.choice(
                (
                    f'<button class="load-rest" data-url="{url}?ajax=1">Lanjutkan Membaca</button>',
                    f'<div class="readmore"><a href="javascript:void(0)" data-src="{url}">Baca Selengkapnya</a></div>',
                    f'<p><a href="{url}?page=2">Lanjut ke halaman berikutnya</a></p>',
                    f'<div class="next-page"><a href="{url}/2">Halaman Selanjutnya</a></div>',
                )
            ),
        )
    )


@fault("incomplete", *WHOLE, since=2015)
def data_hold_a_longer_text(page: Page) -> None:
    """JSON-LD's articleBody has paragraphs that the page does not print: the part with a flag, or the whole, is right."""
    whole = _cut(page)
    own_data(page)["articleBody"] = page.rng.choice(("\n\n", " ", "\n")).join(whole)
    page.relies_on_data = True
    page.expect(body_also=[whole])


@fault("incomplete", *WHOLE, since=2015)
def data_count_more_words(page: Page) -> None:
    """JSON-LD's wordCount is that of the whole story."""
    whole = _cut(page)
    count = sum(len(text.split()) for text in whole)
    own_data(page)["wordCount"] = page.rng.choice((count, str(count)))
    page.relies_on_data = True


@fault("incomplete", *WHOLE, since=2015)
def data_agree_with_the_text(page: Page) -> None:
    """articleBody and wordCount are those of the text as printed, give or take a dateline: nothing is doubtful."""
    texts = page.story.paragraphs
    record = own_data(page)
    opening = page.dateline.text if page.dateline else ""
    joined = page.rng.choice(("\n\n", " ", "\n")).join(texts)
    record["articleBody"] = page.rng.choice((joined, opening + joined, escape(joined)))
    record["wordCount"] = len(joined.split()) + page.rng.choice((0, 0, 3, -2))


@fault("incomplete", *WHOLE, since=2015)
def data_hold_a_teaser(page: Page) -> None:
    """articleBody is the first paragraph, cut: the page has more, and nothing is doubtful."""
    first = page.story.paragraphs[0]
    own_data(page)["articleBody"] = page.rng.choice((first, f"{first[:120]}...", f"{first[:90]}…"))

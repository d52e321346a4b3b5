"""Faults of datelines: where they stand, how they end, and what only looks like one."""

from __future__ import annotations

from html import escape

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.page import Page
from evaluation.synthetic.story import Block

LINE = ("dateline", "agency", "body")


def _some_dateline(page: Page) -> str:
    """A dateline with its dash, in HTML; one is chosen where the page has none."""
    if page.dateline is None:
        page.set_dateline(page.rng.choice(("capitals-and-site", "place", "site-and-place")))
    assert page.dateline is not None
    return escape(page.dateline.text, quote=False)


@fault("dateline", *LINE)
def dateline_in_bold(page: Page) -> None:
    """Marked up, with its dash inside or outside."""
    text = _some_dateline(page)
    place, dash = text.rstrip(" -–—"), text[len(text.rstrip(" -–—")) :]
    form = page.rng.choice(
        ("<strong>{}</strong>{}", "<b>{}{}</b>", '<span class="lokasi">{}</span>{}', "<strong><em>{}</em></strong>{}")
    )
    page.dateline_html = form.format(place, dash)


@fault("dateline", *LINE)
def dateline_with_a_link(page: Page) -> None:
    """Place or outlet lead to a list of stories."""
    text = _some_dateline(page)
    word = page.story.outlet.site if page.story.outlet.site in text else text.rstrip(" -–—.:")
    page.dateline_html = text.replace(word, f'<a href="/indeks">{word}</a>', 1)


@fault("dateline", *LINE)
def dateline_in_a_paragraph_of_its_own(page: Page) -> None:
    """The dateline stands above the first sentence."""
    text = _some_dateline(page)
    page.dateline_apart = True
    if page.rng.random() < 0.5:
        page.dateline_html = f"<b>{text.rstrip()}</b>"


@fault("dateline", *LINE)
def dateline_before_the_first_paragraph(page: Page) -> None:
    """The dateline is bare text before the first <p>."""
    text = _some_dateline(page)
    page.dateline_html = ""
    page.story.blocks.insert(
        0, Block("noise", html=page.rng.choice((f"<strong>{text}</strong>", text, f"<span>{text}</span>")))
    )


@fault("dateline", *LINE)
def dateline_ends_in_a_colon(page: Page) -> None:
    """ "KENDARI, Koran.com: …"."""
    page.set_dateline("colon")


@fault("dateline", *LINE)
def outlet_without_a_dot(page: Page) -> None:
    """The outlet is named without its domain's ending."""
    page.set_dateline("outlet-no-dot")


@fault("dateline", *LINE)
def dateline_of_an_agency(page: Page) -> None:
    """The dateline names the agency, with area, date or partner."""
    page.set_dateline(page.rng.choice(("antara", "antara-news", "antara-area", "antara-date", "antara-reuters")))


@fault("dateline", *LINE)
def dateline_with_other_marks(page: Page) -> None:
    """Brackets, a full stop, dashes of all lengths, a missing space."""
    page.set_dateline(
        page.rng.choice(
            (
                "bracket",
                "square",
                "site-then-place",
                "place-then-site-dot",
                "place-em-dash",
                "no-space",
                "site-capitals-and-place",
            )
        )
    )


@fault("dateline", *LINE)
def first_sentence_like_a_dateline(page: Page) -> None:
    """A dash after capitalised words that are no place of writing."""
    page.set_dateline("none")
    block, place = page.story.blocks[0], page.story.place.name
    opening = page.rng.choice(
        (
            f"Ruas {place}-Tanjungrejo ditutup dua hari.",
            "TNI AL - Polri bersama warga membersihkan pantai.",
            f"Kereta {place} - Wonosari kembali berangkat pagi ini.",
            "Hasil akhir 3 - 1 membuat penonton bersorak.",
        )
    )
    block.text = f"{opening} {block.text}"
    block.html = None


@fault("dateline", *LINE)
def wire_named_at_the_end(page: Page) -> None:
    """ "Sumber: Antara" after the last paragraph: the story is the agency's."""
    page.set_dateline(page.rng.choice(("none", "place", "site")))
    line = page.rng.choice(("Sumber: Antara", "<em>Sumber: ANTARA</em>", "Sumber : Antara", "<b>Sumber:</b> Antara"))
    page.story.blocks.append(Block("noise", html=f"<p>{line}</p>"))
    page.expect(agency="ANTARA")

"""Faults of the main picture: forms of credits, and where caption and credit stand."""

from __future__ import annotations

from html import escape

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.page import Page
from evaluation.synthetic.story import Block, LeadPicture

PICTURE = ("caption", "photo_credit", "authors", "body")


def _picture(page: Page) -> LeadPicture:
    if page.picture is None:
        page.set_credit(page.rng.choice(page.family.credits))
    assert page.picture is not None
    return page.picture


def _credited(page: Page, *forms: str) -> None:
    page.set_credit(page.rng.choice(forms))


@fault("picture", *PICTURE)
def credit_of_a_wire(page: Page) -> None:
    """An agency and its photographer."""
    _credited(
        page,
        "wire",
        "wire-open",
        "foto-wire",
        "foto-wire-alone",
        "ap-photo",
        "slash-first",
        "antara-foto",
        "antara-plain",
    )


@fault("picture", *PICTURE)
def credit_with_a_copyright_sign(page: Page) -> None:
    """ "© AFP" and its kin."""
    _credited(page, "copyright", "copyright-year", "copyright-c")


@fault("picture", *PICTURE)
def credit_of_a_giver(page: Page) -> None:
    """Who handed the picture out, alone or through an agency."""
    _credited(page, "dok", "foto-dok", "foto-dok-open", "antara-handout", "navy-via")


@fault("picture", *PICTURE)
def credit_of_nobody(page: Page) -> None:
    """Copied pictures and social accounts: the words are kept, no field is filled."""
    _credited(page, "ist", "istimewa", "social", "screenshot")


@fault("picture", *PICTURE)
def credit_of_the_outlet(page: Page) -> None:
    """The outlet's own photographer."""
    _credited(page, "site-slash-name", "foto-name-site", "foto-name-slash-site-open", "capitals", "square")


@fault("picture", *PICTURE)
def credit_of_a_name_alone(page: Page) -> None:
    """ "Foto: Name", with or without brackets."""
    _credited(page, "foto-name", "foto-name-open", "fotografer")


@fault("picture", *PICTURE)
def credit_of_an_illustration(page: Page) -> None:
    """An illustrator, an illustration of the outlet, a picture that passed through two agencies."""
    _credited(page, "illustration-by", "illustration-of-site", "two-agencies")


@fault("picture", *PICTURE)
def caption_without_a_full_stop(page: Page) -> None:
    """Nothing stands between caption and credit."""
    picture = _picture(page)
    picture.caption = picture.caption.rstrip(".")
    page.expect(caption=picture.caption)


@fault("picture", *PICTURE)
def credit_before_the_caption(page: Page) -> None:
    """The credit is printed first, in an element of its own."""
    picture = _picture(page)
    if picture.credit is None:
        return
    credit, caption = escape(picture.credit.text, quote=False), escape(picture.caption, quote=False)
    form = page.rng.choice(
        (
            '<figure><img src="{src}"><span class="credit">{credit}</span><figcaption>{caption}</figcaption></figure>',
            '<div class="img"><div class="copyright">{credit}</div><img src="{src}"><p class="caption">{caption}</p></div>',
            '<div class="foto-utama"><img src="{src}"><div class="ket"><i>{credit}</i><br>{caption}</div></div>',
        )
    )
    page.picture_html = form.format(src=picture.src, credit=credit, caption=caption)


@fault("picture", *PICTURE)
def caption_in_an_attribute_only(page: Page) -> None:
    """The caption is in alt, title or a data attribute: to give it, or nothing, are both right."""
    picture = _picture(page)
    caption = escape(picture.caption)
    form = page.rng.choice(
        (
            '<img src="{src}" alt="{c}" width="600">',
            '<img src="{src}" title="{c}" width="600">',
            '<img src="{src}" data-description="{c}" alt="">',
        )
    )
    page.picture_html = form.format(src=picture.src, c=caption)
    page.expect(caption=[picture.caption, None], photo_credit=None)


@fault("picture", *PICTURE)
def no_picture_but_others_around(page: Page) -> None:
    """The story has no picture; the column beside it has large ones with captions."""
    page.picture = None
    page.picture_html = ""
    page.metas = [each for each in page.metas if each[0] != "og:image"]
    if page.ld:
        page.ld.pop("image", None)
    page.expect(caption=None, photo_credit=None)
    for _ in range(3):
        title, url, _, writer = page.other_story()
        caption = escape(writer.caption(), quote=False)
        page.side.append(
            f'<div class="item"><a href="{url}"><img src="{page.address_of_picture()}" width="600" height="400"></a>'
            f'<h4><a href="{url}">{title}</a></h4><p class="caption">{caption} (Foto: Antara)</p></div>'
        )


@fault("picture", *PICTURE)
def picture_inside_the_column(page: Page) -> None:
    """Picture and caption are the first paragraphs of the column."""
    picture = _picture(page)
    credit = f" {escape(picture.credit.text, quote=False)}" if picture.credit else ""
    caption = escape(picture.caption, quote=False) + credit
    form = page.rng.choice(
        (
            '<div class="wp-caption aligncenter" style="width: 610px"><img src="{src}" width="600"><p class="wp-caption-text">{c}</p></div>',
            '<figure class="wp-block-image"><img src="{src}"><figcaption>{c}</figcaption></figure>',
            '<p style="text-align:center"><img src="{src}" width="600"><br><em>{c}</em></p>',
            '<table class="tr-caption-container"><tr><td><img src="{src}"></td></tr><tr><td class="tr-caption">{c}</td></tr></table>',
        )
    )
    page.picture_html = ""
    page.story.blocks.insert(0, Block("noise", html=form.format(src=picture.src, c=caption)))


@fault("picture", *PICTURE)
def notice_behind_the_credit(page: Page) -> None:
    """Agencies add notices for editors behind the credit."""
    picture = _picture(page)
    page.set_credit(page.rng.choice(("wire", "foto-wire", "antara-foto")))
    credit = escape(picture.credit.text, quote=False) if picture.credit else ""
    notice = page.rng.choice(
        (
            "ATTENTION EDITORS - THIS IMAGE WAS PROVIDED BY A THIRD PARTY",
            "NO RESALES. NO ARCHIVES.",
            "*** Local Caption ***",
            "Dilarang memperbanyak foto ini.",
        )
    )
    caption = escape(picture.caption, quote=False)
    page.picture_html = (
        f'<figure><img src="{picture.src}"><figcaption>{caption} {credit} {notice}</figcaption></figure>'
    )


@fault("picture", *PICTURE)
def picture_loaded_later(page: Page) -> None:
    """The address in src is a placeholder; a second copy is in noscript."""
    picture = _picture(page)
    credit = f" {escape(picture.credit.text, quote=False)}" if picture.credit else ""
    page.picture_html = (
        f'<figure class="lead"><img class="lazy" src="/img/blank.gif" data-src="{picture.src}" width="700" height="400">'
        f'<noscript><img src="{picture.src}"></noscript><figcaption>{escape(picture.caption, quote=False)}{credit}</figcaption></figure>'
    )


@fault("picture", *PICTURE)
def several_lead_pictures(page: Page) -> None:
    """A row of pictures above the story; the first is the main one."""
    picture = _picture(page)
    credit = f" {escape(picture.credit.text, quote=False)}" if picture.credit else ""
    shown = [(picture.src, escape(picture.caption, quote=False) + credit)]
    shown += [(page.address_of_picture(), escape(page.story.writer.caption(), quote=False)) for _ in range(2)]
    figures = "".join(
        f'<figure class="slide"><img src="{src}"><figcaption>{text}</figcaption></figure>' for src, text in shown
    )
    page.picture_html = f'<div class="slider">{figures}</div>'

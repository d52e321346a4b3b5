"""Faults of the story's column: how it is cut up, and what stands in it that is not of the story."""

from __future__ import annotations

from html import escape

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.page import Join, Page
from evaluation.synthetic.story import Block

BODY = ("body", "paragraphs", "flag")


@fault("story", *BODY)
def paragraphs_each_in_a_container(page: Page) -> None:
    """Page builders wrap each paragraph into a block of its own."""
    form = page.rng.choice(
        (
            '<div class="text-block" data-order="{at}"><div>{piece}</div></div>',
            '<section class="block block--text">{piece}</section>',
            '<div class="elementor-element elementor-widget"><div class="elementor-widget-container">{piece}</div></div>',
            '<div id="par-{at}">{piece}</div>',
        )
    )

    def arrange(pieces: list[str], _join: Join) -> str:
        return "\n".join(form.format(at=at, piece=piece) for at, piece in enumerate(pieces))

    page.arrange = arrange


@fault("story", *BODY)
def story_in_sections(page: Page) -> None:
    """Parts with subheads, each in an element of its own."""
    blocks = page.story.blocks
    for at in range(len(blocks) - 2, 1, -3):
        blocks.insert(at, Block("h", page.story.writer.subhead() + f" ({at})"))
    tag = page.rng.choice(("section", "div", "article"))
    size = max(2, len(blocks) // 3)

    def arrange(pieces: list[str], join: Join) -> str:
        parts = [pieces[at : at + size] for at in range(0, len(pieces), size)]
        return "\n".join(f'<{tag} class="part" id="part{at}">{join(part)}</{tag}>' for at, part in enumerate(parts))

    page.arrange = arrange


def _parts(pieces: list[str]) -> list[list[str]]:
    size = max(2, (len(pieces) + 2) // 3)
    return [pieces[at : at + size] for at in range(0, len(pieces), size)]


@fault("story", *BODY, since=2012)
def later_parts_not_displayed(page: Page) -> None:
    """A publisher's own paging: the later parts are on the page, hidden until a reader turns it."""
    hidden = page.rng.choice(('style="display:none"', "hidden", 'style="display: none;" aria-hidden="true"'))

    def arrange(pieces: list[str], join: Join) -> str:
        parts = _parts(pieces)
        shown = [
            f'<div class="halaman" id="hal-{at}" {hidden if at else ""}>{join(part)}</div>'
            for at, part in enumerate(parts, 0)
        ]
        buttons = "".join(f'<a href="#hal-{at}" class="btn-hal">{at + 1}</a> ' for at in range(len(parts)))
        return "\n".join(shown) + f'<div class="paging">Halaman: {buttons}<a class="next">Selanjutnya</a></div>'

    page.arrange = arrange


@fault("story", *BODY, since=2014)
def parts_with_page_marks(page: Page) -> None:
    """All parts are shown, between marks like "2 dari 3 halaman"."""
    form = page.rng.choice(
        (
            '<h5 class="page-mark">{at} dari {all} halaman</h5>',
            "<p>Halaman {at} dari {all}</p>",
            '<div class="page-nav"><span>{at} / {all}</span></div>',
            "<div>{at} of {all}</div>",
        )
    )

    def arrange(pieces: list[str], join: Join) -> str:
        parts = _parts(pieces)
        marked = []
        for at, part in enumerate(parts, 1):
            mark = form.format(at=at, all=len(parts)) if at > 1 else ""
            marked.append(f'<div class="item-page" data-page="{at}">{mark}{join(part)}</div>')
        return "\n".join(marked)

    page.arrange = arrange


@fault("story", *BODY)
def first_paragraph_in_the_description(page: Page) -> None:
    """Metadata that repeat the first paragraph word for word take nothing from the story."""
    first = page.story.paragraphs[0]
    page.meta("description", first)
    page.meta("og:description", first)


@fault("story", *BODY)
def first_paragraph_printed_twice(page: Page) -> None:
    """A standfirst below the headline that is the first paragraph again."""
    form = page.rng.choice(
        (
            '<div class="standfirst">{}</div>',
            '<p class="summary"><strong>{}</strong></p>',
            '<h2 class="excerpt">{}</h2>',
            '<div class="ringkasan"><p>{}</p></div>',
        )
    )
    first = escape(page.story.paragraphs[0], quote=False)
    page.headline_after = form.format(first)


@fault("story", *BODY)
def copyright_sign_in_the_middle(page: Page) -> None:
    """The credit of a second picture stands between two paragraphs; the story goes on after it."""
    credit = page.rng.choice(("© AFP", "&copy; 2021 Reuters", "(c) AFP", "Copyright AP", "©2019 Merpati/Xinhua"))
    form = page.rng.choice(
        (
            '<div class="foto"><img src="{src}" width="600"><p>{credit}</p></div>',
            '<p><img src="{src}"><br>{credit}</p>',
            '<p class="credit">{credit}</p>',
            "<p><small>{credit}</small></p>",
        )
    )
    page.noise(form.format(src=page.address_of_picture(), credit=credit))


@fault("story", *BODY)
def list_labels_in_brackets(page: Page) -> None:
    """ "(c)" as the third item of a list is no copyright."""
    items = page.story.writer.items()[:4]
    labelled = [f"({letter}) {item}" for letter, item in zip("abcd", items, strict=False)]
    at = max(1, len(page.story.blocks) // 2)
    page.story.blocks[at:at] = [Block("p", text) for text in labelled]


@fault("story", *BODY)
def contact_line_in_the_middle(page: Page) -> None:
    """A contact or source line before the end; whether it belongs to the story is open, what follows does."""
    lines = (
        "Kontak: 0411-{}-221",
        "Kontak: Humas {} (0812-555-{})",
        "Informasi lebih lanjut: humas{}@contoh.example",
        "Sumber: Dinas Perhubungan {}, diolah {}",
        "Narahubung: {} di nomor {}",
    )
    place, number = page.story.place.name, page.rng.randint(100, 999)
    text = page.rng.choice(lines).replace("{}", place, 1).replace("{}", str(number))
    page.story.blocks.insert(max(1, len(page.story.blocks) // 2), Block("p", text, optional=True))


@fault("story", *BODY)
def struck_out_and_inserted(page: Page) -> None:
    """A correction in <del> and <ins>: what stands now counts."""
    block = next(block for block in page.story.blocks[1:] if block.kind == "p")
    words = block.text.split()
    at = min(2, len(words) - 2)
    old = page.rng.choice(("sembilan belas", "Rp4 miliar", "ratusan", "Selasa"))
    marks = page.rng.choice((("del", "ins"), ("s", "ins"), ("strike", "b"), ("del", "strong")))
    before, now, after = " ".join(words[:at]), words[at], " ".join(words[at + 1 :])
    block.html = (
        f"{escape(before, quote=False)} <{marks[0]}>{old}</{marks[0]}> "
        f"<{marks[1]}>{escape(now, quote=False)}</{marks[1]}> {escape(after, quote=False)}"
    )


@fault("story", *BODY)
def container_called_like_a_side_matter(page: Page) -> None:
    """The story's element has a class name that elsewhere means advertising or a sidebar."""
    page.story_class += " " + page.rng.choice(
        (
            "content-ads",
            "with-sidebar",
            "has-related",
            "article-ads-wrapper",
            "share-area",
            "widget-content",
            "promo",
            "iklan-tengah",
            "comment-enabled",
            "tags-inside",
        )
    )


@fault("story", *BODY)
def links_to_other_stories_inside(page: Page) -> None:
    """ "Baca juga" between the paragraphs, in one of many forms."""
    forms = (
        '<p><strong>Baca juga: <a href="{url}">{title}</a></strong></p>',
        '<div class="baca-juga"><span>Baca Juga</span><ul><li><a href="{url}">{title}</a></li></ul></div>',
        '<p><a href="{url}">BACA JUGA: {title}</a></p>',
        '<table class="linksisip"><tr><td><div class="lihatjg"><strong>Baca juga:</strong><br>'
        '<a href="{url}">{title}</a></div></td></tr></table>',
        '<p>(<em>Baca juga: <a href="{url}">{title}</a></em>)</p>',
        '<blockquote><strong>Simak juga:</strong> <a href="{url}">{title}</a></blockquote>',
        '<p>Lihat juga: <a href="{url}"><b>{title}</b></a></p>',
    )
    form = page.rng.choice(forms)
    for _ in range(page.rng.choice((1, 2, 3))):
        title, url, _, _ = page.other_story()
        page.noise(form.format(url=escape(url), title=escape(title, quote=False)))


@fault("story", *BODY)
def advertisements_inside(page: Page) -> None:
    """Advertising between the paragraphs, with its labels."""
    forms = (
        '<div class="parallax"><span>ADVERTISEMENT</span><div id="div-gpt-ad-1"></div>'
        "<p>SCROLL TO CONTINUE WITH CONTENT</p></div>",
        '<ins class="adsbygoogle" style="display:block" data-ad-slot="77"></ins>',
        '<p class="ads-label">Advertisement</p><div class="ads"><a href="https://toko.example"><img src="/ads/1.gif"></a></div>',
        '<div class="iklan">Iklan<br><a href="https://toko.example">Diskon besar hari ini</a></div>',
        "<p>Scroll ke bawah untuk melanjutkan membaca</p>",
        "<center><small>- Iklan -</small></center>",
    )
    for _ in range(page.rng.choice((1, 2))):
        page.noise(page.rng.choice(forms))


@fault("story", *BODY, since=2012)
def embedded_posts_inside(page: Page) -> None:
    """Posts of social networks between the paragraphs."""
    said = escape(page.story.writer.paragraph(), quote=False)
    forms = (
        '<blockquote class="twitter-tweet" data-lang="id"><p lang="in" dir="ltr">{said}</p>&mdash; Info Warga '
        '(@infowarga) <a href="https://t.example/1">3 Juni 2019</a></blockquote><script async src="//w.js"></script>',
        '<blockquote class="instagram-media" data-instgrm-version="14"><div><p>{said}</p><a href="https://i.example/p">'
        "A post shared by Info Warga</a></div></blockquote>",
        '<div class="fb-post" data-href="https://f.example/1"><blockquote class="fb-xfbml-parse-ignore">{said}</blockquote></div>',
        '<iframe src="https://v.example/embed/1" title="{said}"></iframe>',
    )
    page.noise(page.rng.choice(forms).format(said=said))


@fault("story", *BODY)
def scripts_inside(page: Page) -> None:
    """Programs and styles between the paragraphs."""
    forms = (
        '<script type="text/javascript">var judul = "Kepala dinas mengatakan"; document.write("<p>iklan</p>");</script>',
        "<style>.isi p { margin: 0 } .foto { float: left }</style>",
        "<noscript><p>Aktifkan JavaScript untuk melihat halaman ini.</p></noscript>",
        "<!-- <p>Paragraf lama yang sudah dihapus redaksi pada 3 Juni.</p> -->",
        "<template><p>Memuat berita lain untuk pembaca.</p></template>",
    )
    for _ in range(2):
        page.noise(page.rng.choice(forms))


@fault("story", *BODY)
def pull_quote_that_repeats(page: Page) -> None:
    """A sentence of the story in large letters between two paragraphs."""
    quoted = next((block.text for block in page.story.blocks[1:] if block.kind == "p" and block.text[0] in '"“'), None)
    text = quoted or page.story.paragraphs[-1]
    forms = (
        '<blockquote class="pullquote">{}</blockquote>',
        '<aside class="kutipan"><p>{}</p></aside>',
        "<blockquote><p>{}</p></blockquote>",
    )
    page.noise(page.rng.choice(forms).format(escape(text, quote=False)), at=1)


@fault("story", *BODY)
def lists_quotes_and_a_table(page: Page) -> None:
    """A list, a quotation and a table are text of the story."""
    blocks, writer = page.story.blocks, page.story.writer
    blocks.insert(len(blocks) - 1, Block("list", items=writer.items()))
    blocks.insert(max(2, len(blocks) // 2), Block("quote", writer.paragraph()))
    if page.rng.random() < 0.5:
        blocks.insert(len(blocks) - 1, Block("table", rows=writer.rows()))


@fault("story", *BODY)
def first_letter_apart(page: Page) -> None:
    """A drop cap: the first letter is in an element of its own."""
    block = page.story.blocks[0]
    form = page.rng.choice(
        ('<span class="dropcap">{}</span>{}', '<font size="6">{}</font>{}', "<big><b>{}</b></big>{}")
    )
    block.html = form.format(block.text[0], escape(block.text[1:], quote=False))


@fault("story", *BODY)
def closing_lines_of_the_desk(page: Page) -> None:
    """After the last sentence: initials, notices and invitations."""
    forms = (
        "<p><strong>(rs616)</strong></p>",
        "<p>(Goal/Sat/R-1)</p>",
        "<p>AZF</p>",
        "<p>[mel]</p>",
        "<p>(*)</p>",
        "<p><em>Dapatkan update berita pilihan setiap hari. Mari bergabung di grup Telegram.</em></p>",
        '<p>Ikuti berita lainnya di <a href="https://g.example">Google News</a></p>',
        "<p>***</p>",
        "<div class='share'>Share this: Facebook Twitter WhatsApp</div>",
    )
    for form in page.rng.sample(forms, page.rng.choice((1, 2))):
        page.story.blocks.append(Block("noise", html=form))


@fault("story", *BODY)
def sign_off_within_the_last_paragraph(page: Page) -> None:
    """Initials in brackets behind the last sentence, in the same paragraph."""
    last = next(block for block in reversed(page.story.blocks) if block.kind == "p")
    code = page.rng.choice(("(abc/def)", "(vid/mok)", "[ka]", "<strong>(eks/sss)</strong>", "(H-4)"))
    last.html = f"{escape(last.text, quote=False)} {code}"


@fault("story", *BODY)
def pictures_with_captions_inside(page: Page) -> None:
    """Further pictures of the story with their captions."""
    caption = escape(page.story.writer.caption(), quote=False)
    forms = (
        '<figure><img src="{src}"><figcaption>{caption} (Foto: Antara)</figcaption></figure>',
        '<div class="wp-caption alignnone"><img src="{src}"><p class="wp-caption-text">{caption}</p></div>',
        '<div class="sisip-foto"><img src="{src}" width="600"><span class="caption">{caption} (Dok. Warga)</span></div>',
    )
    page.noise(page.rng.choice(forms).format(src=page.address_of_picture(), caption=caption), at=2)


@fault("story", *BODY)
def white_space_of_all_kinds(page: Page) -> None:
    """No-break spaces, soft hyphens and zero-width characters between and in words."""
    for block in page.story.blocks[::2]:
        if block.kind == "p":
            words = escape(block.text, quote=False).split(" ")
            block.html = page.rng.choice(("&nbsp;", " &nbsp;", "\u00a0", "\n   ", " \u200b")).join(words[:4])
            block.html += " " + " ".join(words[4:])


@fault("story", *BODY)
def empty_elements_between(page: Page) -> None:
    """Editors leave empty paragraphs and breaks behind."""
    for _ in range(3):
        page.noise(
            page.rng.choice(
                ("<p></p>", "<p>&nbsp;</p>", "<p><br></p>", "<div><br /></div>", "<p><strong></strong></p>")
            )
        )

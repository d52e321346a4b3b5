"""Faults of what stands around the story: other stories, comments, lists, notices."""

from __future__ import annotations

from datetime import timedelta
from html import escape

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.page import Page
from evaluation.synthetic.prose.names import plain_person

ALL = ("title", "published_at", "authors", "editors", "caption", "body", "flag")


def _whole_story(page: Page, heading: str = "h1", paragraphs: int = 12) -> str:
    """Another story with headline, stamp, byline, picture and text."""
    title, url, moment, writer = page.other_story()
    texts = "".join(f"<p>{escape(writer.paragraph(), quote=False)}</p>" for _ in range(paragraphs))
    return (
        f'<header><{heading}><a href="{url}">{escape(title, quote=False)}</a></{heading}>'
        f'<div class="meta">Oleh {plain_person(page.rng)} - {page.print_stamp("long", moment)}</div></header>'
        f'<figure><img src="{page.address_of_picture()}" width="700"><figcaption>{escape(writer.caption(), quote=False)} '
        f"(Foto: Antara)</figcaption></figure><div class='content'>{texts}</div><p>Editor: {plain_person(page.rng)}</p>"
    )


@fault("surroundings", *ALL, since=2011)
def second_article_below(page: Page) -> None:
    """Another story in an <article> of its own, shorter or longer."""
    count = page.rng.choice((4, 9, 20))
    page.below.append(f'<article class="next-article">{_whole_story(page, "h2", count)}</article>')


@fault("surroundings", *ALL, since=2014)
def endless_scroll(page: Page) -> None:
    """The next stories are appended to the page, whole, with headlines of the first rank."""
    for _ in range(page.rng.choice((1, 2))):
        _, url, _, _ = page.other_story()
        page.below.append(
            f'<div class="infinite-scroll-item" data-url="{url}"><article>{_whole_story(page, "h1", page.rng.choice((5, 12)))}'
            "</article></div>"
        )


@fault("surroundings", *ALL)
def teaser_with_picture_above(page: Page) -> None:
    """A highlighted story above the headline, with picture, date and a sentence."""
    title, url, moment, writer = page.other_story()
    page.above.append(
        f'<div class="breaking"><a href="{url}"><img src="{page.address_of_picture()}" width="600" height="300"></a>'
        f'<h2><a href="{url}">{escape(title, quote=False)}</a></h2><span class="date">{page.print_stamp("long", moment)}</span>'
        f"<p>{escape(writer.lede(), quote=False)}</p></div>"
    )


@fault("surroundings", *ALL)
def comments_of_readers(page: Page) -> None:
    """Comments with names, dates and more text than the story."""
    forms = (
        '<li class="comment"><cite>{name}</cite> <span class="date">{stamp}</span><p>{text}</p></li>',
        '<div class="komentar"><b>{name}</b> menulis pada {stamp}<div>{text}</div></div>',
        '<article class="comment-body"><footer>{name} <time>{stamp}</time></footer><p>{text}</p></article>',
    )
    form = page.rng.choice(forms)
    writer = page.other_story()[3]
    lines = []
    for _ in range(page.rng.choice((2, 6, 15))):
        moment = page.story.moment + timedelta(minutes=page.rng.randint(10, 9_000))
        text = escape(" ".join(writer.paragraph() for _ in range(3)), quote=False)
        lines.append(form.format(name=plain_person(page.rng), stamp=page.print_stamp("long", moment), text=text))
    heading = page.rng.choice(("Komentar", "Komentar Pembaca", f"{len(lines)} Comments", "Tanggapan"))
    page.below.append(f'<div id="comments"><h3>{heading}</h3><ol>{"".join(lines)}</ol></div>')


@fault("surroundings", *ALL)
def related_stories_with_dates(page: Page) -> None:
    """A list of related stories right below the text, each with a date and a sentence."""
    lines = []
    for _ in range(5):
        title, url, moment, writer = page.other_story()
        excerpt = escape(writer.lede(), quote=False) if page.rng.random() < 0.5 else ""
        lines.append(
            f'<li><a href="{url}">{escape(title, quote=False)}</a> <small>{page.print_stamp("short-month", moment)}</small> {excerpt}</li>'
        )
    page.below.insert(0, f'<div class="terkait"><h3>Berita Terkait</h3><ul>{"".join(lines)}</ul></div>')


@fault("surroundings", *ALL)
def column_of_pictures_before(page: Page) -> None:
    """A side column that comes before the story in the source, with pictures, headlines and dates."""
    lines = []
    for _ in range(4):
        title, url, moment, _ = page.other_story()
        lines.append(
            f'<div class="item"><img src="{page.address_of_picture()}" width="300" height="200" alt="{escape(title)}">'
            f'<h3><a href="{url}">{escape(title, quote=False)}</a></h3><span>{page.print_stamp("long", moment)}</span></div>'
        )
    page.above.append(f'<aside class="kolom-kiri">{"".join(lines)}</aside>')


@fault("surroundings", *ALL)
def lists_with_excerpts(page: Page) -> None:
    """Lists beside a short story have more text than the story."""
    lines = []
    for _ in range(8):
        title, url, _, writer = page.other_story()
        text = escape(f"{writer.lede()} {writer.paragraph()}", quote=False)
        lines.append(f'<div class="post"><h3><a href="{url}">{escape(title, quote=False)}</a></h3><p>{text}</p></div>')
    page.side.append(f'<div class="lainnya"><h2>Berita Lainnya</h2>{"".join(lines)}</div>')


@fault("surroundings", *ALL)
def long_text_at_the_foot(page: Page) -> None:
    """The page's foot tells about the medium at length."""
    name = page.story.outlet.name
    sentences = (
        f"{name} adalah media yang terbit setiap hari dan menulis tentang kehidupan warga di kota dan desa.",
        "Seluruh isi situs dilindungi undang-undang dan tidak boleh diterbitkan ulang tanpa izin tertulis dari penerbit.",
        f"Hak jawab dapat disampaikan kepada redaksi {name} melalui surat atau datang langsung ke kantor kami.",
        "Kami menaati pedoman pemberitaan media siber dan kode etik jurnalistik dalam setiap berita yang kami terbitkan.",
        "Pemasangan iklan dilayani setiap hari kerja pada pukul sembilan pagi sampai empat sore.",
    )
    page.side.append(
        '<div class="tentang"><h4>Tentang Kami</h4>' + "".join(f"<p>{each}</p>" for each in sentences * 2) + "</div>"
    )


@fault("surroundings", *ALL, since=2016)
def notices_and_forms(page: Page) -> None:
    """A notice about cookies above, a letter to subscribe to below."""
    page.above.append(
        '<div class="cookie-notice"><p>Kami memakai kuki supaya situs ini berjalan baik dan iklan sesuai dengan minat pembaca. '
        "Dengan meneruskan membaca, Anda menyetujui pemakaian kuki sesuai dengan kebijakan privasi kami.</p><button>Setuju</button></div>"
    )
    page.below.append(
        '<form class="newsletter"><h4>Langganan surat kabar elektronik</h4><p>Dapatkan ringkasan berita setiap pagi di surat '
        'elektronik Anda, gratis.</p><input name="email"><button>Daftar</button></form>'
    )


@fault("surroundings", *ALL)
def ticker_with_clocks(page: Page) -> None:
    """A list of the latest headlines with their clocks, above the headline."""
    lines = []
    for _ in range(5):
        title, url, moment, _ = page.other_story()
        lines.append(f'<li><span>{moment:%H:%M}</span> <a href="{url}">{escape(title, quote=False)}</a></li>')
    page.above.append(f'<div class="ticker"><b>Terkini</b><ul>{"".join(lines)}</ul></div>')


@fault("surroundings", *ALL)
def other_stories_of_the_writer(page: Page) -> None:
    """Below the story: what the same person wrote, with dates."""
    lines = []
    for _ in range(3):
        title, url, moment, _ = page.other_story()
        lines.append(
            f'<li><a href="{url}">{escape(title, quote=False)}</a> {page.print_stamp("long-day", moment)}</li>'
        )
    name = page.story.authors[0] if page.story.authors else "Redaksi"
    page.below.append(f'<div class="by-author"><h4>Tulisan Lain {escape(name)}</h4><ul>{"".join(lines)}</ul></div>')

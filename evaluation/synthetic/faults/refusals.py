"""Pages that are no article: they must be rejected."""

from __future__ import annotations

from html import escape

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.page import Page
from evaluation.synthetic.story import Block

NONE = ("no-article", "no-date", "no-title", "not-found", "blocked", "bad-date")


def _reject(page: Page, *reasons: str) -> None:
    page.expected.clear()
    page.expect(rejected=list(reasons))


def _without_story(page: Page, title: str, html: str) -> None:
    """Puts markup where the story was, and takes the story's data away."""
    page.title_tag = f"{title} - {page.story.outlet.site}"
    page.headline = escape(title, quote=False)
    page.stamp, page.byline, page.foot = "", [], []
    page.picture, page.picture_html, page.dateline = None, "", None
    page.metas, page.ld, page.canonical = [], None, None
    page.headline_after = ""
    page.story.blocks = [Block("noise", html=html)]
    page.arrange_plainly()


def _without_a_day_in_the_address(page: Page) -> None:
    """Gives the page an address that does not tell when it was published."""
    page.url = f"https://{page.story.outlet.host}/baca/{page.rng.randint(1_000, 99_999)}/{page.story.slug}"
    page.canonical = None
    page.metas = [each for each in page.metas if each[0] != "og:url"]
    page.ld = None


@fault("refusal", "rejected", since=2013)
def offer_instead_of_the_rest(page: Page) -> None:
    """Two paragraphs, then an offer to subscribe."""
    offers = (
        "<h3>Berlangganan untuk membaca artikel lengkap</h3><p>Mulai Rp15.000 sebulan.</p>",
        "<p>Artikel ini khusus untuk pelanggan.</p><p>Sudah berlangganan? <a href='/masuk'>Masuk</a></p>",
        "<h4>Anda sudah membaca 3 artikel gratis</h4><p>Langganan sekarang untuk terus membaca.</p>",
        "<p>Untuk melanjutkan membaca, silakan berlangganan paket digital kami.</p><a>Pilih paket</a>",
        "<p>Subscribe to continue reading</p><p>Already a subscriber? Log in</p>",
        "<div><b>Konten Premium</b></div><p>Berita ini hanya untuk pelanggan premium. Buka akses penuh dengan berlangganan.</p>",
        "<p>Nikmati akses tanpa batas. Pilih paket langganan Anda untuk membuka artikel ini.</p>",
    )
    paragraphs = [block for block in page.story.blocks if block.kind == "p"][:2]
    page.story.blocks = [
        *paragraphs,
        Block(
            "noise", html=f'<div class="{page.rng.choice(("paywall", "box", "offer"))}">{page.rng.choice(offers)}</div>'
        ),
    ]
    page.arrange_plainly()
    if page.ld and page.rng.random() < 0.5:
        page.ld["isAccessibleForFree"] = page.rng.choice((False, "False"))
    _reject(page, "paywall")


@fault("refusal", "rejected")
def not_found_with_status_200(page: Page) -> None:
    """The page says that there is nothing; headlines of others stand around."""
    title, text = page.rng.choice(
        (
            ("404 Not Found", "Halaman yang Anda cari tidak ditemukan."),
            ("Halaman Tidak Ditemukan", "Maaf, halaman yang Anda tuju sudah dipindahkan atau dihapus."),
            ("Oops!", "Berita yang Anda cari tidak tersedia lagi."),
            ("Error", "Artikel tidak ditemukan. Silakan kembali ke beranda."),
            ("Maaf", "Halaman ini tidak ada."),
        )
    )
    _without_story(page, title, f"<p>{text}</p><p><a href='/'>Kembali ke beranda</a></p>")
    _reject(page, *NONE)


@fault("refusal", "rejected")
def list_of_stories(page: Page) -> None:
    """A section's index: many headlines, each with a date and a sentence."""
    lines = []
    for _ in range(15):
        title, url, moment, writer = page.other_story()
        lines.append(
            f'<li><h2><a href="{url}">{escape(title, quote=False)}</a></h2><span>{page.print_stamp("long", moment)}</span>'
            f"<p>{escape(writer.lede(), quote=False)}</p></li>"
        )
    name = page.rng.choice(
        ("Indeks Berita", f"Berita {page.story.section} Terkini", "Hasil Pencarian", f"Topik: {page.story.tags[-1]}")
    )
    _without_story(page, name, f'<ul class="indeks">{"".join(lines)}</ul><div class="paging">1 2 3 &raquo;</div>')
    page.url = (
        page.url.split("/", 3)[0]
        + "//"
        + page.story.outlet.host
        + page.rng.choice(("/indeks", "/search?q=ikan", "/tag/ikan", "/daerah?page=2"))
    )
    _reject(page, *NONE, "bad-address")


@fault("refusal", "rejected")
def barrier_before_the_page(page: Page) -> None:
    """A login, a check for robots, or a notice of repair."""
    title, text = page.rng.choice(
        (
            ("Just a moment...", "Checking your browser before accessing the site. Ray ID: 77a1"),
            ("Masuk", "Silakan masuk untuk melanjutkan. Surat elektronik. Kata sandi. Lupa kata sandi?"),
            ("Situs sedang dalam perbaikan", "Kami segera kembali. Mohon maaf atas ketidaknyamanan ini."),
            ("Access Denied", "You don't have permission to access this page on this server."),
            ("503 Service Unavailable", "Layanan tidak tersedia untuk sementara waktu."),
        )
    )
    _without_story(page, title, f"<p>{text}</p>")
    page.side, page.above, page.below = [], [], []
    _reject(page, *NONE)


@fault("refusal", "rejected")
def epoch_zero_alone(page: Page) -> None:
    """The only time is the first second of 1970: there is none."""
    page.drop_times()
    _without_a_day_in_the_address(page)
    page.stamp = page.rng.choice(("", "Kamis, 1 Januari 1970 07:00 WIB", "01/01/1970 00:00 WIB"))
    page.meta("article:published_time", "1970-01-01T00:00:00+00:00")
    _reject(page, "no-date", "bad-date")
    page.expect(or_flagged=True)


@fault("refusal", "rejected")
def no_time_anywhere(page: Page) -> None:
    """Neither print nor data date the story; the lists around it have dates."""
    page.drop_times()
    page.stamp = ""
    _without_a_day_in_the_address(page)
    lines = []
    for _ in range(4):
        title, url, moment, _ = page.other_story()
        lines.append(
            f'<li><a href="{url}">{escape(title, quote=False)}</a> <span>{page.print_stamp("long", moment)}</span></li>'
        )
    page.below.append(f'<div class="terkait"><h4>Berita Terkait</h4><ul>{"".join(lines)}</ul></div>')
    _reject(page, "no-date", "bad-date")


@fault("refusal", "rejected")
def life_of_a_writer(page: Page) -> None:
    """The page of a person of the staff: name, a sentence, and their stories."""
    lines = "".join(
        f'<li><a href="{page.other_story()[1]}">{escape(page.other_story()[0], quote=False)}</a></li>' for _ in range(8)
    )
    name = page.story.writer.fill("{nama}")
    _without_story(page, name, f"<p>Wartawan</p><h3>Tulisan terbaru</h3><ul>{lines}</ul>")
    page.url = f"https://{page.story.outlet.host}/penulis/{name.lower().replace(' ', '-')}"
    _reject(page, *NONE, "bad-address")

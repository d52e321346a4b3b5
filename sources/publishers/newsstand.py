"""The bundled newsstand: three outlets with pages of three periods, served locally for the demo and the tests."""

from datetime import date

from sources.definition import DailyIndex, Feed, Layout, Sitemap, Source

SOURCE = Source(
    name="newsstand",
    title="Newsstand",
    domains=("newsstand.test",),
    zone="Asia/Jakarta",
    finds=(
        *(Feed(f"http://{outlet}.newsstand.test/rss/terkini.xml") for outlet in ("www", "arsip", "lama")),
        *(Sitemap(f"http://{outlet}.newsstand.test/sitemap.xml") for outlet in ("www", "arsip", "lama")),
        *(
            DailyIndex(
                url=f"http://{outlet}.newsstand.test/indeks/{{year}}-{{month}}-{{day}}?page={{page}}",
                links=("ul.headlines a",),
            )
            for outlet in ("www", "arsip", "lama")
        ),
    ),
    article=r"https?://(?:www|arsip|lama)\.newsstand\.test(?::\d+)?/berita/(?:\d+/[a-z0-9-]+|\d{4}/\d\d/\d\d/\d+\.html)",
    layouts=(
        Layout(
            title=("h1.article-title",),
            published=("time.article-date",),
            updated=("time.article-updated",),
            authors=("div.byline",),
            body=("div.article-body",),
            drop=("p.read-also", "div.ad"),
            caption=("figure.lead-image figcaption",),
            image=("figure.lead-image img@src",),
            section=("ol.breadcrumb li:nth-child(2)",),
            tags=("nav.article-tags a",),
            next_page=("nav.article-pages a[rel=next]@href",),
        ),
        Layout(
            title=("h1.title",),
            published=("time[itemprop=datePublished]",),
            updated=("div.updated",),
            authors=("div.byline",),
            editors=("#content_news p.mt10",),
            body=("#content_news",),
            caption=("#caption_news",),
            image=("#image_news img@src",),
            tags=("[itemprop=keywords]",),
        ),
        Layout(
            title=("font.judul",),
            published=("font.tanggal",),
            body=("td#isi",),
            caption=("font.keterangan",),
            image=("td#foto img@src",),
            valid_until=date(2009, 12, 31),
        ),
    ),
    outlets=("Newsstand", "Arsip Newsstand", "Newsstand Lama"),
    terms="It runs on this machine, and its robots.txt bars /cari and /ajax/ alone.",
    delay=0.0,
    least_listed=10,
    proved=date(2026, 1, 1),
)

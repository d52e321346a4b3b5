"""Okezone.com and its channels; mpi.okezone.com reprints another publisher."""

from datetime import date

from sources.definition import DailyIndex, Feed, Layout, Sitemap, Source

SOURCE = Source(
    name="okezone",
    title="Okezone.com",
    domains=("okezone.com",),
    finds=(
        Feed("https://sindikasi.okezone.com/index.php/rss/0/RSS2.0"),
        Feed("https://sindikasi.okezone.com/index.php/rss/1/RSS2.0"),
        Sitemap("https://www.okezone.com/news/sitemap.xml"),
        DailyIndex(url="https://index.okezone.com/bydate/index/{year}/{month}/{day}/", links=("a[href*='/read/']",)),
    ),
    article=r"https?://(?!(?:mpi|img|cdn|redaksi|index|promo|sindikasi)\.)[a-z0-9-]+\.okezone\.com/read/\d{4}/\d\d/\d\d/\d+/\d+/",
    exclude=r"/(?:play|view|detail|foto|video|infografis|more|mmore|tag|indeks|search|author|amp)(?:/|$|\?)",
    layouts=(
        Layout(
            title=(".title-article h1",),
            published=(".journalist span", ".journalist"),
            authors=(".journalist a@title", ".journalist a"),
            body=(".c-detail.read",),
            drop=("#baca-juga", ".vicon", "[class^=inject-]", "[class^=banner]", "div[style*=page-break]"),
            picture=(".article-img", "figure"),
            image=("img@src",),
            caption=("figcaption", ".caption"),
            section=(".breadcrumb a:last-child",),
            tags=("#tag .box-tag a",),
            next_page=("#paging a.nomor@href",),
            all_pages="page=all",
        ),
        Layout(  # 2015 to 2021; the editor is in brackets after the story
            title=(".titles h1", ".title h1"),
            published=("time.tgl", ".tgl", ".namerep"),
            authors=(".nmreporter > div", ".namerep", ".nmreporter"),
            editors=("#contentx + strong",),
            body=("#contentx",),
            drop=(".detail-tag", "#bacajuga", ".baca-juga"),
            picture=("#imageCheckWidth", ".detail-img-top"),
            image=("img@src",),
            caption=(".caption-img-ab", ".caption-img"),
            section=(".breadcrumb li:last-child",),
            tags=(".meta-bottom-content > span a", ".detail-tag a"),
            valid_until=date(2021, 12, 31),
        ),
    ),
    outlets=("Okezone", "Okezone.com"),
    terms="robots.txt bars accounts, /php/, /rc.php, /more/ and /mmore/; all rights reserved.",
    delay=5.0,
    least_listed=20,
    proved=date(2015, 11, 5),
)

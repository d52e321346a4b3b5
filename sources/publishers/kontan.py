"""Kontan.co.id, of Kompas Gramedia: the byline is in the first paragraph, and addresses have no id."""

from sources.definition import DailyIndex, Layout, Sitemap, Source

SOURCE = Source(
    name="kontan",
    title="Kontan.co.id",
    domains=("kontan.co.id",),
    finds=(
        Sitemap("https://www.kontan.co.id/sitemap.xml"),  # recent stories only
        DailyIndex(  # twenty stories a page
            url="https://www.kontan.co.id/search/indeks?kanal=&tanggal={day}&bulan={month}&tahun={year}&pos=indeks"
            "&per_page={page}",
            first_page=0,
            page_step=20,
            links=("li[data-offset] h1 a[href*='/news/']",),  # without the sidebar's copies
        ),
    ),
    article=r"https?://(?!(?:insight|pusatdata|pressrelease|newssetup|asset|amp|foto|video|jelajahekonomi|edsus|"
    r"exportexpert)\.)[a-z0-9-]+\.kontan\.co\.id/news/(?!main/?$)[a-z0-9-]+/?(?:[?#]|$)",
    exclude=r"kontan\.co\.id/(?:foto|video|infografik|tag|search)/",
    layouts=(
        Layout(
            title=("h1.detail-desk", "h1"),
            published=("div.fs14.ff-opensans.font-gray",),
            body=("div.tmpt-desk-kon[itemprop=articleBody]",),
            drop=("p:has(a[class^=track-])", "h2:has(a[class^=track-])"),
            image=("meta[property='og:image']@content",),
            section=("div.breadcumb.fs18 a:last-of-type",),
            next_page=("a[href*='page=all']@href", "a[href$='?page=2']@href"),
            all_pages="page=all",
        ),
    ),
    outlets=("KONTAN.CO.ID", "Kontan", "Kontan.co.id"),
    terms="robots.txt (2026-10-03) bars agents by name and no other. Articles answered 403 to scripts then, so ask for "
    "access first; all rights reserved.",
)

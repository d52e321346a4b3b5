"""CNBC Indonesia, of Trans Media. The 14 digits in an address are not the time of publication."""

from sources.definition import DailyIndex, Feed, Layout, NewsSitemap, Source

SOURCE = Source(
    name="cnbcindonesia",
    title="CNBC Indonesia",
    domains=("cnbcindonesia.com",),
    finds=(
        *(
            Feed(f"https://www.cnbcindonesia.com/{section}/rss")
            for section in ("news", "market", "mymoney", "tech", "syariah")
        ),
        NewsSitemap("https://www.cnbcindonesia.com/news/sitemap_news.xml"),
        NewsSitemap("https://www.cnbcindonesia.com/market/sitemap_news.xml"),
        DailyIndex(
            url="https://www.cnbcindonesia.com/indeks?date={year}/{month}/{day}&page={page}",
            links=("article a[href]",),
        ),
    ),
    article=r"https?://(?:www\.)?cnbcindonesia\.com/[a-z-]+/\d{14}-\d+-\d+(?:/[a-z0-9-]+)?/?(?:[?#]|$)",
    exclude=r"cnbcindonesia\.com/(?:video|foto-?[a-z]*|tv|podcast|live|tag|search|indeks)/|/\d{14}-8-\d+/video-|/amp(?:[/?]|$)",
    layouts=(
        Layout(
            title=("h1",),
            published=("div.text-cm.text-gray",),
            authors=("div.mb-1.text-base.font-semibold:nth-of-type(2)", "div.mb-1.text-base.font-semibold"),
            body=("div.detail-text", "div.detail_text"),
            drop=("[class^=sisip_]", "[class^=link_sisip]", "table"),
            image=(".media_artikel img@src", "meta[property='og:image']@content"),
            caption=(".media_artikel figcaption", "figcaption"),
            section=("a.text-xs.font-semibold[href='#']",),
        ),
    ),
    outlets=("CNBC Indonesia",),
    terms="robots.txt (2026-10-03) allows all; all rights reserved.",
)

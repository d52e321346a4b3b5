"""detikcom, its channels and regional desks; 20.detik.com (video) and the forum have no articles."""

from datetime import date

from sources.definition import DailyIndex, Feed, Layout, NewsSitemap, Source

SOURCE = Source(
    name="detik",
    title="detikcom",
    domains=("detik.com", "detik.feedsportal.com"),  # until 2016, links in detik's feeds went through the second
    finds=(
        Feed("https://news.detik.com/berita/rss"),
        Feed("https://finance.detik.com/rss"),
        NewsSitemap("https://news.detik.com/berita/sitemap_news.xml"),
        DailyIndex(
            url="https://finance.detik.com/indeks?date={month}%2F{day}%2F{year}&page={page}",
            links=("a.media__link",),
            oldest=date(2019, 1, 2),
        ),
    ),
    article=r"https?://(?:(?:[a-z0-9-]+\.)?detik\.com/(?:(?:[a-z0-9-]+/)+d-\d{6,8}(?:[/?#]|$)|read/\d{4}/\d\d/\d\d/\d+/\d+/)"
    r"|detik\.feedsportal\.com/c/\d+/f/\d+/s/\w+/.+\.htm)",
    exclude=r"//(?:20|forum|connect|event)\.|/(?:foto[a-z-]*|detiktv|video|infografis|tag|indeks|search|amp)(?:/|$)",
    layouts=(
        Layout(
            title=("h1.detail__title",),
            published=(".detail__date",),
            authors=(".detail__author",),
            body=(".detail__body-text",),
            drop=(
                ".linksisip", ".noncontent", ".parallaxindetail", "[class*=scrollpage]", "[id^=div-gpt-ad]",
                ".detail__body-tag", ".pic_artikel_sisip_table", ".detail__multiple", ".detail__long-nav",
            ),
            picture=(".detail__media",),
            image=("img@src",),
            caption=(".detail__media-caption",),
            section=(".page__breadcrumb a:last-child",),
            tags=(".detail__body-tag a.nav__item",),
            next_page=(".detail__long-nav a@href", ".detail__anchor-numb@href"),
            all_pages="single=1",
        ),
        Layout(  # 2016 to 2019: not tested with a real page
            title=(".jdl h1", ".detail_area h1"),
            published=(".jdl .date", ".detail_area .date"),
            authors=(".jdl .author", ".detail_area .author"),
            body=("#detikdetailtext", ".detail_text"),
            drop=(".linksisip", ".detail_tag", ".pic_artikel_sisip", ".news_tag"),
            picture=(".pic_artikel",),
            image=("img@src",),
            caption=("span", "figcaption"),
            section=(".breadcrumb a:last-child",),
            tags=(".detail_tag a",),
            valid_until=date(2019, 12, 31),
        ),
        Layout(
            title=("h1",),
            published=(".author + .date", ".date"),
            authors=(".author",),
            body=(".text_detail",),
            drop=(".pic_artikel", ".linksisip"),
            picture=(".pic_artikel",),
            image=("img@src",),
            caption=("span",),
            section=(".breadcrumb li:last-child",),
            valid_until=date(2016, 6, 30),
        ),
    ),
    outlets=("detikcom", "detikNews", "detikInet", "detikFinance"),
    terms="robots.txt bars nothing for most agents and names some AI agents; all rights reserved.",
    delay=5.0,
    least_listed=20,
    proved=date(2015, 11, 5),
)  # fmt: skip

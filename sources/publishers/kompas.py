"""Kompas.com and its channels; kompas.id (the newspaper) and kompas.tv are other publishers."""

from datetime import date

from sources.definition import DailyIndex, Layout, Sitemap, Source

SOURCE = Source(
    name="kompas",
    title="Kompas.com",
    domains=("kompas.com",),
    finds=(
        Sitemap("https://www.kompas.com/sitemap.xml"),
        DailyIndex(
            url="https://indeks.kompas.com/?site=all&date={year}-{month}-{day}&page={page}",
            links=("a.article-link", ".article__link"),
            oldest=date(2019, 1, 2),
        ),
    ),
    article=r"https?://(?:[a-z0-9-]+\.)?kompas\.com/(?:[a-z0-9-]+/){0,2}read/(?:xml/)?\d{4}/\d\d/\d\d/\d{7,9}/[^/?#]+",
    exclude=r"//(?:video|foto|images|forum|vik|jeo|account|biz|amp)\.|/(?:galeri|tag|topik-pilihan|amp|komentar)/",
    layouts=(
        Layout(
            title=("h1.read__title",),
            published=(".read__time",),
            authors=("meta[name=content_author]@content", "#penulis"),
            editors=("meta[name=content_editor]@content", "#editor"),
            sources=("meta[name=content_source]@content",),
            body=(".read__content",),
            drop=("[class*=inject-baca-juga]", "[class*=kompasidRec]", ".photo", ".video", "[class*=ads-]"),
            picture=(".cover-photo", ".read__content .photo"),
            image=("img@src",),
            caption=(".photo__caption",),
            credit=(".photo__author",),
            section=(".breadcrumb__item:last-child",),
            tags=("li.tag__article__item",),
            next_page=(".paging__footnote a.next@href", "a.paging__link--show@href"),
            all_pages="page=all",
        ),
        Layout(  # 2015 to 2017: a table below the story has the byline; a picture's credit is before its caption
            title=(".kcm-read h2", ".kcm-read h1"),
            published=(".kcm-read .kcm-date", ".kcm-read-top .msmall.grey"),
            authors=(".kcm-read-copy tr",),
            sources=(".kcm-read-copy tr",),
            body=(".kcm-read-text", "[class^=kcmread]"),
            drop=(".photo", ".video", ".kcm-read-copy"),
            picture=(".kcm-read .photo",),
            image=("img@src",),
            credit=(".author",),
            section=(".kcm-breadcrumb li:last-child", ".breadcrump a"),
            valid_until=date(2017, 12, 31),
        ),
    ),
    outlets=("KOMPAS.com", "Kompas.com", "KOMPAS"),
    terms="robots.txt bars /search/, /komentar/, /copy/ and tracking parameters, and names many AI agents; all rights "
    "reserved, so ask before more than reading.",
    delay=5.0,
    least_listed=20,
    proved=date(2023, 11, 2),
)

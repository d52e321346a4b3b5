"""VIVA.co.id; until about 2017 its channels had their own hosts."""

from datetime import date

from sources.definition import Feed, FrontPage, Layout, Sitemap, Source

SOURCE = Source(
    name="viva",
    title="VIVA.co.id",
    domains=("viva.co.id",),
    finds=(
        Feed("https://www.viva.co.id/get/all"),
        Sitemap("https://www.viva.co.id/sitemap.xml"),
        FrontPage(url="https://www.viva.co.id/indeks", links=(".article-list-row a",)),
    ),
    article=r"https?://(?:www\.viva\.co\.id/[a-z0-9-]+(?:/[a-z0-9-]+)?/\d{5,8}-[a-z0-9-]+"
    r"|(?:[a-z0-9-]+\.)+viva\.co\.id/(?:[a-z0-9-]+/)?read/\d{5,8}-[a-z0-9-]+)",
    exclude=r"viva\.co\.id/(?:indeks|tag|search|foto|video|about|redaksi|pedoman-media-siber|vstory)(?:/|$|\?)"
    r"|//(?:video|foto)\.|/\d+-infografik-",
    layouts=(
        Layout(
            title=("h1.main-content-title",),
            published=(".main-content-date",),
            authors=(".main-content-author",),
            body=(".main-content-detail",),
            drop=(".recommended-article", ".widget-other-article", ".ads", ".adsbygoogle", ".ad-slot"),
            picture=(".main-content-image", "figure"),
            image=("img@src",),
            caption=("figcaption", ".image-caption"),
            section=("a.breadcrumb-step.content_center",),
            next_page=(".pagination a@href", "a.next-page@href"),
            all_pages="page=all",
        ),
        Layout(  # 2015 to 2017; pictures inside the story and their captions are centred
            title=(".article-detail h1", "h1"),
            published=(".article-detail [itemprop=datePublished]", ".smalldesc .date"),
            authors=(".smalldesc .author",),
            body=("[itemprop=articleBody]",),
            drop=("[style*='text-align: center']", ".portlet"),
            image=(".article-detail > .thumbcontainer img@src",),
            caption=(".photodesc",),
            section=(".upperdeck-kanal",),
            valid_until=date(2017, 12, 31),
        ),
    ),
    outlets=("VIVA.co.id", "VIVA", "VIVAnews"),
    terms="its robots.txt was not read; all rights reserved.",
    delay=5.0,
    least_listed=10,
    proved=date(2016, 2, 16),
)

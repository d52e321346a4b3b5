"""KapanLagi.com, entertainment; its stories are signed with initials only."""

from datetime import date

from sources.definition import FrontPage, Layout, Source

SOURCE = Source(
    name="kapanlagi",
    title="KapanLagi.com",
    domains=("kapanlagi.com",),
    finds=(FrontPage(url="https://www.kapanlagi.com/showbiz/"),),
    article=r"https?://(?:[a-z0-9-]+\.)?kapanlagi\.com/(?:[a-z0-9-]+/){1,4}[a-z0-9-]+-[0-9a-f]{6}\.html",
    exclude=r"//(?:lirik|foto|video|a)\.|/(?:foto|video|arsip|tag-populer|amp)/",
    layouts=(
        Layout(  # 2015 and 2016: each channel puts its own prefix before the same names
            title=("h1[class*=newsdetail-title]",),
            published=("[class*=newsdetail-schedule]",),
            body=("[class$=-detail-news]",),
            drop=("[class*=newsdetail-image-caption]",),
            picture=(
                "[class*=newsdetail-headlineimg], [id*=newsdetail-image-headline], [class*=newsdetail-image-caption]",
            ),
            image=("img@src",),
            section=("a.newsdetail-categorylink",),
            tags=(".v7-tags-terkait-warper li a",),
            unsigned=True,
            valid_until=date(2017, 12, 31),
        ),
    ),
    outlets=("Kapanlagi.com", "KapanLagi.com"),
    terms="its robots.txt was not read; all rights reserved.",
    delay=5.0,
    least_listed=1,
    proved=date(2016, 2, 23),
)

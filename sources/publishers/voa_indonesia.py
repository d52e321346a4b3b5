"""VOA Indonesia, of the Voice of America. Cut back in March 2025: check that it publishes before you enable it."""

from sources.definition import Feed, FrontPage, Layout, Source

SOURCE = Source(
    name="voa_indonesia",
    title="VOA Indonesia",
    domains=("voaindonesia.com",),
    zone="Asia/Jakarta",  # of the printed day; feeds and metadata have their own offset
    finds=(
        Feed("https://www.voaindonesia.com/api/zmgqoe$moi"),
        Feed("https://www.voaindonesia.com/api/epiqq"),
        FrontPage(url="https://www.voaindonesia.com/", links=("a[href^='/a/']",)),
    ),
    article=r"https?://(?:www\.)?voaindonesia\.com/a/(?:[a-z0-9-]+/)?\d{6,8}\.html(?:[?#]|$)",
    layouts=(
        Layout(
            title=("h1",),
            body=("div.body-container", "div.content-floated-wrap"),
            drop=(
                "[class*=related], [class*=popular], [class*=most], [class*=share], [class*=newsletter]",
                "[class*=embed], [class*=c-mmp], [class*=lightbox]",
            ),
            image=("meta[property='og:image']@content",),
            authors=("meta[name=author]@content",),
        ),
    ),
    outlets=("VOA", "VOA Indonesia"),
    terms="No copy of its robots.txt is at hand, read it before enabling. VOA's own texts are in the public domain; "
    "those of AP, Reuters and other wires are not.",
)

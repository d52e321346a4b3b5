"""BBC News Indonesia, the Indonesian section of the World Service; other pages on the BBC's hosts are excluded."""

from sources.definition import Feed, Layout, Source

SOURCE = Source(
    name="bbc_indonesia",
    title="BBC News Indonesia",
    domains=("www.bbc.com", "feeds.bbci.co.uk"),
    zone="Asia/Jakarta",  # of the printed day; feeds and JSON-LD are in UTC and say so
    finds=(Feed("https://feeds.bbci.co.uk/indonesia/rss.xml"),),
    article=r"https?://www\.bbc\.com/indonesia/"
    r"(?:articles/c[0-9a-z]{9,14}|(?:indonesia|dunia|majalah|olahraga|media|vert-[a-z]+)-\d{6,9})/?(?:[?#]|$)",
    exclude=r"/indonesia/(?:live|media|av|topics|resources|bbc_indonesian_radio)/",
    layouts=(
        Layout(
            title=("main h1", "h1"),
            published=("main time[datetime]",),
            body=("main",),
            drop=("section", "[data-e2e=related-content]", "time"),
            image=("main figure img@src", "meta[property='og:image']@content"),
            caption=("main figcaption p",),
        ),
    ),
    outlets=("BBC News Indonesia", "BBC"),
    terms="No copy of its robots.txt is at hand, read it before enabling; the BBC's terms limit reuse and text mining "
    "strictly.",
    group="bbc.com",
)

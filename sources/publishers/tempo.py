"""Tempo.co; until 2024 its channels had their own hosts. Some of its stories are for subscribers only."""

from datetime import date

from sources.definition import Feed, Layout, Source

SOURCE = Source(
    name="tempo",
    title="Tempo.co",
    domains=("tempo.co",),
    finds=(
        Feed("https://rss.tempo.co/nasional"),
        Feed("https://rss.tempo.co/bisnis"),
        Feed("https://rss.tempo.co/hukum"),
    ),
    article=r"https?://(?:(?:www\.)?tempo\.co/[a-z0-9-]+/[a-z0-9-]*-\d{4,8}/?(?:[?#]|$)"
    r"|[a-z]+\.tempo\.co/read/(?:news/\d{4}/\d\d/\d\d/)?\d+(?:[/?#]|$))",
    exclude=r"//(?:video|foto|grafis|rss|indeks)\.|/(?:penulis|tag|indeks|search|video|foto|podcast|subscribe|info-tempo"
    r"|newsletter|data/infografik)(?:/|$|\?)",
    layouts=(
        Layout(
            title=("h1",),
            authors=("a[href*='/penulis/']",),
            body=("#content-wrapper", ".detail-content"),
            picture=("figure",),
            image=("img@src",),
            caption=("figcaption",),
            tags=("a[href^='/tag/']",),
        ),
        Layout(  # 2016 to 2024
            title=("h1[itemprop=headline]", "h1"),
            published=("#date", ".date"),
            authors=("#author", "[itemprop=author]"),
            body=("#isi", ".detail-in"),
            drop=(".paywall", ".inner-recommend"),
            caption=("figcaption",),
            image=("figure img@src",),
            tags=(".tags a",),
            valid_until=date(2024, 12, 31),
        ),
        Layout(  # 2015: picture and headline are found without selectors; the byline is the story's last line
            published=(".tanggal",),
            body=(".artikel",),
            valid_until=date(2016, 12, 31),
        ),
    ),
    outlets=("TEMPO.CO", "Tempo.co", "TEMPO Interaktif"),
    terms="robots.txt bars many AI agents and nothing for others; scripts often get a 403, and part of the "
    "stories is for subscribers alone.",
    delay=10.0,
    least_listed=5,
)

"""A portal of the twenties drawn by a JavaScript framework: generated class names, little markup of meaning."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="next-hash",
    years=(2019, 2026),
    address="/{slug}-{number}",
    stamps=("long", "short-month", "bar"),
    datelines=("capitals-and-site", "site", "place"),
    credits=("foto-dok", "foto-name-site", "antara-foto", "istimewa"),
    byline=(
        '<div class="css-1k3vu"><a class="css-77ab" href="/penulis/a"><p class="chakra-text css-2gh">{authors}</p></a><p class="chakra-text css-9p">Penulis</p></div>',
        '<div class="css-1k3vu"><a class="css-77ab" href="/penulis/b"><p class="chakra-text css-2gh">{editors}</p></a><p class="chakra-text css-9p">Editor</p></div>',
    ),
    joiner=", ",
    metadata=frozenset({"og", "times", "json-ld", "description", "canonical", "author"}),
    subhead="<h2 class='css-h2x'>{}</h2>",
    picture='<div class="css-im1"><span><img src="{src}" alt="{alt}" decoding="async"></span><p class="chakra-text css-cap">{caption}</p></div>',
    teaser='<div class="css-rel"><a href="{url}"><p class="chakra-text css-ttl">{title}</p></a><p class="chakra-text css-tm">{stamp}</p></div>',
    template="""<!DOCTYPE html><html lang="id"><head><meta charSet="{{charset}}"/><meta name="viewport" content="width=device-width"/>
{{head}}
<link rel="preload" href="/_next/static/chunks/main.js" as="script"/></head>
<body><div id="__next"><div class="css-0"><header class="css-hd"><a href="/"><p class="chakra-text">{{name}}</p></a></header>
{{above}}
<div class="css-wrap"><div class="css-col8">
<p class="chakra-text css-kn"><a href="/{{section}}">{{section}}</a></p>
<h1 class="chakra-heading css-jdl">{{headline}}</h1>
<p class="chakra-text css-tgl">{{stamp}}</p>
<div class="css-ppl">{{byline}}</div>
{{picture}}
<div class="css-isi{{story_class}}">
{{story}}
</div>
{{foot}}
<div class="css-tags">{{tags}}</div>
{{below}}
<div class="css-bw"><p class="chakra-text css-bwh">Baca Lainnya</p>
{{teasers}}
</div></div>
<div class="css-col4">{{side}}</div></div>
<footer class="css-ft"><p class="chakra-text">&copy; {{year}} {{name}}</p></footer></div></div>
<script src="/_next/static/chunks/webpack.js" defer=""></script></body></html>""",
)

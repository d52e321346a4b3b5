"""The AMP twin of a portal's page: amp-img, amp-ad, all data in JSON-LD."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="amp",
    years=(2017, 2024),
    address="/amp/{number}/{slug}",
    stamps=("dash", "long", "short-month"),
    datelines=("site", "capitals-and-site", "place"),
    credits=("foto-name-site", "foto-wire", "istimewa", "dok"),
    byline=('<div class="author-amp">{authors} - {name}</div>',),
    foot=("<p>Editor: {editors}</p>",),
    metadata=frozenset({"json-ld", "description", "canonical", "times", "og"}),
    subhead="<h2>{}</h2>",
    picture='<figure class="amp-foto"><amp-img src="{src}" width="700" height="393" layout="responsive" alt="{alt}"></amp-img><figcaption>{caption}</figcaption></figure>',
    teaser='<li><a href="{url}"><amp-img src="{src}" width="80" height="60"></amp-img><span>{title}</span></a></li>',
    template="""<!doctype html>
<html amp lang="id">
<head>
<meta charset="{{charset}}">
<script async src="https://cdn.example/v0.js"></script>
{{head}}
<meta name="viewport" content="width=device-width,minimum-scale=1,initial-scale=1">
<style amp-boilerplate>body{-webkit-animation:-amp-start 8s steps(1,end) 0s 1 normal both}</style>
</head>
<body>
<amp-sidebar id="menu" layout="nodisplay"><ul><li><a href="/">Beranda</a></li><li><a href="/ekonomi">Ekonomi</a></li></ul></amp-sidebar>
<header class="headerbar"><a href="/">{{name}}</a></header>
{{above}}
<main>
<amp-ad width="320" height="50" type="doubleclick" data-slot="/1/top"></amp-ad>
<article class="amp-artikel">
<div class="kanal">{{section}}</div>
<h1>{{headline}}</h1>
{{byline}}
<div class="tgl-amp">{{stamp}}</div>
<amp-social-share type="facebook"></amp-social-share>
{{picture}}
<div class="isi-amp{{story_class}}">
{{story}}
{{foot}}
</div>
<div class="tag-amp">{{tags}}</div>
</article>
{{below}}
<section class="terkait-amp"><h3>Berita Terkait</h3><ul>
{{teasers}}
</ul></section>
{{side}}
</main>
<footer>&copy; {{year}} {{site}}</footer>
</body></html>""",
)

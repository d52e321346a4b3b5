"""The site of a large newspaper since 2016: byline with roles, one paragraph an element, data for search engines."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="koran-baca",
    years=(2016, 2026),
    address="/read/{yyyy}/{mm}/{dd}/{number}/{slug}",
    stamps=("outlet-first", "outlet-first", "bar"),
    datelines=("capitals-and-site", "site", "capitals-and-site-em"),
    credits=("capitals", "antara-foto", "dok", "site-slash-name"),
    byline=(
        '<div class="credit-title"><div class="credit-title-name"><h6>{authors}</h6></div><span>Penulis</span></div>',
        '<div class="credit-title"><div class="credit-title-name"><h6>{editors}</h6></div><span>Editor</span></div>',
    ),
    joiner=", ",
    json_author="author",
    metadata=frozenset({"og", "times", "json-ld", "description", "canonical", "author", "keywords"}),
    subhead="<h2><strong>{}</strong></h2>",
    picture=(
        '<div class="photo"><img src="{src}" alt="{alt}"><div class="photo__caption">{caption}'
        '<span class="photo__author">({credit})</span></div></div>'
    ).replace("({credit})", "{credit}"),
    teaser=(
        '<div class="most__list"><div class="most__count">1</div><a class="most__link" href="{url}">'
        '<h4 class="most__title">{title}</h4></a><div class="most__read">dibaca 2.431 kali</div></div>'
    ),
    template="""<!DOCTYPE html>
<html lang="id-ID">
<head>
<meta charset="{{charset}}">
<meta name="viewport" content="width=device-width, initial-scale=1">
{{head}}
</head>
<body>
<header class="header"><a class="logo" href="/">{{name}}</a><nav><a href="/tren">Tren</a><a href="/regional">Regional</a></nav></header>
{{above}}
<div class="container clearfix">
<ul class="breadcrumb__wrap"><li><a href="/">Home</a></li><li><a href="/{{section}}">{{section}}</a></li></ul>
<h1 class="read__title">{{headline}}</h1>
<div class="read__header"><div class="read__time">{{stamp}}</div>
<div class="social--inline"><a>Bagikan</a><a class="comment">Komentar</a></div></div>
<div class="credit">{{byline}}</div>
<div class="row"><div class="col-bs10-7">
{{picture}}
<div class="read__article mt2 clearfix">
<div class="read__content{{story_class}}">
<div class="clearfix">
{{story}}
</div>
</div>
</div>
{{foot}}
<div class="tag"><h3>TAG</h3><ul class="tag__article__wrap"><li>{{tags}}</li></ul></div>
{{below}}
</div>
<div class="col-bs10-3">{{side}}
<div class="most"><div class="title-box"><h3>Terpopuler</h3></div>
{{teasers}}
</div></div></div></div>
<footer class="footer"><p>Copyright 2008 - {{year}} {{site}}. All rights reserved.</p></footer>
</body></html>""",
)

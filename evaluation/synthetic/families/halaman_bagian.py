"""A portal whose stories come in parts on one page, byline and time in one line above."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="halaman-bagian",
    years=(2014, 2024),
    address="/{section}/read/{number}/{slug}".replace("{section}", "daerah"),
    stamps=("short-month",),
    datelines=("site-and-place", "site-and-place", "site"),
    credits=("site-slash-name", "foto-dok", "foto-name", "social"),
    byline=(
        '<span class="read-page--header--author__byline">Oleh <a class="url fn" href="/me/1"><span class="name">{authors}</span></a></span>',
    ),
    foot=("<p><strong>(Abc/Def)</strong></p>",),
    metadata=frozenset({"og", "times", "json-ld", "description", "canonical", "keywords"}),
    joiner=", ",
    subhead="<h2>{}</h2>",
    picture=(
        '<figure class="read-page--photo-gallery--item" data-image="{src}"><div class="inner"><picture><img src="{src}" alt="{alt}" width="640"></picture></div>'
        '<figcaption class="read-page--photo-gallery--item__caption"><span>{caption}</span></figcaption></figure>'
    ),
    teaser=(
        '<article class="articles--iridescent-list--item"><h4 class="articles--iridescent-list--text-item__title"><a href="{url}" title="{title}">{title}</a></h4>'
        "<time>{stamp}</time></article>"
    ),
    template="""<!DOCTYPE html>
<html lang="id">
<head>
<meta charset="{{charset}}">
{{head}}
<script>window.kmklabs = {}; window.kmklabs.env = 'production';</script>
</head>
<body class="articles show">
<header class="navbar"><a href="/" class="navbar--top--logo">{{name}}</a></header>
{{above}}
<div class="container-main"><div class="container-article">
<article class="hentry main read-page--core-article">
<header class="read-page--header">
<ul class="read-page--breadcrumb"><li><a href="/{{section}}"><span>{{section}}</span></a></li></ul>
<h1 class="read-page--header--title entry-title">{{headline}}</h1>
<p class="read-page--header--author">{{byline}} <span class="read-page--header--author__datetime-wrapper">pada <time class="read-page--header--author__datetime updated">{{stamp}}</time></span></p>
</header>
<div class="read-page--top-media">{{picture}}</div>
<div class="article-content-body">
<div class="article-content-body__item-page{{story_class}}" data-page="1"><div class="article-content-body__item-content">
{{story}}
{{foot}}
</div></div></div>
<div class="tags"><ul class="tags--snippet__list">{{tags}}</ul></div>
</article>
{{below}}
<section class="articles--iridescent-list"><h3>Artikel Lainnya</h3>
{{teasers}}
</section></div>
<div class="container-aside">{{side}}</div></div>
<footer class="site-footer">&copy; {{year}} {{site}}</footer>
</body></html>""",
)

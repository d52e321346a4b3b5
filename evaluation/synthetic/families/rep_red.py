"""A daily's portal that names reporter and editor as "Rep: … / Red: …", with Ahad for Sunday."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="rep-red",
    years=(2013, 2025),
    address="/berita/{number}/{slug}",
    stamps=("no-comma", "old-spelling", "long"),
    datelines=("site-capitals-and-place", "site-capitals-and-place", "site"),
    credits=("foto-wire", "antara-open", "foto-name", "wire-open"),
    byline=('<div class="by">Rep: {authors}/ Red: {editors}</div>',),
    metadata=frozenset({"og", "times", "json-ld", "description", "canonical"}),
    json_author="editor",
    joiner=", ",
    paragraphs="spaced",
    subhead="<p><b>{}</b></p>",
    picture='<div class="picked-article"><figure><img src="{src}" alt="{alt}" width="750"><p class="credit-photo">{credit}</p><figcaption class="caption-gambar">{caption}</figcaption></figure></div>',
    teaser='<div class="list-group-item"><a href="{url}"><img src="{src}" width="120"><h2>{title}</h2></a><span class="date">{stamp}</span></div>',
    template="""<!DOCTYPE html>
<html lang="id">
<head>
<meta charset="{{charset}}">
{{head}}
</head>
<body>
<nav class="navbar"><a class="navbar-brand" href="/">{{name}}</a></nav>
{{above}}
<div class="wrap-body"><div class="main-content__left">
<div class="page-head"><a href="/{{section}}">{{section}}</a></div>
<div class="max-card__title"><h1>{{headline}}</h1></div>
<div class="date-item__headline">{{stamp}}</div>
<div class="red">{{byline}}</div>
{{picture}}
<div class="article-content{{story_class}}"><article>
{{story}}
{{foot}}
</article></div>
<div class="tags"><ul>{{tags}}</ul></div>
{{below}}
<div class="baca-juga-lainnya"><h3>BERITA LAINNYA</h3>
{{teasers}}
</div></div>
<aside class="main-content__right">{{side}}</aside></div>
<footer class="footer">{{name}} &copy; {{year}}</footer>
</body></html>""",
)

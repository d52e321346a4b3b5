"""A network of regional papers: today's date in the head, an outlet of its own for each town, many boxes."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="jaringan-daerah",
    years=(2013, 2026),
    address="/{yyyy}/{mm}/{dd}/{slug}",
    stamps=("label", "long", "label"),
    datelines=("capitals-and-site", "site-capitals-and-place", "capitals-and-site-em"),
    credits=("capitals", "foto-dok", "ist", "antara-plain", "site-slash-name"),
    foot=(
        '<div class="f12 grey mb10" id="penulis">Penulis: {authors}</div>',
        '<div class="f12 grey mb10" id="editor">Editor: {editors}</div>',
    ),
    joiner=", ",
    json_author="outlet",
    metadata=frozenset({"og", "times", "json-ld", "description", "canonical", "keywords", "author"}),
    subhead="<p><strong>{}</strong></p>",
    picture=(
        '<div class="pb20 ovh"><div class="ovh imgfull_div" id="artimg"><a href="{src}"><img src="{src}" alt="{alt}" class="imgfull" width="700"></a></div>'
        '<div class="ovh"><div class="arial f12 pt5 grey2 fl">{credit}</div><div class="cl2"></div>'
        '<div class="arial f12 pt5 grey2">{caption}</div></div></div>'
    ),
    teaser=(
        '<li class="p1520 art-list pos_rel"><div class="fr mt5 pos_rel"><a href="{url}"><img src="{src}" width="90"></a></div>'
        '<div class="mr140"><h3><a href="{url}" class="f20 ln24">{title}</a></h3><div class="grey pt5"><time class="foot timeago">{stamp}</time></div></div></li>'
    ),
    template="""<!DOCTYPE html>
<html lang="id-ID">
<head>
<meta charset="{{charset}}">
{{head}}
<script>var tribun = {"zone": "daerah"};</script>
</head>
<body id="bodyart">
<div id="header" class="header"><a href="/" id="logo">{{name}}</a><ul class="nav"><li><a href="/lokal">Lokal</a></li></ul></div>
{{above}}
<div class="main"><div class="content"><div class="fl w677">
<div class="pb5 f12 bc"><a href="/">Home</a> &rsaquo; <a href="/{{section}}">{{section}}</a></div>
<div id="article">
<h1 class="f50 black2 f400 crimson" id="arttitle">{{headline}}</h1>
<div class="mt10"><time class="grey">{{stamp}}</time> {{byline}}</div>
<div class="share"><a>Facebook</a><a>Twitter</a></div>
{{picture}}
<div class="side-article txt-article multi-fontsize{{story_class}}" id="txtarticle">
{{story}}
</div>
{{foot}}
<div class="mb10 f16 ln24 mb10 mt5">Tags:&nbsp;<h5 class="tagcloud3">{{tags}}</h5></div>
</div>
{{below}}
<div id="latestul"><h4 class="f20">Berita Terkini</h4><ul>
{{teasers}}
</ul></div>
</div>
<div class="fr w300">{{side}}<div class="most__wrapper"><h3>Berita Populer</h3></div></div>
</div></div>
<div id="footer"><p>&copy; {{year}} {{name}} Network</p></div>
</body></html>""",
)

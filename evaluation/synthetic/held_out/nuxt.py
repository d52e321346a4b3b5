"""A young portal: every piece a div with a generated name, no <article>, no <p>."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="nuxt",
    years=(2018, 2026),
    address="/baca/{number}/{slug}",
    stamps=("short-month", "dotted-clock", "slash-clock"),
    datelines=("site", "place-capitals", "capitals-and-site", "none"),
    credits=("foto-name-site", "istimewa", "antara-foto", "dok"),
    paragraphs="div",
    subhead='<div class="_h_91x"><strong>{}</strong></div>',
    byline=('<div class="_by_x2"><span>Penulis</span><span class="_nm_x2">{authors}</span></div>',),
    foot=('<div class="_ed_x2"><span>Penyunting</span><span class="_nm_x2">{editors}</span></div>',),
    joiner=", ",
    metadata=frozenset({"og", "times", "description", "canonical"}),
    picture='<div class="_im_7"><div class="_fr_7"><img src="{src}" alt="{alt}" loading="eager"></div><div class="_ct_7">{caption}</div><div class="_cr_7">{credit}</div></div>',
    teaser='<div class="_tl_3"><a href="{url}"><div class="_tt_3">{title}</div></a><div class="_td_3">{stamp}</div></div>',
    template="""<!doctype html>
<html data-n-head-ssr lang="id">
<head>
<meta data-n-head="ssr" charset="{{charset}}">
{{head}}
</head>
<body><div id="__nuxt"><div id="__layout"><div class="_app_1">
<div class="_bar_1"><a href="/">{{name}}</a><div class="_mn_1"><a href="/a">Ekonomi</a><a href="/b">Olahraga</a></div></div>
{{above}}
<div class="_pg_1"><div class="_lf_1">
<div class="_kn_1">{{section}}</div>
<div class="_hl_1"><h1>{{headline}}</h1></div>
<div class="_mt_1">{{byline}}<div class="_tm_1">{{stamp}}</div></div>
{{picture}}
<div class="_tx_1{{story_class}}">
{{story}}
</div>
{{foot}}
<div class="_tg_1">{{tags}}</div>
{{below}}
<div class="_mr_1"><div class="_mh_1">Lainnya</div>
{{teasers}}
</div></div><div class="_rt_1">{{side}}</div></div>
<div class="_ft_1">Hak cipta {{year}} {{name}}</div>
</div></div></div><script>window.__NUXT__={layout:"default",data:[{}]}</script></body></html>""",
)

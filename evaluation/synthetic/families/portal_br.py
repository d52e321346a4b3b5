"""A national portal of 2009 to 2016: the story is one element with line breaks, the byline names the desk."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="portal-br",
    years=(2009, 2017),
    address="/read/{yyyy}/{mm}/{dd}/{number}/103/{slug}",
    paragraphs="br",
    subhead="<b>{}</b>",
    stamps=("slashes", "slashes", "long"),
    datelines=("place", "place", "none"),
    credits=("foto-name-site", "ist", "foto-wire-alone", "foto-dok"),
    byline=('<div class="author"><strong>{authors}</strong> - {name}</div>',),
    foot=("<strong>(abc/def)</strong>",),
    metadata=frozenset({"og", "times", "description", "keywords", "canonical"}),
    picture='<div class="pic_artikel"><img src="{src}" alt="{alt}" width="460" /><span>{caption}</span></div>',
    teaser='<li><a href="{url}">{title}</a><span class="labdate">{stamp}</span></li>',
    template="""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="{{charset}}">
{{head}}
<script type="text/javascript">var _paq = _paq || []; _paq.push(['trackPageView']);</script>
</head>
<body>
<div id="header"><a href="/" class="logo"><img src="/img/logo.png" alt="{{name}}"></a>
<ul class="nav"><li><a href="/news">News</a></li><li><a href="/finance">Finance</a></li><li><a href="/sport">Sport</a></li></ul></div>
{{above}}
<div class="container">
<div class="lf_content">
<div class="breadcrumb"><a href="/">Home</a> &raquo; <a href="/{{section}}">{{section}}</a></div>
<article>
<div class="jdl">
<div class="date">{{stamp}}</div>
<h1>{{headline}}</h1>
{{byline}}
</div>
<div class="share_box"><a class="fb">Share</a> <a class="tw">Tweet</a> 0</div>
<div class="detail_text{{story_class}}" id="detikdetailtext">
{{picture}}
{{story}}
<br>
{{foot}}
</div>
<div class="tags">Tags: {{tags}}</div>
</article>
{{below}}
<div class="newsfeed"><h4>Berita Terbaru</h4><ul>
{{teasers}}
</ul></div>
</div>
<div class="rg_content">{{side}}<h4>Most Popular</h4><ul><li><a href="/a">Indeks Berita</a></li></ul></div>
</div>
<div id="footer">Copyright &copy; {{year}} {{site}}. Redaksi | Pedoman Media Siber | Karir</div>
</body></html>""",
)

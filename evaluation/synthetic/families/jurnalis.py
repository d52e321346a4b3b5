"""A portal that prints "Name, Jurnalis" and the time with a bar, and an editor in brackets' place below."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="jurnalis",
    years=(2012, 2024),
    address="/read/{yyyy}/{mm}/{dd}/337/{number}/{slug}",
    stamps=("bar", "bar", "dash"),
    datelines=("place-capitals", "place-en-dash", "place-capitals"),
    credits=("foto-name-site", "foto-wire-alone", "foto-dok", "foto-name-slash-site-open"),
    byline=('<div class="namerep"><a>{authors}</a> , Jurnalis</div>',),
    foot=('<div class="editor-bawah">Editor : {editors}</div>',),
    joiner=", ",
    metadata=frozenset({"og", "times", "description", "canonical", "keywords"}),
    subhead="<p><strong>{}</strong></p>",
    picture='<div class="foto-detail"><img id="imgCheck" src="{src}" alt="{alt}" width="640"><div class="caption-foto">{caption}</div></div>',
    teaser='<li class="col-md-12"><a href="{url}" class="ga_terkait"><h3>{title}</h3></a><time>{stamp}</time></li>',
    template="""<!DOCTYPE html>
<html lang="id">
<head>
<meta charset="{{charset}}">
{{head}}
</head>
<body>
<div class="header-wrap"><a href="/" class="logo-okz">{{name}}</a><div class="menu"><a href="/nasional">Nasional</a></div></div>
{{above}}
<section class="container-bodyhome-left"><div id="wraptittle">
<div class="breadcrumb"><a href="/">HOME</a><a href="/{{section}}">{{section}}</a></div>
<div class="title"><h1>{{headline}}</h1></div>
<div class="reporter">{{byline}}<div class="namerep"><b>{{stamp}}</b></div></div>
</div>
<div class="share-buttons"><span>A</span><span>A</span><span>A</span></div>
{{picture}}
<div id="contentx" class="read{{story_class}}">
{{story}}
{{foot}}
</div>
<div class="detail-tag newtag"><ul><li>{{tags}}</li></ul></div>
{{below}}
<div class="beritaterkait"><h2>BERITA TERKAIT</h2><ul>
{{teasers}}
</ul></div>
</section>
<div class="container-bodyhome-right">{{side}}</div>
<div class="footer">&copy; 2007 - {{year}} {{site}}, All Rights Reserved</div>
</body></html>""",
)

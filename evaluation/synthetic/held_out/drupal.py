"""A weekly's Drupal 7 site: fields in nested elements, the byline in the "submitted" line."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="drupal",
    years=(2010, 2020),
    address="/{section}/{slug}-{number}".replace("{section}", "berita"),
    stamps=("dash", "long"),
    datelines=("site", "place-capitals", "capitals-and-site"),
    credits=("foto-name", "foto-name-site", "istimewa"),
    byline=('<span class="username">Oleh: {authors}</span>',),
    foot=(
        '<div class="field field-name-field-editor field-label-inline"><div class="field-label">Editor:&nbsp;</div>'
        '<div class="field-items"><div class="field-item even">{editors}</div></div></div>',
    ),
    metadata=frozenset({"og", "description", "canonical"}),
    subhead="<h3>{}</h3>",
    picture=(
        '<div class="field field-name-field-image field-type-image field-label-hidden"><div class="field-items">'
        '<div class="field-item even"><img typeof="foaf:Image" src="{src}" width="640" height="400" alt="{alt}" />'
        '<blockquote class="image-field-caption"><p>{caption}</p></blockquote></div></div></div>'
    ),
    teaser=(
        '<li class="views-row"><div class="views-field views-field-title"><span class="field-content">'
        '<a href="{url}">{title}</a></span></div></li>'
    ),
    template="""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML+RDFa 1.0//EN" "http://www.w3.org/MarkUp/DTD/xhtml-rdfa-1.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="id" version="XHTML+RDFa 1.0" dir="ltr">
<head profile="http://www.w3.org/1999/xhtml/vocab">
<meta http-equiv="Content-Type" content="text/html; charset={{charset}}" />
{{head}}
</head>
<body class="html not-front not-logged-in one-sidebar page-node node-type-article">
<div id="skip-link"><a href="#main-content">Skip to main content</a></div>
<div id="page-wrapper"><div id="page"><div id="header"><div id="site-name"><strong><a href="/">{{name}}</a></strong></div></div>
{{above}}
<div id="main-wrapper"><div id="main" class="clearfix">
<div id="content" class="column"><div class="section"><a id="main-content"></a>
<h1 class="title" id="page-title">{{headline}}</h1>
<div class="tabs"></div>
<div class="region region-content"><div id="block-system-main" class="block block-system"><div class="content">
<div id="node-{{year}}1" class="node node-article node-promoted clearfix" typeof="sioc:Item foaf:Document">
<div class="meta submitted">{{byline}} <span class="tanggal">{{stamp}}</span></div>
<div class="content clearfix">
{{picture}}
<div class="field field-name-body field-type-text-with-summary field-label-hidden{{story_class}}"><div class="field-items">
<div class="field-item even" property="content:encoded">
{{story}}
</div></div></div>
{{foot}}
<div class="field field-name-field-tags field-type-taxonomy-term-reference"><div class="field-label">Tags:&nbsp;</div>
<div class="field-items">{{tags}}</div></div>
</div>
</div>
</div></div></div>
{{below}}
</div></div>
<div id="sidebar-first" class="column sidebar"><div class="section">{{side}}
<div class="block block-views"><h2>Berita Terkini</h2><div class="content"><ul>
{{teasers}}
</ul></div></div></div></div>
</div></div>
<div id="footer"><p>{{name}} &copy; {{year}}</p></div></div></div>
</body></html>""",
)

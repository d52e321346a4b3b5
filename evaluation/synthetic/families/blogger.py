"""A local news blog: the story is one element with line breaks, time in an abbreviation's title."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="blogger",
    years=(2010, 2022),
    address="/{yyyy}/{mm}/{slug}.html",
    paragraphs="br",
    subhead="<b>{}</b>",
    stamps=("weekday-day", "long-day"),
    datelines=("capitals-and-site", "site", "place-capitals", "none"),
    credits=("foto-name", "ist", "foto-dok"),
    byline=(
        '<span class="post-author vcard">Diposting oleh <span class="fn" itemprop="author" itemscope="itemscope"><a class="g-profile" href="/p/1" rel="author"><span itemprop="name">{authors}</span></a></span></span>',
    ),
    metadata=frozenset({"og", "description", "canonical"}),
    picture=(
        '<table align="center" cellpadding="0" cellspacing="0" class="tr-caption-container" style="margin-left: auto; margin-right: auto;"><tbody><tr><td style="text-align: center;">'
        '<a href="{src}"><img border="0" height="265" src="{src}" width="400" /></a></td></tr><tr><td class="tr-caption" style="text-align: center;">{caption}</td></tr></tbody></table>'
    ),
    teaser='<li><div class="item-title"><a href="{url}">{title}</a></div></li>',
    template="""<!DOCTYPE html>
<html class='v2' dir='ltr' xmlns='http://www.w3.org/1999/xhtml'>
<head>
<meta content='text/html; charset={{charset}}' http-equiv='Content-Type'/>
<meta content='blogger' name='generator'/>
{{head}}
</head>
<body class='loading'>
<div class='content-outer'><header><div class='header section' id='header'><div class='titlewrapper'><h1 class='title'><a href='/'>{{name}}</a></h1></div></div></header>
{{above}}
<div class='main-outer'><div class='main section' id='main'><div class='widget Blog' id='Blog1'><div class='blog-posts hfeed'>
<div class="date-outer"><div class="date-posts"><div class='post-outer'>
<div class='post hentry uncustomized-post-template' itemprop='blogPost' itemscope='itemscope' itemtype='http://schema.org/BlogPosting'>
<h3 class='post-title entry-title' itemprop='name'>{{headline}}</h3>
<div class='post-header'><span class='post-timestamp'><a class='timestamp-link' href='{{url}}' rel='bookmark' title='permanent link'><abbr class='published' itemprop='datePublished' title='{{iso}}'>{{stamp}}</abbr></a></span> {{byline}}</div>
<div class='post-body entry-content{{story_class}}' id='post-body-77' itemprop='description articleBody'>
<div class="separator">{{picture}}</div>
{{story}}
<div style='clear: both;'></div>
</div>
{{foot}}
<div class='post-footer'><div class='post-footer-line'><span class='post-labels'>Label: {{tags}}</span></div></div>
</div>
{{below}}
</div></div></div></div></div></div>
<aside><div class='sidebar section'>{{side}}<div class='widget PopularPosts'><h2>Entri Populer</h2><ul>
{{teasers}}
</ul></div></div></aside></div></div>
</body></html>""",
)

"""A regional paper on a bought newspaper theme since 2015: many boxes of posts, time in <time>."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="wp-koran",
    years=(2015, 2026),
    address="/{slug}/",
    stamps=("long-day", "english-day", "long"),
    datelines=("capitals-and-site", "place-en-dash", "site-en-dash", "capitals-and-site-em"),
    credits=("foto-name", "istimewa", "foto-dok", "foto-name-site"),
    byline=(
        '<div class="td-post-author-name"><div class="td-author-by">By</div> <a href="/author/x/">{authors}</a><div class="td-author-line"> - </div></div>',
    ),
    foot=("<p><strong>Editor: {editors}</strong></p>",),
    metadata=frozenset({"og", "times", "json-ld", "description", "canonical"}),
    subhead="<h3>{}</h3>",
    picture=(
        '<div class="td-post-featured-image"><figure><a href="{src}" class="td-modal-image"><img width="696" height="464" class="entry-thumb" src="{src}" alt="{alt}"/></a>'
        '<figcaption class="wp-caption-text">{caption}</figcaption></figure></div>'
    ),
    teaser=(
        '<div class="td_module_6 td_module_wrap"><div class="td-module-thumb"><a href="{url}"><img src="{src}" width="100"></a></div><div class="item-details">'
        '<h3 class="entry-title td-module-title"><a href="{url}" rel="bookmark">{title}</a></h3><span class="td-post-date"><time class="entry-date">{stamp}</time></span></div></div>'
    ),
    template="""<!doctype html>
<html lang="id">
<head>
<meta charset="{{charset}}" />
{{head}}
</head>
<body class="post-template-default single single-post single-format-standard td-standard-pack">
<div id="td-outer-wrap"><div class="td-header-wrap"><div class="td-header-sp-logo"><a class="td-main-logo" href="/"><img src="/logo.png" alt="{{name}}"/></a></div></div>
{{above}}
<div class="td-main-content-wrap"><div class="td-container">
<div class="td-crumb-container"><div class="entry-crumbs"><span><a href="/">Beranda</a></span> <span><a href="/{{section}}">{{section}}</a></span></div></div>
<div class="td-pb-row"><div class="td-pb-span8 td-main-content" role="main"><div class="td-ss-main-content">
<article id="post-1024" class="post-1024 post type-post status-publish hentry">
<div class="td-post-header"><ul class="td-category"><li class="entry-category"><a href="/{{section}}">{{section}}</a></li></ul>
<header class="td-post-title"><h1 class="entry-title">{{headline}}</h1>
<div class="td-module-meta-info">{{byline}}<span class="td-post-date"><time class="entry-date updated td-module-date" datetime="{{iso}}">{{stamp}}</time></span>
<div class="td-post-views"><i class="td-icon-views"></i><span class="td-nr-views">1203</span></div></div></header></div>
<div class="td-post-content tagdiv-type{{story_class}}">
{{picture}}
{{story}}
{{foot}}
</div>
<footer><div class="td-post-source-tags"><ul class="td-tags td-post-small-box"><li><span>TAGS</span></li>{{tags}}</ul></div></footer>
</article>
{{below}}
<div class="td_block_related_posts"><h4 class="td-related-title">ARTIKEL TERKAIT</h4>
{{teasers}}
</div>
</div></div>
<div class="td-pb-span4 td-main-sidebar"><div class="td-ss-main-sidebar">{{side}}</div></div></div></div></div>
<div class="td-footer-wrapper"><div class="td-sub-footer-copy">&copy; {{name}} {{year}}</div></div></div>
</body></html>""",
)

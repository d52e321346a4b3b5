"""A local portal on another bought theme: content-inner, jeg_ classes, meta line with comments and views."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="jnews",
    years=(2017, 2026),
    address="/{section}/{number}/{slug}/".replace("{section}", "news"),
    stamps=("long-day", "dashes", "zoneless"),
    datelines=("site-en-dash", "capitals-and-site", "place-en-dash", "bracket"),
    credits=("foto-name-open", "foto-dok-open", "istimewa", "foto-name"),
    byline=(
        '<div class="jeg_meta_author"><img src="/avatar.png"><span class="meta_text">by</span> <a href="/author/a">{authors}</a></div>',
    ),
    foot=('<p class="penyunting">Penyunting: {editors}</p>',),
    metadata=frozenset({"og", "times", "json-ld", "description", "canonical"}),
    subhead="<h2>{}</h2>",
    picture=(
        '<div class="jeg_featured featured_image"><a href="{src}"><div class="thumbnail-container"><img src="{src}" alt="{alt}" width="750" height="375"></div>'
        '<p class="wp-caption-text">{caption}</p></a></div>'
    ),
    teaser=(
        '<article class="jeg_post jeg_pl_sm"><div class="jeg_thumb"><a href="{url}"><img src="{src}"></a></div><div class="jeg_postblock_content">'
        '<h3 class="jeg_post_title"><a href="{url}">{title}</a></h3><div class="jeg_post_meta"><div class="jeg_meta_date">{stamp}</div></div></div></article>'
    ),
    template="""<!doctype html>
<html lang="id" itemscope="itemscope" itemtype="https://schema.org/WebPage">
<head>
<meta charset="{{charset}}">
{{head}}
</head>
<body class="post-template-default single jeg_toggle_light jnews jsc_normal">
<div class="jeg_viewport"><div class="jeg_header_wrapper"><div class="jeg_topbar"><div class="jeg_nav_item"><a href="/login">Login</a></div></div><a class="jeg_logo_img" href="/">{{name}}</a></div>
{{above}}
<div class="post-wrapper"><div class="jeg_main"><div class="jeg_container"><div class="jeg_content jeg_singlepage"><div class="container"><div class="row"><div class="jeg_main_content col-md-8"><div class="jeg_inner_content">
<div class="jeg_breadcrumbs"><span><a href="/">Home</a></span> <span><a href="/{{section}}">{{section}}</a></span></div>
<div class="entry-header"><h1 class="jeg_post_title">{{headline}}</h1>
<div class="jeg_meta_container"><div class="jeg_post_meta jeg_post_meta_1"><div class="meta_left">{{byline}}<div class="jeg_meta_date"><a href="{{url}}">{{stamp}}</a></div><div class="jeg_meta_category"><span><span class="meta_text">in</span> <a href="/{{section}}">{{section}}</a></span></div></div>
<div class="meta_right"><div class="jeg_meta_comment"><a href="#c"><i class="fa fa-comment-o"></i> 0</a></div></div></div></div></div>
{{picture}}
<div class="jeg_share_top_container"><div class="jeg_share_stats"><div class="counts">0</div><span class="sharetext">SHARES</span><div class="counts">12</div><span class="sharetext">VIEWS</span></div></div>
<div class="entry-content no-share"><div class="content-inner{{story_class}}">
{{story}}
{{foot}}
<div class="jeg_post_tags"><span>Tags:</span> {{tags}}</div>
</div></div>
{{below}}
<div class="jnews_related_post_container"><div class="jeg_block_heading"><h3>Related Posts</h3></div>
{{teasers}}
</div>
</div></div>
<div class="jeg_sidebar col-md-4">{{side}}</div></div></div></div></div></div></div>
<div class="jeg_footer"><p class="copyright">&copy; {{year}} {{name}}</p></div></div>
</body></html>""",
)

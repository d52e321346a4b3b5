"""A regional site on a WordPress theme of the first years: "Posted on … by …"."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="wp-klasik",
    years=(2008, 2016),
    address="/{yyyy}/{mm}/{dd}/{slug}/",
    stamps=("english-day", "long-day"),
    datelines=("place-en-dash", "site-en-dash", "capitals-and-site", "none"),
    credits=("foto-name-open", "ist", "foto-name"),
    byline=(
        '<span class="meta-sep">by</span> <span class="author vcard"><a class="url fn n" href="/author/redaksi/">{authors}</a></span>',
    ),
    metadata=frozenset({"og", "times", "description", "canonical"}),
    picture=(
        '<div id="attachment_77" style="width: 310px" class="wp-caption alignleft"><a href="{src}"><img class="size-medium wp-image-77" src="{src}" alt="{alt}" width="300" height="200" /></a>'
        '<p class="wp-caption-text">{caption}</p></div>'
    ),
    teaser='<li><a href="{url}">{title}</a></li>',
    template="""<!DOCTYPE html>
<html dir="ltr" lang="en-US">
<head>
<meta charset="{{charset}}" />
{{head}}
<link rel="pingback" href="/xmlrpc.php" />
</head>
<body class="single single-post postid-77 single-format-standard">
<div id="wrapper" class="hfeed">
<div id="header"><div id="masthead"><div id="branding"><div id="site-title"><span><a href="/" rel="home">{{name}}</a></span></div>
<div id="site-description">Kabar dari kampung kita</div></div></div></div>
{{above}}
<div id="main"><div id="container"><div id="content" role="main">
<div id="nav-above" class="navigation"><div class="nav-previous"><a href="/lama">&larr; Sebelumnya</a></div></div>
<div id="post-77" class="post-77 post type-post hentry">
<h1 class="entry-title">{{headline}}</h1>
<div class="entry-meta"><span class="meta-prep">Posted on</span> <a href="{{url}}" rel="bookmark"><span class="entry-date">{{stamp}}</span></a> {{byline}}</div>
<div class="entry-content{{story_class}}">
{{picture}}
{{story}}
{{foot}}
<div class="sharedaddy"><h3>Share this:</h3><ul><li><a>Twitter</a></li><li><a>Facebook</a></li></ul></div>
</div>
<div class="entry-utility">This entry was posted in <a href="/category/berita/" rel="category tag">{{section}}</a> and tagged {{tags}}. Bookmark the <a href="{{url}}">permalink</a>.</div>
</div>
{{below}}
</div></div>
<div id="primary" class="widget-area"><ul class="xoxo">{{side}}<li class="widget-container widget_recent_entries"><h3 class="widget-title">Recent Posts</h3><ul>
{{teasers}}
</ul></li></ul></div>
</div>
<div id="footer"><div id="site-generator"><a href="https://w.example">Proudly powered</a></div></div></div>
</body></html>""",
)

"""A news agency's bureau: dateline with the agency, reporter and editor below the story."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="kantor-berita",
    years=(2012, 2025),
    address="/berita/{number}/{slug}",
    stamps=("long", "english-month", "long"),
    datelines=("antara", "antara-news", "antara-area"),
    credits=("antara-plain", "antara-handout", "antara-open", "wire"),
    foot=(
        '<p class="text-muted small mt10">Pewarta: {authors}<br />',
        "Editor: {editors}<br />",
        "Copyright &copy; ANTARA {year}</p>",
    ),
    joiner=", ",
    json_author="editor",
    metadata=frozenset({"og", "times", "json-ld", "description", "canonical", "keywords"}),
    paragraphs="spaced",
    subhead="<p><strong>{}</strong></p>",
    picture=(
        '<figure class="image-overlay"><picture><img class="img-responsive" src="{src}" alt="{alt}"></picture>'
        '<div class="wp-caption"><p class="wp-caption-text">{caption}</p></div></figure>'
    ),
    teaser=(
        '<article class="simple-post"><div class="simple-thumb"><a href="{url}"><img src="{src}"></a></div><header>'
        '<h3><a href="{url}">{title}</a></h3><p class="simple-share"><span>{stamp}</span></p></header></article>'
    ),
    template="""<!DOCTYPE html>
<html lang="id">
<head>
<meta charset="{{charset}}">
{{head}}
</head>
<body>
<div class="top-bar"><ul><li><a href="/rss">RSS</a></li><li><a href="/kontak">Kontak</a></li></ul></div>
{{above}}
<main id="main-container"><div class="container"><div class="row">
<div class="col-md-8">
<article class="post-wrapper clearfix">
<header class="post-header clearfix">
<h1 class="post-title">{{headline}}</h1>
<p class="simple-share">{{stamp}} {{byline}}</p>
</header>
{{picture}}
<div class="post-content clearfix font17{{story_class}}">
{{story}}
{{foot}}
</div>
<footer class="post-meta"><div class="tags-widget"><span>Tags:</span> {{tags}}</div></footer>
</article>
{{below}}
</div>
<div class="col-md-4 sidebar">{{side}}
<h4>Terpopuler</h4>
{{teasers}}
</div>
</div></div></main>
<footer><p>Copyright &copy; {{name}} {{year}}</p></footer>
</body></html>""",
)

"""A regional site put together with a page builder: the story lies many elements deep, dates as icons' lists."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="blok-susun",
    years=(2018, 2026),
    address="/{yyyy}/{mm}/{slug}/",
    stamps=("english-month", "long", "gmt"),
    datelines=("site-and-place", "capitals-and-site", "place-em-dash"),
    credits=("foto-name-site", "foto-dok", "istimewa", "foto-name-open"),
    byline=(
        '<li class="elementor-icon-list-item" itemprop="author"><a href="/author/a"><span class="elementor-icon-list-icon"><i class="far fa-user-circle"></i></span>'
        '<span class="elementor-icon-list-text elementor-post-info__item elementor-post-info__item--type-author">{authors}</span></a></li>',
    ),
    foot=('<p class="has-small-font-size">Redaktur: {editors}</p>',),
    metadata=frozenset({"og", "times", "json-ld", "description", "canonical"}),
    subhead='<h3 class="wp-block-heading">{}</h3>',
    picture=(
        '<div class="elementor-widget elementor-widget-theme-post-featured-image elementor-widget-image"><div class="elementor-widget-container"><figure class="wp-caption">'
        '<img width="800" height="450" src="{src}" class="attachment-large" alt="{alt}"><figcaption class="widget-image-caption wp-caption-text">{caption}</figcaption></figure></div></div>'
    ),
    teaser=(
        '<article class="elementor-post elementor-grid-item"><div class="elementor-post__text"><h3 class="elementor-post__title"><a href="{url}">{title}</a></h3>'
        '<div class="elementor-post__meta-data"><span class="elementor-post-date">{stamp}</span></div></div></article>'
    ),
    template="""<!DOCTYPE html>
<html lang="id">
<head>
<meta charset="{{charset}}">
{{head}}
</head>
<body class="single single-post elementor-default elementor-page">
<div data-elementor-type="header" class="elementor elementor-location-header"><div class="elementor-section-wrap"><a href="/"><img src="/logo.svg" alt="{{name}}"></a></div></div>
{{above}}
<div data-elementor-type="single-post" class="elementor elementor-location-single post type-post">
<section class="elementor-section elementor-top-section"><div class="elementor-container"><div class="elementor-column elementor-col-66"><div class="elementor-widget-wrap">
<div class="elementor-widget elementor-widget-theme-post-title"><div class="elementor-widget-container"><h1 class="elementor-heading-title elementor-size-default">{{headline}}</h1></div></div>
<div class="elementor-widget elementor-widget-post-info"><div class="elementor-widget-container"><ul class="elementor-inline-items elementor-icon-list-items elementor-post-info">{{byline}}
<li class="elementor-icon-list-item" itemprop="datePublished"><span class="elementor-icon-list-icon"><i class="fas fa-calendar"></i></span><span class="elementor-icon-list-text elementor-post-info__item--type-date">{{stamp}}</span></li></ul></div></div>
{{picture}}
<div class="elementor-widget elementor-widget-theme-post-content"><div class="elementor-widget-container{{story_class}}">
{{story}}
{{foot}}
</div></div>
<div class="elementor-widget"><div class="elementor-widget-container">{{tags}}</div></div>
{{below}}
<div class="elementor-widget elementor-widget-posts"><div class="elementor-widget-container">
{{teasers}}
</div></div>
</div></div><div class="elementor-column elementor-col-33">{{side}}</div></div></section></div>
<div data-elementor-type="footer" class="elementor elementor-location-footer"><p>&copy; {{year}} {{name}}</p></div>
</body></html>""",
)

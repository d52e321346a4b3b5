"""A network of regional papers on one platform: "Name - outlet" and the time in one line, story in an article of its own."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="jaringan-koran",
    years=(2019, 2026),
    address="/{section}/pr-{number}/{slug}".replace("{section}", "regional"),
    stamps=("bar", "dotted-clock", "english-month"),
    datelines=("capitals-and-site-em", "site", "square"),
    credits=("antara-open", "site-slash-name", "social", "foto-wire-alone"),
    byline=('<div class="read__info__author"><a href="/author/1">{authors}</a></div>',),
    foot=('<div class="read__info__editor">Editor: <a href="/editor/1">{editors}</a></div>',),
    joiner=", ",
    metadata=frozenset({"og", "json-ld", "description", "canonical", "author", "keywords"}),
    subhead="<h4>{}</h4>",
    picture='<div class="photo"><div class="photo__img"><img src="{src}" alt="{alt}"></div><div class="photo__caption"><span class="photo__desc">{caption}</span> <span class="photo__src">{credit}</span></div></div>',
    teaser='<div class="latest__item"><a href="{url}" class="latest__link"><h2 class="latest__title">{title}</h2></a><date class="latest__date">{stamp}</date></div>',
    template="""<!DOCTYPE html>
<html lang="id">
<head>
<meta charset="{{charset}}"/>
{{head}}
</head>
<body>
<div class="header"><div class="header__logo"><a href="/">{{name}}</a></div></div>
{{above}}
<div class="container"><section class="main-content">
<div class="breadcrumb"><a href="/">Home</a><a href="/regional">{{section}}</a></div>
<h1 class="read__title">{{headline}}</h1>
<div class="read__info">{{byline}}<div class="read__info__date">- {{stamp}}</div></div>
<div class="social-share"><button>Copy Link</button></div>
{{picture}}
<article class="read__content clearfix{{story_class}}">
{{story}}
</article>
{{foot}}
<div class="tag"><ul class="tag__list">{{tags}}</ul></div>
{{below}}
<div class="latest"><div class="title">Terkini</div>
{{teasers}}
</div></section>
<aside class="sidebar">{{side}}</aside></div>
<footer><div class="footer__copyright">&copy;{{year}} {{name}}</div></footer>
</body></html>""",
)

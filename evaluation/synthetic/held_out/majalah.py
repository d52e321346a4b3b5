"""A weekly magazine's site: kicker, reporter and editor as a list of roles, time with a dot in the clock."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="majalah",
    years=(2011, 2026),
    address="/{section}/{slug}-{number}".replace("{section}", "nusantara"),
    stamps=("dotted-clock", "long", "pukul"),
    datelines=("site-capitals-and-place", "site-and-place", "site-then-place"),
    credits=("capitals", "wire-open", "antara-open", "foto-name-open"),
    foot=(
        '<dl class="tim"><dt>Reporter</dt><dd>{authors}</dd></dl>',
        '<dl class="tim"><dt>Editor</dt><dd>{editors}</dd></dl>',
    ),
    joiner=", ",
    metadata=frozenset({"og", "times", "json-ld", "description", "canonical"}),
    json_author="outlet",
    paragraphs="bare-p",
    subhead="<p><strong>{}</strong>",
    picture='<figure class="foto-besar"><img src="{src}" alt="{alt}" width="900" height="600"/><figcaption><em>{caption}</em></figcaption></figure>',
    teaser='<li class="kartu"><a href="{url}"><img src="{src}" alt=""/><strong>{title}</strong></a><small>{stamp}</small></li>',
    template="""<!DOCTYPE html>
<html lang="id">
<head>
<meta charset="{{charset}}">
{{head}}
</head>
<body class="baca">
<header id="kepala"><a href="/"><img src="/logo.svg" alt="{{name}}"></a><button>Menu</button></header>
{{above}}
<main id="utama">
<section class="judul-artikel">
<span class="rubrik">{{section}}</span>
<h1>{{headline}}</h1>
<p class="waktu">{{stamp}}</p>
<ul class="bagikan"><li>Salin tautan</li><li>Simpan</li></ul>
{{byline}}
</section>
{{picture}}
<section class="naskah{{story_class}}" id="naskah">
{{story}}
</section>
{{foot}}
<nav class="topik">{{tags}}</nav>
{{below}}
<section class="terkait"><h2>Artikel Terkait</h2><ul>
{{teasers}}
</ul></section>
</main>
<aside id="samping">{{side}}</aside>
<footer id="kaki"><p>&copy; {{year}} {{name}}</p></footer>
</body></html>""",
)

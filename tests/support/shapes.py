"""Pages of costly shapes: each is up to 5 MB of one thing, repeated, nested or prolonged, around a short story.

`SHAPES` has them by name. Nobody prints such a page on purpose; broken templates, endless lists and attackers do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

SENTENCE = (
    "Kapal pengangkut beras tiba di pelabuhan pada pagi hari setelah tiga hari berlayar dari pulau seberang, katanya."
)
TITLE = "Kapal Beras Tiba di Pelabuhan Lama"
_STAMP = "Selasa, 10 Juni 2025 08:00 WIB"


def around(middle: str, *, head: str = "", above: str = "", inside: str = "") -> bytes:
    """A page of two paragraphs, with something in the head, above the story, inside it, and below it."""
    return (
        f"<title>{TITLE}</title>{head}<h1>{TITLE}</h1>{above}<p>{_STAMP}</p>"
        f"<div class=isi><p>{SENTENCE}</p>{inside}<p>{SENTENCE}</p></div>{middle}"
    ).encode()


def _ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def _layout(body: str, *, above: str = "") -> bytes:
    """A page in the layout of the source newsstand, whose selectors count siblings."""
    return (
        f"<title>{TITLE}</title>{above}<h1 class=article-title>{TITLE}</h1><time class=article-date>{_STAMP}</time>"
        f"<div class=article-body><p>{SENTENCE}</p><p>{SENTENCE}</p>{body}</div>"
    ).encode()


def _many(piece: str, count: int) -> str:
    """A piece, repeated with its number in place of each "@"."""
    if "@" not in piece:
        return piece * count
    return "".join(piece.replace("@", str(number)) for number in range(count))


SHAPES: Mapping[str, Callable[[], bytes]] = {
    # --- what an HTML parser compares with all before it
    "options of a select": lambda: around("<select>" + "<option>x" * 40_000),
    "options and groups of a select": lambda: around("<select>" + "<optgroup><option>x" * 40_000),
    "options without a select": lambda: around("<option>x" * 100_000),
    "selects in selects": lambda: around("<select><option>" * 40_000),
    "table cells in one row": lambda: around("<table><tr>" + "<td>x" * 400_000),
    "table cells in rows": lambda: around("<table>" + ("<tr>" + "<td>x</td>" * 20) * 20_000),
    "text in tables, outside cells": lambda: around("<table>" + "x<tr>" * 100_000),
    "tables in tables without cells": lambda: around("<table>" * 100_000),
    "bold that never ends": lambda: around("<b>x" * 15_000),
    "formatting that closes crosswise": lambda: around("<b><i><p>x</b></i>" * 40_000),
    "anchors that never end": lambda: around("<a href=/b>x" * 200_000),
    "anchors in blocks that never end": lambda: around("<a href=/b><div>x" * 20_000),
    "paragraphs in buttons": lambda: around("<button><p>x" * 50_000),
    "headings in headings": lambda: around("<h2><h3>x" * 100_000),
    "fonts of many kinds": lambda: around(_many("<font color=c@>x", 20_000)),
    "nobr that never ends": lambda: around("<nobr>x" * 100_000),
    "end tags without beginnings": lambda: around("</section></span></li>x" * 150_000),
    "paragraphs that only end": lambda: around("</p>" * 500_000),
    "list items of one list": lambda: around("<ul>" + "<li>x" * 400_000 + "</ul>"),
    "terms of one list": lambda: around("<dl>" + "<dt>x<dd>y" * 200_000 + "</dl>"),
    "ruby in ruby": lambda: around("<ruby>" + "<rb>x<rt>y" * 200_000),
    "framesets and bodies": lambda: around("<body class=x><html lang=y>" * 150_000),
    "bodies with many attributes": lambda: around(_many("<body a@=1>", 40_000)),
    "math and svg in turns": lambda: around("<svg><desc><math><mi>" * 20_000),
    "templates in templates": lambda: around("<template>" * 100_000),
    "nested 1,500 deep, many times": lambda: around(("<div>" * 1_500 + "x" + "</div>" * 1_500) * 100),
    "nested lists": lambda: around("<ul><li>x" * 3_000 + "</ul>" * 3_000),
    "paragraphs below 4,000 open spans": lambda: around("<span>" * 4_000 + "<p>x" * 40_000),
    "attributes below the limit": lambda: around(("<div " + _many("a@=1 ", 190) + ">x</div>") * 2_500),
    "the same attribute again": lambda: around(("<div " + "a=1 " * 150 + ">x</div>") * 8_000),
    # --- what selectors compare with all siblings
    "siblings for :nth-child": lambda: _layout("", above="<ol class=breadcrumb>" + "<li><a href=/x>x</a>" * 200_000),
    "siblings for ~": lambda: _layout("<div>x</div>" * 400_000),
    "siblings for + and ~ in a form": lambda: around("<form>" + "<p>x</p>" * 400_000 + "</form>"),
    "many forms": lambda: around("<form><div>x</div></form>" * 150_000),
    "forms in forms of divs": lambda: around("<form><div>" * 2_000 + "x" * 100),
    # --- the head
    "meta elements": lambda: around("", head=_many("<meta name=n@ content=x>", 180_000)),
    "meta elements of one name": lambda: around(
        "", head=_many("<meta property=article:tag content='kata @'>", 110_000)
    ),
    "meta elements of dates": lambda: around(
        "", head=_many("<meta name=published-@ content='2025-06-10T08:00:@+07:00'>", 80_000)
    ),
    "meta authors": lambda: around("", head=_many("<meta name=content_author content='Rina Dewi @'>", 100_000)),
    "titles": lambda: around("", head=f"<title>{TITLE}</title>" * 90_000),
    "a title of 4 MB": lambda: around("", head="<title>" + "Kapal - " * 500_000 + "</title>"),
    "an og:title of 4 MB": lambda: around("", head=f'<meta property=og:title content="{"Kapal | " * 500_000}">'),
    "canonical links": lambda: around("", head=_many("<link rel=canonical href=/berita/@>", 130_000)),
    "og:urls": lambda: around("", head=_many("<meta property=og:url content=/berita/@>", 110_000)),
    "og:images": lambda: around("", head=_many("<meta property=og:image content=/gambar/@.jpg>", 100_000)),
    "hreflang links": lambda: around("", head=_many("<link rel=alternate hreflang=id href=/@>", 100_000)),
    # --- JSON-LD
    "JSON-LD authors": lambda: around("", head=_ld(author=[{"name": "Rina Dewi"}] * 200_000)),
    "JSON-LD authors, all different": lambda: around(
        "", head=_ld(author=[{"@type": "Person", "name": f"Rina Dewi {n}"} for n in range(90_000)])
    ),
    "JSON-LD authors as text": lambda: around("", head=_ld(author=["Rina Dewi, Budi"] * 250_000)),
    "JSON-LD of one author of 4 MB": lambda: around("", head=_ld(author="Rina Dewi, " * 360_000)),
    "JSON-LD keywords": lambda: around("", head=_ld(keywords=[f"kata {n}" for n in range(300_000)])),
    "JSON-LD keywords in one text": lambda: around(
        "", head=_ld(keywords=", ".join(f"kata {n}" for n in range(400_000)))
    ),
    "JSON-LD images": lambda: around(
        "", head=_ld(image=[{"url": f"/g/{n}.jpg", "caption": "Kapal"} for n in range(90_000)])
    ),
    "JSON-LD publishers": lambda: around("", head=_ld(publisher=[{"name": f"Koran {n}"} for n in range(150_000)])),
    "JSON-LD headline of 4 MB": lambda: around("", head=_ld(headline="Kapal Beras " * 340_000)),
    "JSON-LD description of 4 MB": lambda: around("", head=_ld(description=SENTENCE * 35_000)),
    "JSON-LD articleBody of 4 MB": lambda: around("", head=_ld(articleBody=f"{SENTENCE}\n" * 35_000)),
    "JSON-LD articleBody of markup": lambda: around("", head=_ld(articleBody=f"<p><b>{SENTENCE}</b></p>" * 30_000)),
    "JSON-LD articles": lambda: around(
        "", head=_ld(**{"@graph": [{"@type": "NewsArticle", "headline": f"Kapal {n}"} for n in range(70_000)]})
    ),
    "JSON-LD things that refer": lambda: around(
        "", head=_ld(**{"@graph": [{"@type": "NewsArticle", "author": {"@id": f"#{n}"}} for n in range(60_000)]})
    ),
    "JSON-LD scripts": lambda: around("", head=_ld(headline=TITLE) * 50_000),
    "JSON-LD scripts that are broken": lambda: around(
        "", head='<script type="application/ld+json">{"@type": "NewsArticle", "a": "</script>' * 50_000
    ),
    "JSON-LD with many properties": lambda: around("", head=_ld(**{f"p{n}": n for n in range(250_000)})),
    "JSON-LD dates": lambda: around("", head=_ld(datePublished=["2025-06-10T08:00:00+07:00"] * 140_000)),
    "JSON-LD dates, all different": lambda: around(
        "", head=_ld(datePublished=[f"2025-06-10T08:00:{n / 1e5}+07:00" for n in range(100_000)])
    ),
    "JSON-LD quotation marks": lambda: around(
        "", head='<script type="application/ld+json">{"headline": "' + '"a" ' * 1_000_000 + "}</script>"
    ),
    "JSON-LD backslashes": lambda: around(
        "", head='<script type="application/ld+json">{"headline": "' + "\\" * 4_000_000 + "}</script>"
    ),
    "JSON-LD wrapped in comments": lambda: around(
        "", head='<script type="application/ld+json">' + "//<![CDATA[ " * 340_000 + "{}</script>"
    ),
    "JSON-LD 900 deep, many times": lambda: around(
        "", head=f'<script type="application/ld+json">{("[" * 900 + "]" * 900) * 2_000}</script>'
    ),
    # --- scripts and data
    "scripts of dataLayer": lambda: around("<script>dataLayer = [{'penulis': 'Rina Dewi'}]</script>" * 75_000),
    "a script of 4 MB": lambda: around("<script>" + 'var author = "Rina Dewi"; ' * 160_000 + "</script>"),
    "a script of names": lambda: around("<script>" + _many('"author":"Rina Dewi @",', 170_000) + "</script>"),
    "a script of JSON": lambda: around(
        f'<script id=__NEXT_DATA__ type="application/json">{json.dumps([{"body": f"<p>{SENTENCE}"}] * 32_000)}</script>'
    ),
    "a script of numbers": lambda: around(
        f'<script type="application/json">{json.dumps({"a": [[n] for n in range(400_000)]})}</script>'
    ),
    # --- bylines, stamps, captions, links
    "bylines": lambda: around("<p>Penulis: Rina Dewi</p>" * 100_000),
    "bylines, all different": lambda: around(_many("<p>Oleh: Rina Dewi @</p>", 100_000)),
    "bylines above the story": lambda: around("", above="<p>Penulis: Rina Dewi | Editor: Budi Raharja</p>" * 80_000),
    "a byline of 4 MB": lambda: around("", above=f"<p>Penulis: {'Rina Dewi, ' * 380_000}</p>"),
    "elements of an author's class": lambda: around("<span class=author itemprop=author>Rina Dewi</span>" * 90_000),
    "links of an author": lambda: around(_many("<a rel=author href=/penulis/@>Rina Dewi</a>", 90_000)),
    "time elements": lambda: around("<time datetime=2025-06-10T08:00:00+07:00>10 Juni 2025</time>" * 75_000),
    "time elements, all different": lambda: around(
        _many("<time datetime=2025-06-10T08:00:00.@+07:00>x</time>", 80_000)
    ),
    "stamps above the story": lambda: around("", above=f"<p>{_STAMP}</p>" * 110_000),
    "a stamp of 4 MB": lambda: around("", above=f"<p>{_STAMP * 130_000}</p>"),
    "elements with itemprop": lambda: around(_many("<span itemprop=datePublished>2025-06-10 0@</span>", 90_000)),
    "items in items": lambda: around("<div itemscope itemtype=http://schema.org/NewsArticle>" * 2_000 + "x"),
    "items beside items": lambda: around(
        "<div itemscope itemtype=http://schema.org/NewsArticle><b itemprop=headline>x</b></div>" * 50_000
    ),
    "articles": lambda: around(f"<article><h2>{TITLE}</h2><p>{SENTENCE}</p></article>" * 25_000),
    "comments of readers": lambda: around(f"<div class=comment id=comment-1><p>{SENTENCE}</p></div>" * 25_000),
    "captions": lambda: around("<figure><img src=a.jpg><figcaption>Kapal di dermaga</figcaption></figure>" * 60_000),
    "a caption of digits": lambda: around(
        "", above=f"<figure><img src=a.jpg><figcaption>Foto: {'1234567890' * 400_000}</figcaption></figure>"
    ),
    "a caption of digits and blanks": lambda: around(
        "", above=f"<figure><img src=a.jpg><figcaption>Foto {'12 ' * 1_300_000}</figcaption></figure>"
    ),
    "a caption of brackets": lambda: around(
        "", above=f"<figure><img src=a.jpg><figcaption>{'(Foto: ' * 500_000}</figcaption></figure>"
    ),
    "a caption of agencies": lambda: around(
        "", above=f"<figure><img src=a.jpg><figcaption>{'ANTARA FOTO/Rina/' * 230_000}</figcaption></figure>"
    ),
    "pictures": lambda: around("<img src=/g/a.jpg alt='Kapal di dermaga'>" * 110_000),
    "pictures above the story": lambda: around("", above="<div><img src=a.jpg alt=x><i>Kapal</i></div>" * 90_000),
    "alt texts of 4 MB": lambda: around("", above=f"<img src=a.jpg alt='{'Kapal di dermaga, ' * 220_000}'>"),
    "links in a list": lambda: around(
        "<ul>" + _many("<li><a href=/berita/@>Kapal Beras Tiba @</a></li>", 80_000) + "</ul>"
    ),
    "links in the story": lambda: around("", inside="<p>" + _many("<a href=/b/@>kapal</a> ", 150_000) + "</p>"),
    "tags": lambda: around(_many("<a rel=tag class=tag href=/tag/@>kata @</a>", 90_000)),
    # --- names
    "class names of hyphens": lambda: around(f"<div class='{'-' * 4_000_000}'>x</div>"),
    "class names of hyphens, many": lambda: around(f"<div class='{'-' * 2_000}'>x</div>" * 2_000),
    "class names of words": lambda: around(f"<div class='{'author-box ' * 360_000}'>x</div>"),
    "class names, all different": lambda: around(_many("<div class='caption-@ author-@ date@'>x</div>", 80_000)),
    "a style of 4 MB": lambda: around(f"<div style='{'display : ' * 400_000}'>x</div>"),
    "an id of 4 MB": lambda: around(f"<div id='{'ad_' * 1_300_000}'>x</div>"),
    "an href of 4 MB": lambda: around(f"<a href='/{'a/' * 2_000_000}'>x</a>"),
    "an attribute of data": lambda: around(f"<div data-x='{'&quot;' * 600_000}'>x</div>"),
    # --- text
    "one paragraph of 4 MB": lambda: around("", inside=f"<p>{SENTENCE * 36_000}</p>"),
    "one paragraph of 490,000 characters": lambda: around("", inside=f"<p>{f'{SENTENCE} ' * 4_200}</p>"),
    "one word of 490,000 characters": lambda: around("", inside=f"<p>{'x' * 490_000}</p>"),
    "one word of 490,000 digits": lambda: around("", inside=f"<p>{'1' * 490_000}</p>"),
    "a story of digits and points": lambda: around("", inside=f"<p>{'1.2/' * 120_000}</p>"),
    "a story of dates": lambda: around("", inside=f"<p>{'Selasa (10/6/2025), ' * 24_000}</p>"),
    "a story of quotation marks": lambda: around("", inside=f"<p>{'“”' * 240_000}</p>"),
    "a story of capitals": lambda: around("", inside=f"<p>{'KAPAL BERAS ' * 40_000}</p>"),
    "a story of brackets": lambda: around("", inside=f"<p>{'(ANTARA) - ' * 44_000}</p>"),
    "a story of offers": lambda: around("", inside="<p>Baca artikel premium, masuk untuk berlangganan</p>" * 2_900),
    "a story of single breaks": lambda: around("", inside="<p>" + "Kapal tiba.<br>" * 40_000 + "</p>"),
    "breaks alone": lambda: around("<br>" * 1_000_000),
    "paragraphs of one word": lambda: around("<p>x" * 1_000_000),
    "paragraphs of the story": lambda: around("", inside=f"<p>{SENTENCE}</p>" * 2_900),
    "blanks": lambda: around(" " * 4_900_000),
    "no-break spaces": lambda: around("<p>" + "&nbsp;" * 800_000),
    "soft hyphens": lambda: around("", inside=f"<p>{'&shy;' * 900_000}x</p>"),
    "entities": lambda: around("<p>" + "&eacute;" * 600_000),
    "entities without an end": lambda: around("<p>" + "&notit" * 800_000),
    "comments": lambda: around("<!--x-->" * 600_000),
    "one comment of 4 MB": lambda: around(f"<!--{'-' * 4_000_000}-->"),
    "comments in comments": lambda: around("<!--" * 1_200_000),
    "CDATA": lambda: around("<![CDATA[x]]>" * 350_000),
    "CDATA in svg": lambda: around("<svg>" + "<![CDATA[x]]>" * 350_000),
    "processing instructions": lambda: around("<?php x ?>" * 450_000),
    "doctypes": lambda: around("<!DOCTYPE html>" * 300_000),
    "plaintext": lambda: around("<plaintext>" + "<p>x" * 1_000_000),
    "textareas": lambda: around("<textarea>x</textarea>" * 200_000),
    "noscripts": lambda: around("<noscript><p>x</p></noscript>" * 150_000),
    "iframes": lambda: around("<iframe src=/x></iframe>" * 190_000),
    "hidden elements": lambda: around(f"<div hidden><p>{SENTENCE}</p></div>" * 30_000),
    "struck-out text": lambda: around("", inside="<p>kapal <del>lama</del> <ins>baru</ins> tiba " * 100_000),
    "details": lambda: around("<details><summary>x</summary>y</details>" * 110_000),
    "headings": lambda: around(f"<h1>{TITLE}</h1>" * 100_000),
    "headings of other stories": lambda: around(_many("<h2><a href=/b/@>Kapal Beras Tiba Lagi @</a></h2><p>x", 70_000)),
}
"""The name of each shape and the function that makes its page."""

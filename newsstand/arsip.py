"""Article pages in microdata, like a news agency's site of 2015 (arsip.newsstand.test)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from newsstand.stamps import moment
from newsstand.stories import Story

BREAK = "<br />\n<br />\n"


def render(story: Story, page: int, others: Sequence[Story]) -> str:
    """One page of a story: text separated by <br>, credits inside the body's element, headlines after it."""
    dateline, paragraphs = story.opening(page)
    text = BREAK.join(escape(paragraph, quote=False) for paragraph in paragraphs)
    if dateline:
        text = f"{escape(dateline)} {text}"
    if story.credit:
        text += BREAK + escape(story.credit)
    holder = "ANTARA" if "ANTARA" in story.dateline else "NEWSSTAND"
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" lang="id">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>{escape(story.title)} - Arsip Newsstand</title>
<meta name="keywords" content="{escape(", ".join(story.tags))}" />
<meta property="og:title" content="{escape(story.title)}" />
{_metadata(story)}
</head>
<body>
<div class="menu"><a href="/">Beranda</a> | <a href="/indeks">Indeks</a> | <a href="/cari">Cari</a></div>
<div class="bjbrt" itemscope="itemscope" itemtype="http://schema.org/NewsArticle">
<h1 class="title" itemprop="headline"><strong>{escape(story.title)}</strong></h1>
{_stamp(story)}
<span itemprop="inLanguage" style="display:none">id</span>
<span itemprop="keywords" style="display:none">{escape(", ".join(story.tags))}</span>
<span itemprop="articleSection" style="display:none">{escape(story.section)}</span>
<a itemprop="url" href="{story.url}"></a>
{_byline(story)}
{_picture(story)}
<div id="content_news" itemprop="articleBody">
{text}{_editor(story)}
<p class="date">COPYRIGHT &copy; <span itemprop="copyrightHolder">{holder}</span> {story.published:%Y}</p>
</div>
</div>
<div class="terkait">
<div class="box_header">Berita Terkait</div>
{chr(10).join(f'<h3><a itemprop="relatedLink" href="{other.path}">{escape(other.title)}</a></h3>' for other in others)}
</div>
</body>
</html>
"""


def _metadata(story: Story) -> str:
    if not story.metadata:
        return ""
    lines = [f'<meta itemprop="datePublished" content="{moment(story.published).isoformat()}" />']
    if story.modified is not None:
        lines.append(f'<meta itemprop="dateModified" content="{moment(story.modified).isoformat()}" />')
    return "\n".join(lines)


def _stamp(story: Story) -> str:
    views = f"{story.views:,} Views".replace(",", ".")
    if not story.published_text:
        return f'<div class="date">{views}</div>'
    machine = f' datetime="{moment(story.published).isoformat()}"' if story.metadata else ""
    updated = f'\n<div class="updated">{story.modified_text}</div>' if story.modified_text else ""
    stamp = f'<time itemprop="datePublished"{machine}>{story.published_text}</time>'
    return f'<div class="date">{stamp} | {views}</div>{updated}'


def _byline(story: Story) -> str:
    names = ", ".join(f'<span itemprop="author">{escape(name)}</span>' for name in story.authors)
    return f'<div class="byline">Pewarta: {names}</div>' if names else ""


def _editor(story: Story) -> str:
    names = ", ".join(f'<span itemprop="editor">{escape(name)}</span>' for name in story.editors)
    return f'<p class="mt10">Editor: {names}</p>' if names else ""


def _picture(story: Story) -> str:
    if story.caption is None:
        return ""
    return (
        f'<div id="image_news"><img src="{story.picture}" alt="{escape(story.title)}" class="img_default" />'
        f'<div id="caption_news">{escape(story.caption)}</div></div>'
    )

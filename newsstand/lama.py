"""Article pages like those of 2003 to 2008: tables, font tags, no metadata, an old charset (lama.newsstand.test)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from newsstand.stories import Story


def render(story: Story, page: int, others: Sequence[Story]) -> str:
    """One page of a story. It declares the story's charset; the caller encodes it."""
    dateline, paragraphs = story.opening(page)
    text = "<br><br>\n".join(escape(paragraph, quote=False) for paragraph in paragraphs)
    if dateline:
        text = f"{escape(dateline)} {text}"
    if story.credit:
        text += f"<br><br>\n{escape(story.credit)}"
    if story.initials:
        text += f" <b>{escape(story.initials)}</b>"
    links = "<br>\n".join(f'<a href="{other.path}"><font size="1">{escape(other.title)}</font></a>' for other in others)
    return f"""<html>
<head>
<meta http-equiv="Content-Type" content="text/html; charset={story.charset}">
<title>{escape(story.title)}</title>
</head>
<body bgcolor="#FFFFFF" link="#003399">
<table width="760" border="0" cellpadding="4">
<tr><td colspan="2" bgcolor="#003399"><a href="/"><font color="#FFFFFF" size="5"><b>NEWSSTAND</b></font></a></td></tr>
<tr>
<td width="150" valign="top" bgcolor="#EEEEEE"><font size="1">Kanal: {escape(story.section)}</font><br><br>
{links}
</td>
<td valign="top">
<font class="judul" size="4"><b>{escape(story.title)}</b></font><br>
{_stamps(story)}
<table border="0" width="100%">
{_picture(story)}
<tr><td id="isi">
{text}
</td></tr>
</table>
</td>
</tr>
<tr><td colspan="2" align="center"><font size="1">Hak cipta Newsstand. <a href="/cari">Pencarian</a></font></td></tr>
</table>
</body>
</html>
"""


def _stamps(story: Story) -> str:
    lines = [story.published_text] if story.published_text else []
    if story.modified_text:
        lines.append(story.modified_text)
    return "\n".join(f'<font class="tanggal" size="1">{escape(line, quote=False)}</font><br>' for line in lines)


def _picture(story: Story) -> str:
    if story.caption is None:
        return ""
    return (
        f'<tr><td id="foto"><img src="{story.picture}" width="200" border="1"><br>'
        f'<font class="keterangan" size="1">{escape(story.caption)}</font></td></tr>'
    )

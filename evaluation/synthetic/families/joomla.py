"""A local government's or small paper's Joomla 1.5 site: tables named contentpaneopen."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="joomla",
    years=(2007, 2014),
    address="/index.php?option=com_content&view=article&id={number}:{slug}&catid=1:berita&Itemid=2",
    stamps=("long", "weekday-day", "pukul"),
    datelines=("place", "place-capitals", "none", "antara"),
    credits=("foto-name-open", "ist", "dok"),
    byline=(
        '<tr><td width="70%" align="left" valign="top" colspan="2"><span class="small">Ditulis oleh {authors}</span>&nbsp;&nbsp;</td></tr>',
    ),
    metadata=frozenset({"description", "keywords"}),
    subhead="<p><strong>{}</strong></p>",
    paragraphs="span",
    picture='<p><img src="{src}" border="0" alt="" width="300" align="left" /></p><p class="caption" style="font-size: 10px;">{caption}</p>',
    teaser='<li class="latestnews"><a href="{url}" class="latestnews">{title}</a></li>',
    template="""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="id-id" lang="id-id">
<head>
<meta http-equiv="content-type" content="text/html; charset={{charset}}" />
{{head}}
<meta name="generator" content="Joomla! 1.5 - Open Source Content Management" />
</head>
<body id="page_bg">
<div id="header"><div id="logo"><a href="/">{{name}}</a></div><span class="breadcrumbs pathway">Home <img src="/arrow.png" alt="" /> {{section}}</span></div>
{{above}}
<table class="nopad" width="100%"><tr valign="top">
<td class="left" width="180"><div class="module_menu"><h3>Menu Utama</h3><ul class="menu"><li><a href="/"><span>Depan</span></a></li><li><a href="/hubungi"><span>Hubungi Kami</span></a></li></ul></div></td>
<td id="maincontent">
<table class="contentpaneopen"><tr><td class="contentheading" width="100%">{{headline}}</td>
<td align="right" class="buttonheading"><a href="/pdf"><img src="/pdf_button.png" alt="PDF" /></a></td><td align="right" class="buttonheading"><a href="/print"><img src="/printButton.png" alt="Cetak" /></a></td></tr></table>
<table class="contentpaneopen">
{{byline}}
<tr><td valign="top" colspan="2" class="createdate">{{stamp}}</td></tr>
<tr><td valign="top" colspan="2" class="isi{{story_class}}">
{{picture}}
{{story}}
{{foot}}
</td></tr>
</table>
<span class="article_separator">&nbsp;</span>
{{below}}
</td>
<td class="right" width="200">{{side}}<div class="module"><h3>Berita Terbaru</h3><ul class="latestnews">
{{teasers}}
</ul></div></td>
</tr></table>
<div id="footer"><div class="copyright">Copyright &copy; {{year}} {{name}}. Hak Cipta Dilindungi.</div></div>
</body></html>""",
)

"""A regional paper of 2005: tables in tables, fonts, no metadata."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="tabel-lama",
    years=(2005, 2009),
    address="/detail.asp?mid=2&id={number}",
    paragraphs="font",
    subhead='<p><font face="Arial" size="2"><b>{}</b></font></p>',
    stamps=("long", "bar", "weekday-day"),
    datelines=("place-capitals", "place", "capitals-and-site"),
    credits=("foto-name", "ist", "foto-name-open"),
    byline=('<font class="penulis">Oleh: {authors}</font><br>',),
    foot=('<p align="right"><font size="1">Editor: {editors}</font></p>',),
    metadata=frozenset({"description"}),
    charset="iso-8859-1",
    picture=(
        '<table width="200" align="left" cellpadding="3"><tr><td><img src="{src}" width="200" border="0"></td></tr>'
        '<tr><td class="caption"><font size="1"><i>{caption}</i></font></td></tr></table>'
    ),
    teaser='<tr><td>&bull; <a href="{url}"><font size="1">{title}</font></a></td></tr>',
    template="""<HTML>
<HEAD>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset={{charset}}">
{{head}}
</HEAD>
<BODY bgcolor="#FFFFFF" topmargin="0">
<table width="780" border="0" align="center" cellpadding="0" cellspacing="0"><tr>
<td colspan="3"><a href="index.asp"><img src="images/header.gif" width="780" height="90" border="0"></a></td></tr>
<tr><td colspan="3">{{above}}</td></tr>
<tr valign="top">
<td width="130" bgcolor="#EFEFEF"><table><tr><td><a href="utama.asp">Berita Utama</a></td></tr>
<tr><td><a href="kota.asp">Kota</a></td></tr><tr><td><a href="opini.asp">Opini</a></td></tr></table></td>
<td width="480"><table width="100%" cellpadding="5"><tr><td>
<font face="Arial" size="1" color="#666666">{{stamp}}</font><br>
<font face="Arial" size="4" class="judul"><b>{{headline}}</b></font><br>
{{byline}}
</td></tr>
<tr><td class="isi{{story_class}}">
{{picture}}
{{story}}
{{foot}}
</td></tr></table>
{{below}}
</td>
<td width="170"><table width="100%">{{side}}<tr><td bgcolor="#990000"><font color="#FFFFFF"><b>BERITA LAIN</b></font></td></tr>
{{teasers}}
</table></td>
</tr>
<tr><td colspan="3" align="center"><font size="1">&copy; {{year}} {{name}}</font></td></tr></table>
</BODY></HTML>""",
)

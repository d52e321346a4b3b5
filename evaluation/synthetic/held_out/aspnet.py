"""A business daily's ASP.NET site: labels and literals with generated ids inside one form."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="aspnet",
    years=(2007, 2015),
    address="/berita/baca.aspx?kode={number}",
    paragraphs="spaced",
    subhead="<p><b>{}</b></p>",
    stamps=("slash-clock", "no-comma", "pukul"),
    datelines=("site-then-place", "place-capitals", "none"),
    credits=("foto-name-open", "foto-dok-open", "foto-name-slash-site-open"),
    byline=(),
    foot=(
        '<p><span id="ctl00_cphIsi_lblReporter">Reporter : {authors}</span></p>',
        '<p><span id="ctl00_cphIsi_lblEditor">Editor : {editors}</span></p>',
    ),
    metadata=frozenset({"description", "keywords"}),
    picture=(
        '<div class="boxFoto"><img id="ctl00_cphIsi_imgFoto" src="{src}" style="width:480px;border-width:0px;" />'
        '<br /><span id="ctl00_cphIsi_lblCaption" class="ketfoto">{caption}</span></div>'
    ),
    teaser='<tr><td class="sub"><a id="ctl00_rpt_ctl01_lnk" href="{url}">{title}</a><br /><span>{stamp}</span></td></tr>',
    template="""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head id="ctl00_Head1">
<meta http-equiv="content-type" content="text/html; charset={{charset}}" />
{{head}}
</head>
<body>
<form name="aspnetForm" method="post" action="baca.aspx" id="aspnetForm">
<div><input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="/wEPDwUKMTY3NzE5MjIyMmRk" /></div>
<div id="banner"><a href="/default.aspx"><img src="/gambar/kepala.jpg" alt="" /></a></div>
{{above}}
<table id="tblUtama" cellspacing="0" cellpadding="0" width="960"><tr>
<td id="kiri" valign="top">
<div class="kanal"><span id="ctl00_cphIsi_lblKanal">{{section}}</span></div>
<div class="judulberita"><span id="ctl00_cphIsi_lblJudul">{{headline}}</span></div>
{{byline}}
<div class="tgl"><span id="ctl00_cphIsi_lblTanggal">{{stamp}}</span></div>
{{picture}}
<div class="isiberita{{story_class}}"><span id="ctl00_cphIsi_lblIsi">
{{story}}
</span>
{{foot}}
</div>
{{below}}
</td>
<td id="kanan" valign="top" width="300">{{side}}<table>
<tr><td class="kepala">BERITA TERKAIT</td></tr>
{{teasers}}
</table></td>
</tr></table>
<div id="kaki">Hak cipta {{name}} {{year}}</div>
</form></body></html>""",
)

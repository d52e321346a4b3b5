"""A print page: no markup of meaning, the outlet's name above, the address below."""

from evaluation.synthetic.family import Family

FAMILY = Family(
    name="cetak",
    years=(2006, 2018),
    address="/cetak/{number}",
    stamps=("bar", "long", "no-comma"),
    datelines=("capitals-and-site", "place-capitals", "site"),
    credits=("foto-name-open", "ist", "foto-dok"),
    paragraphs="br",
    subhead="<b>{}</b>",
    byline=("Laporan: {authors}<br>",),
    foot=("<i>Editor: {editors}</i><br>",),
    metadata=frozenset(),
    charset="windows-1252",
    picture='<img src="{src}" width="250" hspace="5" vspace="5"><br><small>{caption}</small><br><br>',
    teaser="",
    template="""<html>
<head>
<meta http-equiv="Content-Type" content="text/html; charset={{charset}}">
{{head}}
<style>body { font-family: Georgia; width: 600px }</style>
</head>
<body onload="window.print()">
<b>{{name}}</b> | {{section}}<hr>
{{above}}
<small>{{stamp}}</small><br>
<font size="5"><b>{{headline}}</b></font><br>
{{byline}}
<br>
<div class="naskah{{story_class}}">{{picture}}
{{story}}
<br><br>
{{foot}}</div>
<hr>
{{below}}
{{side}}
<small>Dicetak dari {{url}}<br>&copy; {{name}} {{year}}. Hak cipta dilindungi.</small>
</body>
</html>""",
)

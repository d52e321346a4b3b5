"""Kibana's saved objects: a data view, two searches, a dashboard and its three charts.

They use the field names of `indexer.elastic.mapping`, and the oldest format that every Kibana 9 still imports and
upgrades itself. Kibana refuses an object that is newer than itself ("belongs to a more recent version of Kibana").
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from indexer.elastic.mapping import TIME_FIELD as TIME_FIELD

Record = dict[str, Any]

TIME_RANGE = {"from": "now-20y", "to": "now+1d"}
"""Kibana's own default is the last 15 minutes, which is useless for an archive. The day ahead is needed because a
publication time may be up to a day after the fetch (decision 3)."""

DATA_VIEW = "kliping-news"
LABELS = {
    "title": "Judul",
    "body": "Isi",
    "lede": "Teras berita",
    "captions": "Keterangan foto",
    "credits": "Kredit (foto, penulis, editor, kantor berita)",
    "authors": "Penulis",
    "photographers": "Fotografer",
    "id": "Nomor arsip",
    "source": "Sumber",
    "url": "Tautan",
    "agency": "Kantor berita",
    "agencies": "Kantor berita (juga dalam dateline)",
    "photo_agencies": "Kantor berita foto",
    "places": "Tempat (tertulis, baku, provinsi, negara)",
    "place": "Tempat",
    "section": "Rubrik",
    "tags": "Kata kunci",
    "language": "Bahasa",
    "status": "Status",
    "flags": "Catatan",
    "family": "Keluarga",
    "copies": "Salinan lain",
    TIME_FIELD: "Terbit",
    "published": "Terbit (seperti tertulis)",
    "local_time": "Jam setempat",
    "order": "Urutan terbit",
    "month": "Bulan (tahun × 100 + bulan)",
    "year": "Tahun",
    "seq": "Nomor perubahan",
    "content_hash": "Sidik isi",
}
"""The label shown instead of a field's name."""
COLUMNS = ("title", "source", "agency", "place", "url")
"""The columns of a search. Kibana adds the time before them."""

_CORE = "8.8.0"
_VERSIONS = {"index-pattern": "8.0.0", "search": "8.0.0", "lens": "8.9.0", "dashboard": "8.9.0"}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that counts articles: by day and source, or by the most frequent values of one field."""

    id: str
    title: str
    field: str
    """The field whose values are counted. In the chart by day they are the colours, else the bars."""
    by_day: bool = False
    size: int = 15
    """How many values are shown. The others are summed up as one."""


CHARTS = (
    Chart("kliping-per-day", "Artikel per hari menurut sumber", "source", by_day=True, size=10),
    Chart("kliping-agencies", "Kantor berita", "agencies"),
    Chart("kliping-places", "Tempat", "place"),
)
SEARCHES = {
    "kliping-all": ("Semua berita", "", "Semua artikel dalam arsip, yang terbaru lebih dahulu."),
    "kliping-isis-moskow": (
        "ISIS Moskow",
        "ISIS and Moskow",
        "Artikel yang memuat kedua kata. Tanpa “and” Kibana mencari salah satunya.",
    ),
}
"""Each search's title, KQL and description."""
DASHBOARD = "kliping-archive"


def saved_objects(alias: str = "news") -> list[Record]:
    """All objects, each after the objects it refers to. `alias` is the name that searches use (`INDEX_ALIAS`)."""
    return [
        _data_view(alias),
        *(_search(id_, *of) for id_, of in SEARCHES.items()),
        *(_chart(chart) for chart in CHARTS),
        _dashboard(),
    ]


def ndjson(alias: str = "news") -> str:
    """The objects in the format of Kibana's import: one JSON object per line."""
    return "".join(_json(each) + "\n" for each in saved_objects(alias))


def _object(kind: str, id_: str, attributes: Record, references: list[Record]) -> Record:
    return {
        "id": id_,
        "type": kind,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": _CORE,
        "typeMigrationVersion": _VERSIONS[kind],
        "managed": False,
    }


def _reference(name: str, kind: str, id_: str) -> Record:
    return {"name": name, "type": kind, "id": id_}


def _json(value: Any) -> str:
    """Compact JSON in a fixed order, so that the written file changes only if an object does."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# -- the data view ----------------------------------------------------------------------------------------------------


def _data_view(alias: str) -> Record:
    """Uses the alias, so a reindex changes nothing. It may exist before the first index does (`allowNoIndex`)."""
    link = {"type": "a", "urlTemplate": None, "labelTemplate": None, "openLinkInCurrentTab": False}
    attributes = {
        "title": alias,
        "name": "Arsip berita",
        "timeFieldName": TIME_FIELD,
        "allowHidden": False,
        "allowNoIndex": True,
        "fields": "[]",
        "sourceFilters": "[]",
        "fieldAttrs": _json({name: {"customLabel": label} for name, label in LABELS.items()}),
        "fieldFormatMap": _json({"url": {"id": "url", "params": link}}),
        "runtimeFieldMap": "{}",
    }
    return _object("index-pattern", DATA_VIEW, attributes, [])


# -- searches ---------------------------------------------------------------------------------------------------------


def _search(id_: str, title: str, kql: str, description: str) -> Record:
    index = "kibanaSavedObjectMeta.searchSourceJSON.index"
    source = {"query": {"query": kql, "language": "kuery"}, "filter": [], "indexRefName": index}
    attributes = {
        "title": title,
        "description": description,
        "columns": list(COLUMNS),
        "sort": [[TIME_FIELD, "desc"]],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "usesAdHocDataView": False,
        "timeRestore": True,
        "timeRange": TIME_RANGE,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)},
    }
    return _object("search", id_, attributes, [_reference(index, "index-pattern", DATA_VIEW)])


# -- charts -----------------------------------------------------------------------------------------------------------


def _chart(chart: Chart) -> Record:
    """Stacked bars by day, or horizontal bars with the longest first."""
    layer = "articles"
    columns: Record = {"values": _values(chart)}
    if chart.by_day:
        columns["days"] = _days()
    columns["count"] = _count()
    axes = {"xAccessor": "days", "splitAccessor": "values"} if chart.by_day else {"xAccessor": "values"}
    series = "bar_stacked" if chart.by_day else "bar_horizontal"
    drawn = {
        "layerId": layer,
        "layerType": "data",
        "seriesType": series,
        "accessors": ["count"],
        "position": "top",
        "showGridlines": False,
        **axes,
    }
    state = {
        "query": {"query": "", "language": "kuery"},
        "filters": [],
        "adHocDataViews": {},
        "internalReferences": [],
        "datasourceStates": {
            "formBased": {
                "layers": {
                    layer: {
                        "columnOrder": list(columns),
                        "columns": columns,
                        "incompleteColumns": {},
                        "sampling": 1,
                    }
                }
            },
            "indexpattern": {"layers": {}},
            "textBased": {"layers": {}},
        },
        "visualization": {
            "preferredSeriesType": series,
            "layers": [drawn],
            "legend": {"isVisible": chart.by_day, "position": "right"},
            "valueLabels": "hide",
            "fittingFunction": "None",
            "axisTitlesVisibilitySettings": {"x": False, "yLeft": True, "yRight": True},
            "gridlinesVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
            "tickLabelsVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
            "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
        },
    }
    attributes = {"title": chart.title, "description": "", "visualizationType": "lnsXY", "state": state}
    data = _reference(f"indexpattern-datasource-layer-{layer}", "index-pattern", DATA_VIEW)
    return _object("lens", chart.id, attributes, [data])


def _values(chart: Chart) -> Record:
    return {
        "label": LABELS[chart.field],
        "customLabel": True,
        "dataType": "string",
        "operationType": "terms",
        "scale": "ordinal",
        "sourceField": chart.field,
        "isBucketed": True,
        "params": {
            "size": chart.size,
            "orderBy": {"type": "column", "columnId": "count"},
            "orderDirection": "desc",
            "otherBucket": True,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
        },
    }


def _days() -> Record:
    """One bucket per day. Days without an article are left out, because twenty years of them would exceed
    `search.max_buckets` (65,536). Beyond `histogram:maxBars` Kibana uses longer intervals by itself and says so."""
    return {
        "label": LABELS[TIME_FIELD],
        "customLabel": True,
        "dataType": "date",
        "operationType": "date_histogram",
        "scale": "interval",
        "sourceField": TIME_FIELD,
        "isBucketed": True,
        "params": {"interval": "d", "includeEmptyRows": False, "dropPartials": False},
    }


def _count() -> Record:
    return {
        "label": "Artikel",
        "customLabel": True,
        "dataType": "number",
        "operationType": "count",
        "scale": "ratio",
        "sourceField": "___records___",
        "isBucketed": False,
        "params": {"emptyAsNull": False},
    }


# -- the dashboard ----------------------------------------------------------------------------------------------------

_PANELS = {
    "per-day": ("lens", "kliping-per-day", {"x": 0, "y": 0, "w": 48, "h": 13}),
    "agencies": ("lens", "kliping-agencies", {"x": 0, "y": 13, "w": 24, "h": 15}),
    "places": ("lens", "kliping-places", {"x": 24, "y": 13, "w": 24, "h": 15}),
    "newest": ("search", "kliping-all", {"x": 0, "y": 28, "w": 48, "h": 20}),
}
"""Each panel: the object it shows, and its position on Kibana's grid of 48 columns."""


def _dashboard() -> Record:
    panels = [
        {
            "type": kind,
            "gridData": {**place, "i": panel},
            "panelIndex": panel,
            "panelRefName": f"panel_{panel}",
            "embeddableConfig": {"enhancements": {}},
        }
        for panel, (kind, _, place) in _PANELS.items()
    ]
    options = {
        "useMargins": True,
        "syncColors": False,
        "syncCursor": True,
        "syncTooltips": False,
        "hidePanelTitles": False,
    }
    attributes = {
        "title": "Arsip berita",
        "description": "Artikel per hari menurut sumber, kantor berita, tempat, dan berita terbaru dengan tautannya.",
        "version": 1,
        "timeRestore": True,
        "timeFrom": TIME_RANGE["from"],
        "timeTo": TIME_RANGE["to"],
        "refreshInterval": {"pause": True, "value": 60_000},
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _json({"query": {"query": "", "language": "kuery"}, "filter": []})
        },
        "optionsJSON": _json(options),
        "panelsJSON": _json(panels),
    }
    references = [_reference(f"{panel}:panel_{panel}", kind, id_) for panel, (kind, id_, _) in _PANELS.items()]
    return _object("dashboard", DASHBOARD, attributes, references)

"""Exports of any shape: JSON, tables with Excel's habits, workbooks, and the columns of known programs."""

# ruff: noqa: E501  a row of another program stands in few lines, as it does in its files
from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archive.database import Archive
from archive.finding import find
from archive.records import Article
from archive.tables import articles
from ingest import json_rows
from ingest.columns import guess
from ingest.export_file import ZONE_ASSUMED, columns_of
from ingest.export_lines import NotAnExportError, opened
from ingest.json_rows import flat, is_one_row, pieces, rows_in
from ingest.workbook import BadWorkbookError, workbook_rows
from tests.support.importing import ROW, Importer, import_one, table

SECOND = ROW | {
    "url": f"{ROW['url']}-2",
    "title": 'Judul "dalam kutip" dan {kurung}',
    "content": "Kendari - Isi \\ lain.\n\nAkhir.",
}
STORY = (
    "Rembang - Petani garam memanen dua kali lipat sepanjang pekan pertama bulan ini karena hujan berhenti.",
    "Harga di tingkat petani turun menjadi Rp900 per kilogram, dari Rp1.400 per kilogram pada bulan lalu.",
)
ADDRESS = "https://www.pelita.example/berita/71/panen-garam"


@pytest.fixture
def importing(archive: Archive) -> Importer:
    """Import one file under a run of its own."""
    return partial(import_one, archive)


def dumped(row: Mapping[str, Any], indent: int | None = None) -> str:
    return json.dumps(row, ensure_ascii=False, indent=indent)


SHAPES = {
    "an array": f"[{dumped(ROW)},{dumped(SECOND)}]",
    "an array, a row a line": f"[\n{dumped(ROW)},\n{dumped(SECOND)}\n]\n",
    "a pretty array": json.dumps([ROW, SECOND], indent=4),
    "two arrays, as two runs append": f"[{dumped(ROW)}][{dumped(SECOND)}]",
    "objects without anything between": dumped(ROW) + dumped(SECOND),
    "pretty objects": f"{dumped(ROW, 2)}\n{dumped(SECOND, 2)}\n",
    "lines": f"{dumped(ROW)}\n{dumped(SECOND)}\n",
    "record separators": f"\x1e{dumped(ROW)}\n\x1e{dumped(SECOND)}\n",
    "an array that was closed too soon": f"[{dumped(ROW)},]{dumped(SECOND)}]",
    "wrapped": json.dumps({"status": "ok", "articles": [ROW, SECOND]}),
    "wrapped by a search": json.dumps({"took": 3, "hits": {"total": 2, "hits": [{"_id": "1", "_source": ROW}, {"_id": "2", "_source": SECOND}]}}),
    "by address": json.dumps({ROW["url"]: ROW, SECOND["url"]: {name: SECOND[name] for name in SECOND if name != "url"}}),
    "hits as lines": f"{dumped({'_source': ROW})}\n{dumped({'_source': SECOND})}",
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["x.json", "x.json.gz", "x.jsonl", "x.ndjson"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_rows_of_json_are_found_in_every_shape(
    importing: Importer, tmp_path: Path, shape: str, name: str, encoding: str
) -> None:
    path = tmp_path / name
    content = SHAPES[shape].encode(encoding)
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert importing(path, columns=columns_of(path, {})).counts == {"stored": 2}


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_rows_are_cut_at_the_same_places_whatever_the_size_of_a_chunk(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_rows, "_CHUNK", size)
    content = f"[{dumped(SECOND)},\n{dumped(ROW)}]".encode()
    found = [json.loads(piece.content or b"") for piece in pieces(io.BytesIO(content), 1 << 20)]
    assert found == [SECOND, ROW]


def test_what_is_no_row_is_an_outcome_and_not_dropped(archive: Archive, importing: Importer, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(f'[{dumped(ROW)}, "teks", {dumped(SECOND)}, {{"title": "putus')
    report = importing(path, columns=columns_of(path, {}))
    assert report.counts == {"stored": 2, "rejected:bad-row": 2}
    details = [problem.detail for problem in report.problems]
    assert details == ["it is no JSON object: '\"teks\"'", "it ends inside the row"]
    assert [problem.address for problem in report.problems] == ["x.json, row 2", "x.json, row 4"]


def test_an_object_longer_than_any_row_is_named_with_the_remedy(
    importing: Importer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.export_lines.LONGEST_ROW", 5_000)
    path = tmp_path / "x.json"
    path.write_text(f"[{dumped(ROW | {'content': 'a' * 6_000})},{dumped(SECOND)}]")
    report = importing(path, columns={"title": "title", "body": "content", "url": "url", "published": "date"})
    assert report.counts == {"stored": 1, "rejected:too-large": 1}
    assert "jq -c" in (report.problems[0].detail or "")


@pytest.mark.parametrize("content", ["", "[]", '["a", "b"]', "null", "[[1, 2]]"])
def test_json_without_an_object_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(NotAnExportError, match="none of its first rows is a JSON object"):
        columns_of(tmp_path / "x.json", {})


def test_a_line_is_a_row_only_if_it_is_one_object() -> None:
    rows = [b'{"a": 1}', b'{"a": "}{"}\n', b'\xef\xbb\xbf{"a": {"b": [1]}}', b"bukan", b"{rusak}"]
    assert [is_one_row(line) for line in rows] == [True] * 5
    assert not any(map(is_one_row, (b"[", b'[{"a": 1}]', b"{", b'{"a": 1}{"b": 2}', b'{"a": "\\"}')))


def test_inner_objects_are_columns_too() -> None:
    assert flat({"a": {"b": 1}, "c": 2}) == {"a": {"b": 1}, "c": 2, "a.b": 1}
    assert rows_in({"judul": "x", "data": []}) == [{"judul": "x", "data": []}]


TITLE = "Panen garam melimpah di Rembang"
NEWS_PLEASE = {
    "authors": ["Sri Wulan"], "date_download": "2024-06-04 01:12:36", "date_modify": "None",
    "date_publish": "2024-06-03 14:05:00", "description": None, "filename": "x.json", "image_url": None, "language": "id",
    "localpath": None, "maintext": "\n".join(STORY), "source_domain": "www.pelita.example", "text": None, "title": TITLE,
    "title_page": None, "title_rss": None, "url": ADDRESS,
}  # fmt: skip
NEWSPAPER = {
    "url": ADDRESS, "read_more_link": "", "language": "id", "title": TITLE, "top_image": "", "meta_img": "", "images": [],
    "movies": [], "keywords": ["garam", "panen"], "meta_keywords": ["garam"], "tags": ["garam"], "authors": ["Sri Wulan"],
    "publish_date": "2024-06-03 14:05:00+07:00", "summary": "", "meta_description": "", "canonical_link": ADDRESS,
    "text": "\n\n".join(STORY),
}  # fmt: skip
TRAFILATURA = {
    "title": TITLE, "author": "Sri Wulan; Budi Tirta", "hostname": "pelita.example", "date": "2024-06-03",
    "fingerprint": "c2f0", "id": None, "license": None, "comments": "", "raw_text": STORY[0], "text": "\n".join(STORY),
    "language": "id", "image": None, "pagetype": "article", "filedate": "2024-06-04", "source": ADDRESS,
    "source-hostname": "Pelita", "excerpt": "Petani garam.", "categories": "Ekonomi;Pesisir", "tags": "garam;panen",
}  # fmt: skip
FUNDUS = {
    "title": TITLE, "authors": ["Sri Wulan"], "publishing_date": "2024-06-03 14:05:00+07:00", "topics": ["garam"],
    "body": {"summary": [], "sections": [{"headline": [], "paragraphs": [STORY[0]]}, {"headline": [], "paragraphs": [STORY[1]]}]},
    "html": {"requested_url": ADDRESS, "responded_url": ADDRESS, "crawl_date": "2024-06-04T08:12:36+07:00"},
}  # fmt: skip
NEWS_WATCH = {
    "title": TITLE, "publish_date": "2024-06-03 14:05:00", "author": "Sri Wulan", "content": "\n".join(STORY),
    "keyword": "garam", "category": "Ekonomi", "source": "pelita.example", "link": ADDRESS,
}  # fmt: skip
WORDPRESS = {
    "id": 71, "date": "2024-06-03T14:05:00", "link": ADDRESS, "title": {"rendered": TITLE},
    "content": {"rendered": "".join(f"<p>{paragraph}</p>" for paragraph in STORY)}, "author": 3,
}  # fmt: skip
SCHEMA_ORG = {
    "@type": "NewsArticle", "headline": TITLE, "datePublished": "2024-06-03T14:05:00+07:00",
    "articleBody": "\n\n".join(STORY), "author": {"@type": "Person", "name": "Sri Wulan"},
    "mainEntityOfPage": {"@type": "WebPage", "@id": ADDRESS}, "articleSection": "Ekonomi",
}  # fmt: skip
PROGRAMS: dict[str, tuple[Mapping[str, Any], Mapping[str, str]]] = {
    "news-please": (NEWS_PLEASE, {"body": "maintext", "published": "date_publish", "fetched_at": "date_download"}),
    "newspaper4k": (NEWSPAPER, {"body": "text", "published": "publish_date", "tags": "tags", "image": "top_image"}),
    "trafilatura": (TRAFILATURA, {"url": "source", "body": "text", "published": "date", "source": "source-hostname"}),
    "fundus": (FUNDUS, {"url": "html.responded_url", "body": "body", "published": "publishing_date"}),
    "news-watch": (NEWS_WATCH, {"url": "link", "body": "content", "published": "publish_date", "section": "category"}),
    "WordPress": (WORDPRESS, {"url": "link", "body": "content", "published": "date"}),
    "schema.org": (SCHEMA_ORG, {"url": "mainEntityOfPage", "body": "articleBody", "published": "datePublished"}),
}


def only_article(archive: Archive) -> Article:
    with archive.reading() as connection:
        (wanted,) = connection.execute(select(articles.c.id)).scalars()
        return find(connection, wanted).article


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_export_of_a_known_program_is_read_by_its_columns(
    archive: Archive, importing: Importer, tmp_path: Path, program: str
) -> None:
    row, expected = PROGRAMS[program]
    (tmp_path / "x.json").write_text(json.dumps([row]))
    columns = columns_of(tmp_path / "x.json", {})
    assert {field: columns.get(field) for field in expected} == dict(expected)
    chosen = columns if program != "WordPress" else columns_of(tmp_path / "x.json", {"author": ""})
    assert importing(tmp_path / "x.json", columns=chosen).counts == {"stored": 1}
    article = only_article(archive)
    assert (article.url, article.title, len(article.body)) == (ADDRESS, TITLE, 2)
    expects_clock = program != "trafilatura"
    wanted = datetime.fromisoformat("2024-06-03T14:05:00+07:00") if expects_clock else datetime(2024, 6, 3).date()
    assert article.published_at == wanted
    assert (ZONE_ASSUMED in article.flags) == (program == "news-please")
    if program != "WordPress":
        assert article.authors[:1] == ("Sri Wulan",)


def test_what_was_searched_for_is_no_tag_and_words_counted_by_a_program_are_not_the_publisher_s() -> None:
    assert "tags" not in guess(list(NEWS_WATCH), {})
    assert guess(list(NEWSPAPER), {})["tags"] == "tags"


@pytest.mark.parametrize(
    ("name", "likely"), [("articleText", "body"), ("\ufeffJudul Berita", "title"), ("Tgl. Terbit", "published")]
)
def test_a_column_is_known_in_every_spelling(name: str, likely: str) -> None:
    assert (
        guess(["title" if likely != "title" else name, "body" if likely != "body" else name, name], {})[likely] == name
    )


TRAFILATURA_CSV = [ADDRESS, "null", "c2f0", "pelita.example", TITLE, "null", "2024-06-03", "\n".join(STORY), "null", "null", "article"]  # fmt: skip


@pytest.mark.parametrize("left_out", [None, 1])
def test_trafilatura_s_table_without_a_header_is_read(
    archive: Archive, importing: Importer, tmp_path: Path, left_out: int | None
) -> None:
    values = [value for at, value in enumerate(TRAFILATURA_CSV) if at != left_out]
    (tmp_path / "x.csv").write_text("\t".join(f'"{value}"' for value in values) + "\n")
    columns = columns_of(tmp_path / "x.csv", {})
    assert importing(tmp_path / "x.csv", columns=columns).counts == {"stored": 1}
    assert (only_article(archive).title, only_article(archive).url) == (TITLE, ADDRESS)


def test_another_table_without_a_header_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"{TITLE},{ADDRESS},Isi berita\n")
    with pytest.raises(NotAnExportError, match="not the names of its columns; put those above it"):
        columns_of(tmp_path / "x.csv", {})


CSV = table([ROW, SECOND])
TABLES = {
    "Excel's separator line": "sep=;\r\n" + table([ROW, SECOND], ";"),
    "the line in quotation marks": '"sep=;"\n' + table([ROW, SECOND], ";"),
    "a tab in it": "sep=\t\n" + table([ROW, SECOND], "\t"),
    "blank lines above": "\r\n\r\n" + CSV,
    "empty columns at the end": "\n".join(
        f"{line},,," for line in table([ROW | {"content": "Kendari - Isi."}]).splitlines()
    ),
    "tabs": table([ROW, SECOND], "\t"),
    "bars": table([ROW, SECOND], "|"),
    "line feeds of an old Mac": CSV.replace("\r\n", "\n"),
}


@pytest.mark.parametrize("habit", TABLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_is_read_with_the_habits_of_spreadsheets(
    importing: Importer, tmp_path: Path, habit: str, encoding: str
) -> None:
    for name in ("x.csv", "x.tsv"):
        path = tmp_path / name
        path.write_bytes(TABLES[habit].encode(encoding))
        counts = importing(path, columns=columns_of(path, {})).counts
        assert sum(counts.values()) == sum(counts.get(name, 0) for name in ("stored", "unchanged")) > 0


def test_lists_that_were_written_as_text_are_lists(archive: Archive, importing: Importer, tmp_path: Path) -> None:
    row = ROW | {
        "author": "['Salma Wuna', 'Budi Tirta']",
        "tags": '["ikan", "laut"]',
        "date": "2024-06-03 14:05:00",
        "image": "[]",
    }
    (tmp_path / "x.csv").write_text(table([row]))
    importing(tmp_path / "x.csv", columns=columns_of(tmp_path / "x.csv", {}))
    article = only_article(archive)
    assert (article.authors, article.tags, article.images) == (("Salma Wuna", "Budi Tirta"), ("ikan", "laut"), ())


def workbook(path: Path, rows: list[list[str]], *, shared: bool = True, prefix: str = "") -> Path:
    """A workbook as Excel or a library writes it: with shared texts or with texts in the cells."""
    texts: dict[str, int] = {}
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def cell(at: str, value: str) -> str:
        value = value.replace("&", "&amp;").replace("<", "&lt;")
        if value.startswith("#date "):
            return f'<c r="{at}" s="1"><v>{value[6:]}</v></c>'
        if not shared:
            return f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c r="{at}" t="s"><v>{texts.setdefault(value, len(texts))}</v></c>'

    lines = [
        "".join(cell(f"{chr(65 + column)}{number}", value) for column, value in enumerate(row) if value)
        for number, row in enumerate(rows, 1)
    ]
    sheet = "".join(f'<row r="{number}">{line}</row>' for number, line in enumerate(lines, 1))
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Berita" sheetId="1" r:id="rId7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="x"><Relationship Id="rId7" Target="worksheets/berita.xml"/></Relationships>',
        "xl/worksheets/berita.xml": f'{prefix}<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">' + "".join(f"<si><t>{text}</t></si>" for text in texts) + "</sst>",
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


@pytest.mark.parametrize("shared", [True, False])
def test_a_workbook_is_read_as_a_table_of_its_first_sheet(
    archive: Archive, importing: Importer, tmp_path: Path, shared: bool
) -> None:
    rows = [
        list(NEWS_WATCH),
        ["#date 45446.586805555555" if name == "publish_date" else value for name, value in NEWS_WATCH.items()],
    ]
    rows.insert(1, ["", ""])
    path = workbook(tmp_path / "x.xlsx", rows, shared=shared)
    assert importing(path, columns=columns_of(path, {})).counts == {"stored": 1}
    article = only_article(archive)
    assert (article.title, article.url, article.section) == (TITLE, ADDRESS, "Ekonomi")
    assert article.published_at == datetime.fromisoformat("2024-06-03T14:05:00+07:00")


def test_empty_cells_keep_their_columns(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", [["a", "b", "c"], ["", "", "3"], ["#date 45446"]])
    assert list(workbook_rows(path)) == [["a", "b", "c"], ["", "", "3"], ["2024-06-03"]]


def test_a_file_that_is_no_workbook_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"bukan zip")
    with pytest.raises(NotAnExportError, match="it is no workbook"):
        columns_of(tmp_path / "x.xlsx", {})
    entity = '<!DOCTYPE a [<!ENTITY b "bom"><!ENTITY c "&b;&b;&b;">]>'
    bomb = workbook(tmp_path / "bom.xlsx", [["a", "b"]], prefix=entity)
    assert list(workbook_rows(bomb)) == [["a", "b"]]
    with zipfile.ZipFile(tmp_path / "kosong.xlsx", "w") as file:
        file.writestr("xl/lain.xml", "<a/>")
    with pytest.raises(BadWorkbookError):
        list(workbook_rows(tmp_path / "kosong.xlsx"))


def test_an_unpacked_export_is_opened_at_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "x.json.gz").write_bytes(gzip.compress(b"[]"))
    with opened(tmp_path / "x.json.gz") as file:
        assert file.read() == b"[]"

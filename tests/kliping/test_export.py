"""`kliping archive export`: what is taken out can be read by the programs that people use, and is reproducible."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas
import pyarrow.parquet
import pytest

from archive.articles import save_article
from archive.database import Archive
from archive.export.columns import COLUMNS, ExportedArticle
from archive.export.files import csv_cell
from archive.records import Article, Dateline, Image, PhotoCredit, Precision
from archive.warc.reading import load_pages
from tests.conftest import an_article
from tests.support.commands import run_here
from tests.support.homes import FIXTURES, ReadersHere, expected

Runner = Callable[..., tuple[int, str, str]]
NASTY = an_article(
    3,
    title='=HYPERLINK("http://jahat.test";"klik")',
    body=('Kata "kutip", koma; dan\ttab.', "Baris\nkedua — é ☂ 日本"),
    authors=("Rina Dewi", "M. Yusuf"),
    agency="ANTARA",
    tags=("-beras", "@pasar"),
    images=(Image("http://x.test/a.jpg", "Beras {di} Kendari & 50%", PhotoCredit("ANTARA/Rina")),),
    dateline=Dateline("Kendari", "ANTARA", "Kendari (ANTARA) -", "Kendari", "Sulawesi Tenggara", "Indonesia"),
    language="id",
)
ARTICLES = [
    an_article(1),
    an_article(2, source="antara", published_at=date(2024, 6, 1), published_precision=Precision.DAY),
    NASTY,
    an_article(4, id="urn:sha256:" + "a" * 64, url=None, source="clipping", section="Lone \ud800 surrogate"),
]


def fill(archive: Archive, found: list[Article]) -> None:
    seen = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    with archive.saving() as saving:
        for article in found:
            save_article(saving, article, run_id="t", fetched_at=seen, page_id=None, reader="t", now=seen)


@pytest.fixture
def run(archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    fill(archive, ARTICLES)

    def command(*arguments: str) -> tuple[int, str, str]:
        environment = {"KLIPING_HOME": str(archive.home), "KLIPING_INDEX_URL": "embedded:"}
        done = run_here(monkeypatch, capsys, environment, *arguments)
        return done.returncode, done.stdout, done.stderr

    return command


@pytest.fixture
def export(run: Runner, tmp_path: Path) -> Callable[..., Path]:
    """Export to a file of this name; returns its path."""

    def to(name: str, *arguments: str) -> Path:
        status, printed, error = run("archive", "export", *arguments, "-o", str(tmp_path / name))
        assert (status, error) == (0, ""), printed
        assert "Cite it as: Kliping archive " in printed
        return tmp_path / name

    return to


def by_title(records: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = (each for each in records if "HYPERLINK" in each["title"])
    return found


def test_json_lines_have_every_column_in_order_and_are_read_by_pandas_and_duckdb(export: Callable[..., Path]) -> None:
    file = export("a.jsonl")
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [each["id"] for each in records] == sorted(article.id for article in ARTICLES)
    assert [list(each) for each in records] == [[column.name for column in COLUMNS]] * 4
    nasty = by_title(records)
    assert (nasty["body"], nasty["authors"], nasty["place_canonical"]) == (
        list(NASTY.body), ["Rina Dewi", "M. Yusuf"], "Kendari",
    )  # fmt: skip
    assert len(pandas.read_json(file, lines=True)) == 4
    (found,) = duckdb.sql(f"SELECT authors FROM '{file}' WHERE agency = 'ANTARA'").fetchall()
    assert found[0] == ["Rina Dewi", "M. Yusuf"]


def test_a_csv_has_the_mark_of_excel_and_no_formula(export: Callable[..., Path]) -> None:
    file = export("a.csv")
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid,source,url,title,")
    assert content.endswith(b"\r\n")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    nasty = by_title(rows)
    assert (nasty["title"], nasty["authors"]) == (f"'{NASTY.title}", "Rina Dewi; M. Yusuf")
    assert nasty["body"] == "\n\n".join(NASTY.body)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    frame = pandas.read_csv(file, encoding="utf-8-sig")
    assert by_title(frame.to_dict("records"))["body"] == "\n\n".join(NASTY.body)
    frame_of_duckdb = duckdb.sql(f"SELECT title, body FROM read_csv('{file}', all_varchar = true)").df()
    assert by_title(frame_of_duckdb.to_dict("records"))["body"] == "\n\n".join(NASTY.body)


@pytest.mark.parametrize("first", list("=+-@\t\r\n＝＋－＠"))
def test_a_cell_that_a_spreadsheet_may_run_gets_an_apostrophe(first: str) -> None:
    assert csv_cell("title", f"{first}1+1") == f"'{first}1+1"
    assert csv_cell("tags", [f"{first}1", "b"]) == f"'{first}1; b"


def test_parquet_has_types_and_the_stamp_and_is_read_by_pandas_and_duckdb(export: Callable[..., Path]) -> None:
    file = export("a.parquet", "--codebook")
    schema = pyarrow.parquet.read_schema(file)
    assert [str(schema.field(name).type) for name in ("body", "words", "published_utc", "published_day")] == [
        "list<element: string>", "int64", "timestamp[us, tz=UTC]", "date32[day]",
    ]  # fmt: skip
    stamp = json.loads(schema.metadata[b"kliping"])
    assert stamp["stamp"] == json.loads(file.with_name("a.parquet.stamp.json").read_text())["stamp"]
    frame = pandas.read_parquet(file)
    nasty = by_title(frame.to_dict("records"))
    assert (list(nasty["body"]), nasty["published_utc"].to_pydatetime()) == (list(NASTY.body), NASTY.published_at)
    day = frame[frame["source"] == "antara"].iloc[0]
    assert (day["published_day"], day["published_at"], pandas.isna(day["published_utc"])) == (
        date(2024, 6, 1), "2024-06-01", True,
    )  # fmt: skip
    counted = duckdb.sql(
        f"SELECT source, count(*), max(published_utc) FROM '{file}' GROUP BY source ORDER BY 1"
    ).fetchall()
    assert [row[:2] for row in counted] == [("antara", 1), ("clipping", 1), ("newsstand", 2)]
    book = pandas.read_csv(file.with_name("a.parquet.codebook.csv"), encoding="utf-8-sig").set_index("column")
    assert list(book.index) == [column.name for column in COLUMNS]
    assert (book.loc["agency", "filled"], book.loc["agency", "share"], book.loc["title", "share"]) == (1, 0.25, 1.0)
    assert book["meaning"].notna().all()
    assert book["rule"].notna().all()


def test_bibliographies_have_an_entry_an_article_with_signs_escaped(export: Callable[..., Path]) -> None:
    bib = export("a.bib").read_text()
    assert bib.count("\n@misc{") == 4
    assert "author = {{Rina Dewi} and {M. Yusuf}}" in bib
    assert bib.count("{") == bib.count("}")
    items = json.loads(export("a.json").read_text())
    nasty = by_title(items)
    assert (nasty["type"], nasty["author"], nasty["issued"]) == (
        "article-newspaper", [{"literal": "Rina Dewi"}, {"literal": "M. Yusuf"}], {"date-parts": [[2024, 5, 1]]},
    )  # fmt: skip
    ris = export("a.ris").read_bytes().decode()
    assert (ris.count("TY  - NEWS\r\n"), ris.count("ER  - \r\n")) == (4, 4)
    assert "DA  - 2024/06/01\r\n" in ris
    assert "\nAU  - ANTARA\r\n" not in ris.split("HYPERLINK")[0].split("ER  - ")[-1]


def test_the_same_stamp_gives_the_same_bytes(export: Callable[..., Path], archive: Archive) -> None:
    for name in ("x.jsonl", "x.csv", "x.parquet", "x.bib", "x.ris", "x.json", "x.warc.gz"):
        one, other = export(name), export(f"again-{name}")
        stamps = [json.loads(each.with_name(f"{each.name}.stamp.json").read_text()) for each in (one, other)]
        assert stamps[0] == stamps[1]
        assert stamps[0]["sha256"] == hashlib.sha256(one.read_bytes()).hexdigest()
        assert one.read_bytes() == other.read_bytes()
    fill(archive, [an_article(9)])
    later = json.loads(export("y.csv").with_name("y.csv.stamp.json").read_text())
    assert later["stamp"] != json.loads(one.with_name("x.csv.stamp.json").read_text())["stamp"]
    assert (later["seq"], later["articles"], later["query"]) == (5, 5, None)


def test_an_export_of_a_source_or_a_span(export: Callable[..., Path]) -> None:
    assert len(export("a.jsonl", "--source", "newsstand").read_text().splitlines()) == 2
    assert len(export("b.jsonl", "--from", "2024-06").read_text().splitlines()) == 1
    assert len(export("c.jsonl", "--to", "2024-05-01").read_text().splitlines()) == 3
    citation = json.loads(
        export("d.csv", "--from", "2024", "--source", "antara").with_name("d.csv.stamp.json").read_text()
    )
    assert ": 1 article of antara, published from 2024-01-01 [data set, csv]. Kliping " in citation["citation"]


def test_an_export_of_a_query_has_the_articles_with_all_its_words(run: Runner, tmp_path: Path) -> None:
    file = str(tmp_path / "q.jsonl")
    status, _, error = run("archive", "export", "beras berita nomor", "-o", file)
    assert (status, "kliping index follow" in error) == (1, True)
    assert run("index", "follow")[0] == 0
    status, printed, error = run("archive", "export", "nomor", "2", "-o", file, "--json")
    assert (status, error) == (0, "")
    assert (json.loads(printed)["articles"], json.loads(printed)["query"]) == (1, "nomor 2")
    assert [json.loads(line)["source"] for line in Path(file).read_text().splitlines()] == ["antara"]
    status, printed, _ = run("archive", "export", "takadasamasekali", "-o", str(tmp_path / "none.csv"))
    assert (status, printed.startswith("0 articles in ")) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "export needs a file to write. Give it with -o, like -o articles.csv."),
        (("-o", "a.xls"), "The ending of a.xls names no format."),
        (("-o", "a.csv", "--format", "excel"), "--format cannot be 'excel'. It is one of: jsonl, csv, parquet,"),
        (("-o", "a.bib", "--codebook"), "--codebook describes columns, and bibtex has none."),
        (("-o", "nowhere/a.csv"), "There is no folder nowhere. Make it first."),
        (("-o", "a.csv", "--from", "2025", "--to", "2024"), "--from 2025 is after --to 2024. Exchange the two."),
    ],
)
def test_mistakes_get_a_sentence(run: Runner, arguments: tuple[str, ...], sentence: str) -> None:
    status, _, error = run("archive", "export", *arguments)
    assert status == 2
    assert error.startswith(sentence)


def test_a_file_that_is_there_stays_unless_asked(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("mine")
    status, _, error = run("archive", "export", "-o", str(file))
    assert (status, error.strip()) == (2, f"{file} is there already. Name another file, or add --replace.")
    assert run("archive", "export", "-o", str(file), "--replace")[0] == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbfid,")


def test_an_export_that_fails_leaves_nothing(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(row: ExportedArticle, names: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("archive.export.files.ris", broken)
    status, _, error = run("archive", "export", "-o", str(tmp_path / "a.ris"))
    assert (status, "full" in error or "space" in error) == (1, True), error
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("a.ris")] == []


def test_an_export_that_is_asked_to_end_leaves_nothing(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.ending.asked", lambda: True)
    monkeypatch.setattr("archive.ending.signal_name", lambda: "SIGTERM")
    status, _, error = run("archive", "export", "-o", str(tmp_path / "b.csv"))
    assert (status, error) == (1, "SIGTERM ended the export; no file was written.\n")
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("b.csv")] == []


def test_the_kept_pages_are_exported_as_they_are_and_imported_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("kliping.cli.import_.follow_quietly", lambda *_: False)  # the index is tested elsewhere
    story = expected("www")
    page = FIXTURES / "www.html"

    monkeypatch.setattr("kliping.cli.import_.ReaderPool", ReadersHere)

    def run(home: str, *arguments: str) -> str:
        done = run_here(monkeypatch, capsys, {"KLIPING_HOME": str(tmp_path / home)}, *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    for day in (5, 9):  # the second shows no change, and is kept nevertheless
        run("one", "import", str(page), "--url", story["url"], "--fetched-at", f"2026-01-0{day}T10:00:00+07:00")
    file = tmp_path / "pages.warc.gz"
    assert "1 article, 2 kept pages in " in run("one", "archive", "export", "-o", str(file))
    assert [each.content for each in load_pages(file)] == [page.read_bytes()] * 2
    assert "stored " in run("two", "import", str(file), "--workers", "1")

"""Other scrapers' exports: columns guessed, each row one named outcome with its line, and the row itself kept."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archive import warc
from archive.articles import find, versions_of
from archive.database import Archive
from archive.tables import outcomes, pages
from archive.verify import verify
from crawler.imports import rows as rows_module
from crawler.imports.columns import BadColumns, guess
from crawler.imports.reading import Reading
from crawler.imports.row import read_row
from crawler.imports.rows import NoExport, columns_of, reread_row
from tests.importing import Importer, import_one

ROW: dict[str, Any] = {
    "url": "https://www.antaranews.com/berita/4512345/nelayan-kendari-panen-cakalang",
    "title": "Nelayan Kendari Panen Cakalang",
    "content": "Kendari (ANTARA) - Nelayan di Kendari memanen cakalang dalam jumlah besar sejak akhir pekan.\n\n"
    '"Hasilnya dua kali lipat," kata ketua kelompok nelayan, Basri Tangke, Senin.',
    "date": "Senin, 3 Juni 2024 14:05 WIB",
    "author": "Salma Wuna",
}
COLUMNS = {"url": "url", "title": "title", "body": "content", "published": "date", "author": "author"}


@pytest.fixture
def importing(archive: Archive) -> Importer:
    """Import one file under a run of its own."""
    return partial(import_one, archive)


def jsonl(path: Path, rows: list[Any]) -> Path:
    lines = "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
    return path


def table(rows: list[Mapping[str, Any]], delimiter: str = ",") -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


@pytest.mark.parametrize(
    ("names", "chosen", "columns"),
    [
        (["judul", "isi", "tanggal"], {}, {"title": "judul", "body": "isi", "published": "tanggal"}),
        (["Title", "Article Text", "Link"], {}, {"url": "Link", "title": "Title", "body": "Article Text"}),
        (["title", "text", "content"], {}, {"title": "title", "body": "content"}),
        (["title", "text", "content"], {"body": "text"}, {"title": "title", "body": "text"}),
        (["title", "body", "date"], {"published": ""}, {"title": "title", "body": "body"}),
        (["title", "body", "created_at"], {}, {"title": "title", "body": "body"}),
        (["h", "b"], {"title": "h", "body": "b"}, {"title": "h", "body": "b"}),
    ],
)  # fmt: skip
def test_columns_are_guessed_by_their_names_and_whoever_knows_better_has_the_last_word(
    names: list[str], chosen: dict[str, str], columns: dict[str, str]
) -> None:
    assert guess(names, chosen) == columns


@pytest.mark.parametrize(
    ("names", "chosen", "says"),
    [
        (["judul", "tanggal"], {}, "No column looks like the body; name it with --column body=NAME"),
        (["title", "body"], {"bdoy": "body"}, "There is no field 'bdoy'"),
        (["title", "body"], {"body": "isi"}, "There is no column 'isi'; there are: title, body."),
    ],
)
def test_columns_that_cannot_be_used_are_a_sentence_with_the_remedy(
    names: list[str], chosen: dict[str, str], says: str
) -> None:
    with pytest.raises(BadColumns, match=says):
        guess(names, chosen)


@pytest.mark.parametrize(
    "name", ["x.jsonl", "x.jsonl.gz", "x.csv", "x.csv.gz", "semicolons.csv", "utf16.csv", "latin.csv"]
)
def test_a_row_becomes_a_dated_and_credited_article_whatever_file_it_came_in(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
    name: str,
) -> None:
    path = tmp_path / name
    if ".jsonl" in name:
        jsonl(path, [ROW])
    else:
        text = table([ROW], ";" if name == "semicolons.csv" else ",")
        content = text.encode({"utf16.csv": "utf-16", "latin.csv": "cp1252"}.get(name, "utf-8-sig"))
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    report = importing(path, columns=columns_of(path, {}))
    assert report.counts == {"stored": 1}
    with archive.reading() as connection:
        article = find(connection, versions(connection)[0]).article
    assert (article.source, article.url, article.title) == ("antara", ROW["url"], ROW["title"])
    assert article.published_at == datetime.fromisoformat("2024-06-03T14:05:00+07:00")
    assert article.published_printed == ROW["date"]
    assert (article.authors, article.agency) == (("Salma Wuna",), "ANTARA")
    assert article.dateline is not None
    assert (article.dateline.place, article.dateline.outlet) == ("Kendari", "ANTARA")
    assert article.body[0].startswith("Nelayan di Kendari memanen")
    assert len(article.body) == 2
    assert article.provenance["body"] == "row"


def versions(connection: Any) -> list[str]:
    from archive.tables import articles

    return list(connection.execute(select(articles.c.id)).scalars())


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in ROW.items() if name != field}


BAD_ROWS: list[tuple[Any, str]] = [
    (without("title"), "rejected:no-title"),
    (without("content"), "rejected:no-article"),
    (without("date"), "rejected:no-date"),
    (ROW | {"date": "kapan-kapan"}, "rejected:no-date"),
    (ROW | {"date": "Selasa, 3 Juni 2024"}, "rejected:date-contradicts"),
    (ROW | {"date": "31 Juni 2024"}, "rejected:bad-date"),
    (ROW | {"content": {"html": 1}}, "rejected:bad-row"),
    (ROW | {"url": "bukan alamat"}, "rejected:bad-address"),
    ("{ini bukan json", "rejected:bad-row"),
    ('["sebuah", "daftar"]', "rejected:bad-row"),
    ("[" * 100_000, "rejected:bad-row"),
    (json.dumps(ROW | {"title": "x" * 2000}), "rejected:no-title"),
    (json.dumps(ROW | {"title": float("nan")}), "rejected:no-title"),
    (json.dumps(ROW | {"date": float("nan")}), "rejected:no-date"),
    (json.dumps(ROW | {"date": float("inf")}), "rejected:no-date"),
    (json.dumps(ROW | {"date": 10**400}), "rejected:no-date"),
    (json.dumps(ROW | {"date": -171739830}), "rejected:no-date"),
    (json.dumps(ROW | {"date": "2099-01-01"}), "rejected:future-date"),
]


def test_a_row_that_gives_no_article_is_one_named_rejection_with_its_line(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
) -> None:
    path = jsonl(tmp_path / "rows.jsonl", [ROW, *(row for row, _ in BAD_ROWS), "", ROW | {"url": ROW["url"] + "-2"}])
    report = importing(path, columns=columns_of(path, {}))
    assert report.counts["stored"] == 2
    assert sum(report.counts.values()) == len(BAD_ROWS) + 2
    with archive.reading() as connection:
        rows = connection.execute(select(outcomes).where(outcomes.c.outcome != "stored")).all()
    told = {row.address: row.outcome for row in rows}
    assert told == {f"rows.jsonl, line {number}": name for number, (_, name) in enumerate(BAD_ROWS, start=2)}
    assert any("'kapan-kapan' is no date" in row.detail for row in rows)


def test_rows_of_a_table_that_do_not_fit_it_are_refused_by_their_line(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
) -> None:
    """A comma that nobody quoted would move every value into the next column."""
    path = tmp_path / "x.csv"
    good = table([ROW])
    path.write_text(good + "a,b,c\n" + "a,b,c,d,e,f,g\n" + good.split("\n", 1)[1].replace("4512345", "4512346"))
    report = importing(path, columns=columns_of(path, {}))
    assert report.counts == {"stored": 2, "rejected:uneven-row": 2}
    with archive.reading() as connection:
        uneven = select(outcomes.c.address).where(outcomes.c.outcome == "rejected:uneven-row")
        assert list(connection.execute(uneven).scalars()) == ["x.csv, line 5", "x.csv, line 6"]


def test_a_row_is_kept_as_it_was_and_can_be_read_again(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
) -> None:
    path = jsonl(tmp_path / "x.jsonl", [ROW | {"views": 12}])
    importing(path, columns=columns_of(path, {}))
    with archive.reading() as connection:
        kept = connection.execute(select(pages)).one()
        article = find(connection, versions(connection)[0]).article
    page = warc.read(archive.warc_folder, warc.Stored(kept.warc_file, kept.warc_offset, kept.warc_length))
    assert json.loads(page.content)["row"] == ROW | {"views": 12}
    again = reread_row(page.content, Reading(place="1", address="1", after=1))
    assert again.article == article
    assert verify(archive).wrong == ()


def test_an_export_imported_anew_keeps_nothing_twice(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
) -> None:
    rows = [ROW, ROW | {"url": ROW["url"] + "-2"}]
    importing(jsonl(tmp_path / "x.jsonl", rows), columns=COLUMNS)
    report = importing(jsonl(tmp_path / "y.jsonl", [*rows, *rows, ROW | {"title": "Judul lain"}]), columns=COLUMNS)
    assert report.counts == {"unchanged": 4, "updated": 1}
    assert verify(archive).pages == 3


def test_a_page_that_was_fetched_is_not_replaced_by_a_row_that_knows_no_moment(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
) -> None:
    dated = ROW | {"scraped_at": "2024-06-04 01:00:00"}
    path = jsonl(tmp_path / "x.jsonl", [dated, ROW | {"title": "Judul lain"}])
    report = importing(path, columns=columns_of(path, {}))
    assert report.counts == {"stored": 1, "skipped:undated": 1}
    with archive.reading() as connection:
        (version,) = versions_of(connection, versions(connection)[0])
    assert version.fetched_at == datetime(2024, 6, 3, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"date": 1717398300}, "2024-06-03T14:05:00+07:00"),
        ({"date": 1717398300000}, "2024-06-03T14:05:00+07:00"),
        ({"date": "1717398300"}, "2024-06-03T14:05:00+07:00"),
        ({"date": "1717398300000.0"}, "2024-06-03T14:05:00+07:00"),
        ({"date": float("nan"), "url": "https://koran.test/2024/06/03/judul"}, "2024-06-03"),
        ({"date": "2024-06-03 14:05:00"}, "2024-06-03T14:05:00+07:00"),
        ({"date": "2024-06-03T07:05:00Z"}, "2024-06-03T14:05:00+07:00"),
        ({"date": "3+Juni+2024"}, "2024-06-03"),
        ({"date": None, "url": "https://koran.test/2024/06/03/judul"}, "2024-06-03"),
    ],
)
def test_dates_go_through_our_readers_in_the_source_s_zone(changes: dict[str, Any], expected: str) -> None:
    blank = Reading(place="1", address="1", after=1)
    content = json.dumps({"columns": COLUMNS, "row": ROW | changes, "kept_at": "2026-01-01T00:00:00+00:00"}).encode()
    article = reread_row(content, blank).article
    assert article is not None
    assert article.published_at.isoformat() == expected


@pytest.mark.parametrize("fetched", [1717437600, "1717437600", "2024-06-04 01:00:00"])
def test_the_moment_of_scraping_is_read_as_the_publication_is(fetched: object) -> None:
    row = ROW | {"date": "2 jam lalu", "crawled_at": fetched}
    content = {"columns": COLUMNS | {"fetched_at": "crawled_at"}, "row": row, "kept_at": "2026-01-01T00:00:00+00:00"}
    article = reread_row(json.dumps(content).encode(), Reading(place="1", address="1", after=1)).article
    assert article is not None
    assert article.published_at.isoformat().startswith("2024-06-03T23")


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("<p>Satu.</p><p>Dua &amp; tiga.<script>x()</script></p>", ("Satu.", "Dua & tiga.")),
        ("Satu.\r\nDua.", ("Satu.", "Dua.")),
        ("Satu,\nlanjut.\n\nDua.", ("Satu,\nlanjut.", "Dua.")),
        (["Satu.", "Dua &quot;tiga&quot;."], ("Satu.", 'Dua "tiga".')),
    ],
)
def test_paragraphs_come_out_of_markup_lists_and_lines(content: object, body: tuple[str, ...]) -> None:
    assert read_row(ROW | {"content": content}, COLUMNS).body == body


def test_a_story_that_lost_its_line_breaks_is_parted_from_headline_and_credits() -> None:
    story = "Harga cabai di pasar induk turun tipis sejak pekan lalu, kata seorang pedagang. " * 10
    flat = (
        f"{ROW['title']} Kendari (ANTARA) - {story.strip()} Pewarta: Salma Wuna Editor: Rudi Tanta "
        "Copyright © ANTARA 2024 Dilarang keras menyalin tanpa izin."
    )
    raw = read_row(ROW | {"content": flat, "author": None}, COLUMNS)
    assert raw.body[0] == ROW["title"]
    assert raw.body[1].endswith("kata seorang pedagang.")
    assert raw.body[2:4] == ("Pewarta: Salma Wuna", "Editor: Rudi Tanta")
    content = {"columns": COLUMNS, "row": ROW | {"content": flat, "author": None}, "kept_at": "2026-01-01T00:00+00:00"}
    article = reread_row(json.dumps(content).encode(), Reading(place="1", address="1", after=1)).article
    assert article is not None
    assert (article.authors, article.editors) == (("Salma Wuna",), ("Rudi Tanta",))
    assert article.body == (story.strip(),)


def test_a_row_without_an_address_is_a_clipping_of_the_source_it_names() -> None:
    row = without("url") | {"source": "antara"}
    content = {"columns": COLUMNS | {"source": "source"}, "row": row, "kept_at": "2026-01-01T00:00+00:00"}
    article = reread_row(json.dumps(content).encode(), Reading(place="1", address="1", after=1)).article
    assert article is not None
    assert (article.url, article.source, article.id[:10]) == (None, "antara", "urn:sha256")


def test_a_torn_export_gives_its_whole_rows_and_says_where_it_is_torn(
    importing: Importer,
    tmp_path: Path,
) -> None:
    path = jsonl(tmp_path / "x.jsonl.gz", [ROW | {"url": f"{ROW['url']}-{n}", "note": str(n) * 50} for n in range(400)])
    columns = columns_of(path, {})
    path.write_bytes(path.read_bytes()[:-200])
    report = importing(path, columns=columns)
    assert report.state == "failed"
    torn = re.search(r"torn or broken behind line (\d+)", report.needs_attention or "")
    assert torn
    assert report.counts["stored"] == int(torn[1]) >= 300


def test_an_export_that_is_torn_among_its_first_rows_gives_these(importing: Importer, tmp_path: Path) -> None:
    rows = [ROW | {"url": f"{ROW['url']}-{n}", "note": str(random.Random(n).random()) * 9} for n in range(20)]
    path = jsonl(tmp_path / "x.jsonl.gz", rows)
    path.write_bytes(path.read_bytes()[:-200])
    report = importing(path, columns=columns_of(path, {}))
    assert (report.state, report.counts["stored"] > 5) == ("failed", True)


def test_a_line_of_a_hundred_megabytes_is_passed_over_without_being_held(
    importing: Importer,
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(json.dumps(ROW).encode() + b"\n" + b'{"title": "')
        for _ in range(100):
            file.write(bytes(1 << 20))
        file.write(b'"}\n' + json.dumps(ROW | {"url": ROW["url"] + "-2"}).encode())
    assert importing(path, columns=COLUMNS).counts == {"stored": 2, "rejected:too-large": 1}


def test_a_file_without_a_row_is_said_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("bukan\n")
    with pytest.raises(NoExport, match="none of its first lines is a JSON object"):
        columns_of(path, {})
    path = tmp_path / "x.csv"
    path.touch()
    with pytest.raises(NoExport, match="no head row"):
        columns_of(path, {})


@pytest.mark.parametrize("name", ["X.CSV", "X.CSV.GZ", "X.JSONL.GZ", "x.csv.jsonl"])
def test_an_export_is_read_as_what_its_name_ends_in_however_that_is_written(
    name: str, importing: Importer, tmp_path: Path
) -> None:
    path = tmp_path / name
    content = (table([ROW]) if name.startswith("X.CSV") else json.dumps(ROW)).encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".GZ") else content)
    assert importing(path, columns=columns_of(path, {})).counts == {"stored": 1}


def test_a_report_names_the_rows_that_gave_no_article_in_their_order(importing: Importer, tmp_path: Path) -> None:
    """The first twenty of them: whoever mends an export must know where to look."""
    path = jsonl(tmp_path / "x.jsonl", [ROW, *(["bukan"] * 30)])
    report = importing(path, columns=COLUMNS)
    assert [each.address for each in report.problems] == [f"x.jsonl, line {number}" for number in range(2, 22)]
    assert "the line is no JSON" in (report.problems[0].detail or "")


def test_a_row_that_an_open_quotation_mark_drew_others_into_says_so(importing: Importer, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('url,title,body\nhttps://a.example/1,"Judul,isi\nhttps://a.example/2,Judul,isi\n')
    (problem,) = importing(path, columns=columns_of(path, {})).problems
    assert problem.outcome == "rejected:uneven-row"
    assert problem.detail == "it has 2 values for 3 columns, and goes on to line 3: a quotation mark may be missing"


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.warc", "x.warc.gz"])
def test_a_file_without_any_record_needs_attention(name: str, importing: Importer, tmp_path: Path) -> None:
    """A download that failed leaves an empty file behind, and a green import of nothing would hide it."""
    path = tmp_path / name
    path.write_text("title,body\n" if name == "x.csv" else "")
    assert importing(path, columns=COLUMNS).needs_attention == f"{path}: there is no record in it."
    assert importing(path, columns=COLUMNS).needs_attention == f"{path}: there is no record in it."


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.jsonl.gz", "x.csv.gz"])
def test_an_export_in_utf_16_is_read_and_a_torn_one_is_said_to_be(
    name: str, importing: Importer, tmp_path: Path
) -> None:
    """So Windows writes what a shell redirects, and spreadsheets their "Unicode text"."""
    rows = [ROW | {"url": f"{ROW['url']}-{n}", "note": str(random.Random(n).random())} for n in range(9)]
    text = table(rows) if ".csv" in name else "".join(json.dumps(row) + "\r\n" for row in rows)
    content = text.encode("utf-16")
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert importing(path, columns=columns_of(path, {})).counts == {"stored": 9}
    if name.endswith(".gz"):
        path.write_bytes(path.read_bytes()[:-200])
        assert "torn or broken" in (importing(path, columns=COLUMNS).needs_attention or "")


def test_a_line_of_utf_16_without_end_is_passed_over_and_the_others_are_read(
    importing: Importer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "LONGEST_ROW", 1_000_000)
    path = tmp_path / "x.jsonl"
    lines = [json.dumps(ROW), "x" * 3_000_000, json.dumps(ROW | {"url": f"{ROW['url']}-2"}), "y" * 1_500_000]
    path.write_bytes("\n".join(lines).encode("utf-16"))
    assert importing(path, columns=COLUMNS).counts == {"stored": 2, "rejected:too-large": 2}


@pytest.mark.shared
def test_the_corpus_of_another_scraper_comes_in(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
    shared: Path,
) -> None:
    """Every tenth row: all with a date, or with one in their address, are stored, and the others named."""
    with gzip.open(shared / "corpus" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for number, line in enumerate(lines) if number % 10 == 0]
    path = jsonl(tmp_path / "corpus.jsonl", rows)
    report = importing(path, columns=columns_of(path, {}))
    assert set(report.counts) == {"stored", "rejected:no-date"}
    assert sum(report.counts.values()) == len(rows)
    with archive.reading() as connection:
        refused = select(outcomes.c.address).where(outcomes.c.outcome == "rejected:no-date")
        numbers = [int(address.rpartition(" ")[2]) for address in connection.execute(refused).scalars()]
    assert not any(rows[number - 1]["date"] for number in numbers)
    assert report.counts["rejected:no-date"] < 0.05 * len(rows)

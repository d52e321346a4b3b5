"""Other scrapers' exports: columns are guessed, each row ends in one outcome with its line, and the row is kept."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archive.database import Archive
from archive.finding import find
from archive.tables import outcomes, pages
from archive.verify import verify
from archive.versions import versions_of
from archive.warc.pages import StoredRecord
from archive.warc.reading import load_page
from ingest.columns import BadColumnsError, guess
from ingest.export_file import columns_of, reread_row
from ingest.export_row import read_row
from ingest.read_tasks import ReadRecord
from tests.support.importing import COLUMNS, ROW, Importer, import_one, jsonl, table
from tests.support.postgresql.archives import on_both


@pytest.fixture
def importing(archive: Archive) -> Importer:
    """Import one file under a run of its own."""
    return partial(import_one, archive)


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
def test_columns_are_guessed_by_their_names_and_a_choice_overrides_the_guess(
    names: list[str], chosen: dict[str, str], columns: dict[str, str]
) -> None:
    assert guess(names, chosen) == columns


@pytest.mark.parametrize(
    ("names", "chosen", "says"),
    [
        (["judul", "tanggal"], {}, "No column looks like the body. Name it with --column body=NAME"),
        (["title", "body"], {"bdoy": "body"}, "There is no field 'bdoy'"),
        (["title", "body"], {"body": "isi"}, "There is no column 'isi'. The columns are: title, body."),
    ],
)
def test_columns_that_cannot_be_used_are_refused_with_what_to_do(
    names: list[str], chosen: dict[str, str], says: str
) -> None:
    with pytest.raises(BadColumnsError, match=says):
        guess(names, chosen)


@pytest.mark.parametrize(
    "name", ["x.jsonl", "x.jsonl.gz", "x.csv", "x.csv.gz", "semicolons.csv", "utf16.csv", "latin.csv"]
)
def test_a_row_becomes_an_article_with_date_and_credits_in_every_kind_of_file(
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


def test_a_row_that_gives_no_article_is_rejected_with_its_reason_and_line(
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
    rejected = {row.address: row.outcome for row in rows}
    assert rejected == {f"rows.jsonl, line {number}": name for number, (_, name) in enumerate(BAD_ROWS, start=2)}
    assert any("'kapan-kapan' cannot be read as a date" in row.detail for row in rows)


def test_csv_rows_that_do_not_fit_the_columns_are_rejected_with_their_line(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
) -> None:
    """An unquoted comma would move every value into the next column."""
    path = tmp_path / "x.csv"
    good = table([ROW])
    path.write_text(good + "a,b,c\n" + "a,b,c,d,e,f,g\n" + good.split("\n", 1)[1].replace("4512345", "4512346"))
    report = importing(path, columns=columns_of(path, {}))
    assert report.counts == {"stored": 2, "rejected:uneven-row": 2}
    with archive.reading() as connection:
        uneven = select(outcomes.c.address).where(outcomes.c.outcome == "rejected:uneven-row")
        assert list(connection.execute(uneven).scalars()) == ["x.csv, line 5", "x.csv, line 6"]


@on_both
def test_a_row_is_kept_unchanged_and_can_be_read_again(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
) -> None:
    path = jsonl(tmp_path / "x.jsonl", [ROW | {"views": 12}])
    importing(path, columns=columns_of(path, {}))
    with archive.reading() as connection:
        kept = connection.execute(select(pages)).one()
        article = find(connection, versions(connection)[0]).article
    page = load_page(archive.warc_folder, StoredRecord(kept.warc_file, kept.warc_offset, kept.warc_length))
    assert json.loads(page.content)["row"] == ROW | {"views": 12}
    again = reread_row(page.content, ReadRecord(place="1", address="1", cursor=1))
    assert again.article == article
    assert verify(archive).wrong == ()


def test_an_export_imported_again_keeps_no_row_twice(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
) -> None:
    rows = [ROW, ROW | {"url": ROW["url"] + "-2"}]
    importing(jsonl(tmp_path / "x.jsonl", rows), columns=COLUMNS)
    report = importing(jsonl(tmp_path / "y.jsonl", [*rows, *rows, ROW | {"title": "Judul lain"}]), columns=COLUMNS)
    assert report.counts == {"unchanged": 4, "updated": 1}
    assert verify(archive).pages == 3


def test_a_row_without_a_time_of_fetch_does_not_replace_a_dated_one(
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
def test_dates_are_read_like_those_of_pages_in_the_source_s_zone(changes: dict[str, Any], expected: str) -> None:
    blank = ReadRecord(place="1", address="1", cursor=1)
    content = json.dumps({"columns": COLUMNS, "row": ROW | changes, "kept_at": "2026-01-01T00:00:00+00:00"}).encode()
    article = reread_row(content, blank).article
    assert article is not None
    assert article.published_at.isoformat() == expected


@pytest.mark.parametrize("fetched", [1717437600, "1717437600", "2024-06-04 01:00:00"])
def test_the_time_of_scraping_is_read_and_relative_dates_count_from_it(fetched: object) -> None:
    row = ROW | {"date": "2 jam lalu", "crawled_at": fetched}
    content = {"columns": COLUMNS | {"fetched_at": "crawled_at"}, "row": row, "kept_at": "2026-01-01T00:00:00+00:00"}
    article = reread_row(json.dumps(content).encode(), ReadRecord(place="1", address="1", cursor=1)).article
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
def test_paragraphs_are_read_from_html_lists_and_lines(content: object, body: tuple[str, ...]) -> None:
    assert read_row(ROW | {"content": content}, COLUMNS).body == body


def test_a_story_without_line_breaks_is_split_from_headline_and_credits() -> None:
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
    article = reread_row(json.dumps(content).encode(), ReadRecord(place="1", address="1", cursor=1)).article
    assert article is not None
    assert (article.authors, article.editors) == (("Salma Wuna",), ("Rudi Tanta",))
    assert article.body == (story.strip(),)


def test_a_row_without_an_address_is_a_clipping_of_the_source_it_names() -> None:
    row = without("url") | {"source": "antara"}
    content = {"columns": COLUMNS | {"source": "source"}, "row": row, "kept_at": "2026-01-01T00:00+00:00"}
    article = reread_row(json.dumps(content).encode(), ReadRecord(place="1", address="1", cursor=1)).article
    assert article is not None
    assert (article.url, article.source, article.id[:10]) == (None, "antara", "urn:sha256")


@pytest.mark.large
@pytest.mark.shared
def test_the_corpus_of_another_scraper_is_imported(
    archive: Archive,
    importing: Importer,
    tmp_path: Path,
    shared: Path,
) -> None:
    """Every tenth row: those with a date, or a date in their address, are stored; the others are rejected for it."""
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

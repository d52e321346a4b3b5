"""Pages that people saved: by SingleFile, browsers and other tools, from web archives, and in MHTML files."""

# ruff: noqa: E501  what a tool writes stands in one line, as it does in its files
from __future__ import annotations

import base64
import plistlib
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.database import Archive
from archive.finding import find
from archive.identity import article_id
from archive.records import Article, Rejected
from archive.twins import own_address
from archive.versions import versions_of
from ingest.alone import read_here
from ingest.files import ImportedFile, ReadFile, SingleFileImport, read_file
from ingest.paths import files_of
from ingest.run import begin_import
from reading.extract.copies import publisher_page, saved_copy
from reading.extract.refuse import LARGEST_PAGE

ADDRESS = "https://www.pelita.example/berita/71/panen-garam"
AT = datetime(2024, 6, 4, 1, 12, 36, tzinfo=UTC)
BODY = (
    "Rembang - Petani garam di pesisir utara memanen dua kali lipat sepanjang pekan pertama bulan ini karena hujan berhenti.",
    "Ketua kelompok tani mengatakan gudang desa penuh, dan sebagian garam disimpan di bawah terpal di tepi tambak.",
    "Harga di tingkat petani turun menjadi Rp900 per kilogram, dari Rp1.400 per kilogram pada bulan lalu.",
)  # fmt: skip


def page(
    *,
    before_head: str = "",
    head: str = "",
    body: str = "",
    html: str = "<html lang=id>",
    after: str = "",
    story: str = "",
) -> bytes:
    """A page with a story; every part that a tool may write can be given."""
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in BODY)
    return (
        f"<!DOCTYPE html>{html}{before_head}<head><meta charset=utf-8><title>Panen garam melimpah di Rembang</title>{head}"
        f"</head><body>{body}<h1>Panen garam melimpah di Rembang</h1><div class=date>Senin, 3 Juni 2024 14:05 WIB</div>"
        f"<div class=content>{story}{paragraphs}</div></body>{after}</html>"
    ).encode()


ARCHIVED = f"https://web.archive.org/web/20240604011236/{ADDRESS}"
TOOLBAR = (
    "<!-- BEGIN WAYBACK TOOLBAR INSERT --><div id='wm-ipp-base'><p>Petunjuk tentang rekaman ini: 12 rekaman dari tanggal "
    "5 Juni 2024 sampai 6 Juni 2024 ada di arsip ini, dan semuanya dapat dibuka.</p></div><!-- END WAYBACK TOOLBAR INSERT -->"
)
COMMENT = "\n<!--\n     FILE ARCHIVED ON 01:12:36 Jun 04, 2024 AND RETRIEVED FROM THE\n     INTERNET ARCHIVE ON 05:10:11 Nov 30, 2025.\n-->\n"
SINGLE_FILE = "<!--\n Page saved with SingleFile \n url: {} \n saved date: {}\n-->"
KNOWN = {
    "SingleFile": page(before_head=SINGLE_FILE.format(ADDRESS, "Tue Jun 04 2024 08:12:36 GMT+0700 (Waktu Indonesia Barat)")),
    "SingleFile, another zone": page(
        before_head=SINGLE_FILE.format(ADDRESS, "Mon Jun 03 2024 18:12:36 GMT-0700 (Pacific Daylight Time)")
    ),
    "SingleFile with an info line": page(
        before_head=f"<!--\n Page saved with SingleFile \n url: {ADDRESS} \n saved date: Tue Jun 04 2024 01:12:36 GMT+0000 (UTC)"
        " \n info: arsip desa\n-->"
    ),
    "SingleFile in one line": page(
        before_head=f"<!-- Page saved with SingleFile url: {ADDRESS} saved date: Tue Jun 04 2024 08:12:36 GMT+0700 (WIB) -->"
    ),
    "an old SingleFile": page(
        before_head=f"<!--\n Archive processed by SingleFile \n url: {ADDRESS} \n saved date: Tue Jun 04 2024 03:12:36 GMT+0200 (CEST)\n-->"
    ),
    "SingleFile of a capture": page(
        before_head=SINGLE_FILE.format(ARCHIVED, "Sun Nov 30 2025 08:12:36 GMT+0700 (Western Indonesia Time)")
    ),
    "Save Page WE": page(
        head=f'<meta name="savepage-url" content="{ADDRESS}"><meta name="savepage-date" content="Tue Jun 04 2024 08:12:36 GMT+0700 (WIB)">'
    ),
    "WebScrapBook": page(html=f'<html lang="id" data-scrapbook-source="{ADDRESS}" data-scrapbook-create="20240604011236123">'),
    "monolith": b"<!-- Saved from %s at 2024-06-04T01:12:36Z using monolith v2.8.1 -->" % ADDRESS.encode() + page(),
    "HTTrack": page(
        before_head="<!-- Mirrored from www.pelita.example/berita/71/panen-garam by HTTrack Website Copier/3.x [XR&CO'2014], "
        "Tue, 04 Jun 2024 01:12:36 GMT -->"
    ),
    "the Wayback Machine": page(head=f'<link rel="canonical" href="{ARCHIVED}">', body=TOOLBAR, after=COMMENT),
    "the Wayback Machine, relative": page(
        head=f'<link rel="canonical" href="/web/20240604011236/{ADDRESS}">', body=TOOLBAR, after=COMMENT
    ),
    "the Wayback Machine, by its script": page(
        head=f'<script>__wm.init("https://web.archive.org/web");</script><script>__wm.wombat("{ADDRESS}","20240604011236",'
        '"https://web.archive.org/","web");</script>', body=TOOLBAR,
    ),
    "the Wayback Machine, by its toolbar": page(
        body=f"<!-- BEGIN WAYBACK TOOLBAR INSERT --><div id='wm-ipp'><input type='text' name='url' id='wmtbURL' size='30' value='{ADDRESS}'>"
        "</div><!-- END WAYBACK TOOLBAR INSERT -->", after=COMMENT,
    ),
    "the Wayback Machine, og:url alone": page(head=f'<meta property="og:url" content="{ADDRESS}">', body=TOOLBAR, after=COMMENT),
    "a browser's copy of a capture": (
        b"<!-- saved from url=(0099)https://web.archive.org/web/20240604011236id_/%s -->" % ADDRESS.encode() + page()
    ),
    "archive.today": page(
        head=f'<link rel="canonical" href="https://archive.ph/2024.06.04-011236/{ADDRESS}">',
        body="<div id=HEADER><p>Disimpan dari alamat di atas; tidak ada rekaman lain dari alamat ini pada arsip kami.</p></div>"
        "<div id=DIVSHARE><p>Bagikan</p></div>",
    ),
    "another archive": page(head=f'<link rel="canonical" href="https://arsip.example/koleksi/20240604011236mp_/{ADDRESS}">'),
}  # fmt: skip


def read(tmp_path: Path, content: bytes, name: str = "x.html", url: str | None = None) -> ReadFile:
    path = tmp_path / name
    path.write_bytes(content)
    return read_file(path, url, None)


@pytest.mark.parametrize("tool", KNOWN)
def test_a_saved_page_has_the_publisher_s_address_and_the_time_that_the_tool_wrote(tmp_path: Path, tool: str) -> None:
    found = read(tmp_path, KNOWN[tool])
    assert (article_id(found.article.url or ""), found.fetched_at) == (article_id(ADDRESS), AT)
    assert [paragraph[:20] for paragraph in found.article.body] == [
        paragraph.removeprefix("Rembang - ")[:20] for paragraph in BODY
    ]


@pytest.mark.parametrize(
    ("written", "address", "at"),
    [
        (f"<!-- saved from url=(0048){ADDRESS} -->", ADDRESS, None),
        ("<!-- saved from url=(0029)file:///C:/Berita/panen.html -->", None, None),
        ("<!-- saved from url=(0014)about:internet -->", None, None),
        (SINGLE_FILE.format(ADDRESS, "Tue Jun 04 2024"), ADDRESS, None),
        (SINGLE_FILE.format(ADDRESS, "4/6/2024 08.12.36"), ADDRESS, None),
        (SINGLE_FILE.format(ADDRESS, "2024-06-04T01:12:36.000Z"), ADDRESS, AT),
        (f"<!--\n Page saved with SingleFile \n url: {ADDRESS} \n-->", ADDRESS, None),
        (SINGLE_FILE.format("about:reader?url=https%3A%2F%2Fwww.pelita.example%2Fberita%2F71%2Fpanen-garam", ""), ADDRESS, None),
        (SINGLE_FILE.format(f"view-source:{ADDRESS}?a=1&amp;b=2", ""), f"{ADDRESS}?a=1&b=2", None),
        ("<!-- Panen -->", None, None),
    ],
)  # fmt: skip
def test_what_a_tool_did_not_write_is_not_guessed(written: str, address: str | None, at: datetime | None) -> None:
    copy = saved_copy(page(before_head=written))
    assert (copy.address, copy.saved_at) == (address, at)


def test_the_user_s_word_goes_first_and_a_time_in_the_future_is_not_believed(tmp_path: Path) -> None:
    later = (datetime.now(UTC) + timedelta(days=9)).strftime("%a %b %d %Y %H:%M:%S GMT+0000 (UTC)")
    found = read(tmp_path, page(before_head=SINGLE_FILE.format(ADDRESS, later)), url=f"{ADDRESS}-lain")
    assert (found.article.url, found.fetched_at) == (f"{ADDRESS}-lain", None)
    capture = read(tmp_path, page(), url=ARCHIVED)
    assert (capture.article.url, capture.fetched_at) == (ADDRESS, AT)


PICTURE = "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8" * 3_500_000).decode()


@pytest.mark.parametrize(
    "inlined",
    [
        f'<img src="{PICTURE}">',
        f"<img src='{PICTURE}'>",
        f"<style>p{{background:url({PICTURE})}}</style>",
        f'<iframe srcdoc="{"&lt;p&gt;iklan" * 700_000}"></iframe>',
        f'<svg><image href="data:image/svg+xml;charset=utf-8,{"%3Cpath/%3E" * 700_000}"/></svg>',
    ],
    ids=("an img", "single quotes", "a style", "a frame", "an svg"),
)
def test_inlined_pictures_do_not_count_against_the_limit_of_a_page(tmp_path: Path, inlined: str) -> None:
    content = page(before_head=SINGLE_FILE.format(ADDRESS, ""), story=inlined)
    assert len(content) > LARGEST_PAGE
    found = read(tmp_path, content)
    assert (found.article.url, len(found.article.body)) == (ADDRESS, 3)
    assert found.content == content


def test_a_page_whose_own_text_is_too_large_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="too-large"):
        read(tmp_path, page(before_head=SINGLE_FILE.format(ADDRESS, ""), story="<!--" + "x y" * 2_000_000 + "-->"))


def test_rewritten_links_of_a_capture_become_the_publisher_s(tmp_path: Path) -> None:
    picture = "https://web.archive.org/web/20240604011236im_/https://www.pelita.example/foto/71.jpg"
    head = f'<link rel="canonical" href="{ARCHIVED}"><meta property="og:image" content="{picture}">'
    found = read(tmp_path, page(head=head, after=COMMENT))
    assert [image.url for image in found.article.images] == ["https://www.pelita.example/foto/71.jpg"]


def test_a_story_that_links_to_a_web_archive_is_no_capture() -> None:
    content = page(
        story=f'<p>Rekamannya ada di <a href="{ARCHIVED}">arsip</a>.</p>', head=f'<link rel=canonical href="{ADDRESS}">'
    )
    assert saved_copy(content) == saved_copy(b"")


def mhtml(*heads: str, location: str = ADDRESS, kind: str = "text/html", frame: bool = True) -> bytes:
    """An MHTML file as browsers write it: the page, then a picture and a frame."""
    quoted = base64.encodebytes(page()).decode().replace("\n", "\r\n")
    lines = [
        *heads, "MIME-Version: 1.0",
        'Content-Type: multipart/related; type="text/html"; boundary="----Batas"', "", "",
        "------Batas", f"Content-Type: {kind}; charset=utf-8", "Content-Transfer-Encoding: base64", f"Content-Location: {location}", "", quoted,
    ]  # fmt: skip
    if frame:
        lines += [
            "------Batas", "Content-Type: text/html", "Content-Location: cid:frame-1@mhtml.blink", "", "<p>iklan</p>",
            "------Batas", "Content-Type: image/jpeg", "Content-Transfer-Encoding: base64", "", "AAAA" * (2 << 20),
        ]  # fmt: skip
    return "\r\n".join([*lines, "------Batas--", ""]).encode()


@pytest.mark.parametrize(
    ("content", "at"),
    [
        (
            mhtml(
                "From: <Saved by Blink>",
                f"Snapshot-Content-Location: {ADDRESS}",
                "Date: Tue, 4 Jun 2024 01:12:36 -0000",
            ),
            AT,
        ),
        (mhtml("From: <Saved by Windows Internet Explorer 9>", "Date: Tue, 4 Jun 2024 08:12:36 +0700"), AT),
        (mhtml("From: <Saved by Blink>", "Date: Sun, 30 Nov 2025 01:12:36 -0000", location=ARCHIVED), AT),
        (mhtml("From: <Saved by Mozilla>"), None),
    ],
)
def test_an_mhtml_file_is_read_with_address_and_time(tmp_path: Path, content: bytes, at: datetime | None) -> None:
    found = read(tmp_path, content, "Panen.mhtml")
    assert (found.article.url, found.fetched_at) == (ADDRESS, at)
    assert found.content == page()


def test_a_web_archive_of_safari_is_read_with_its_address(tmp_path: Path) -> None:
    main = {
        "WebResourceData": page(),
        "WebResourceURL": ADDRESS,
        "WebResourceMIMEType": "text/html",
        "WebResourceTextEncodingName": "UTF-8",
    }
    found = read(tmp_path, plistlib.dumps({"WebMainResource": main}, fmt=plistlib.FMT_BINARY), "Panen.webarchive")
    assert (found.article.url, found.content) == (ADDRESS, page())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.mht", b"bukan surat"),
        ("x.mht", mhtml(kind="text/css", frame=False)),
        ("x.webarchive", b"bukan daftar"),
        ("x.webarchive", plistlib.dumps(["lain"])),
        ("x.webarchive", plistlib.dumps({"WebMainResource": {"WebResourceData": "teks"}})),
    ],
)
def test_a_container_without_a_page_is_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        read(tmp_path, content, name)
    assert refused.value.reason == "not-html"


def imported(archive: Archive, path: Path) -> ImportedFile:
    with begin_import(archive, software="test", lease_seconds=5, now=datetime.now(UTC)) as run:
        return SingleFileImport(run, read_here).import_file(path, None, None)


def stored(archive: Archive) -> tuple[Article, datetime | None]:
    with archive.reading() as connection:
        article = find(connection, article_id(ADDRESS)).article
        return article, versions_of(connection, article.id)[-1].fetched_at


def test_a_capture_is_archived_with_its_time_and_is_read_alike_again(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(KNOWN["the Wayback Machine"])
    assert imported(archive, path).outcome == "stored"
    before = stored(archive)
    assert before[1] == AT
    path.write_bytes(KNOWN["SingleFile"])
    assert imported(archive, path).outcome == "unchanged"
    assert own_address(before[0].url or "") == ADDRESS


def test_frames_in_the_folder_of_a_saved_page_are_left_out(tmp_path: Path) -> None:
    for name in (
        "Panen.html",
        "Panen_files/saved_resource.html",
        "Panen_files/iklan/x.htm",
        "lain_files/y.html",
        "z.mht",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(page())
    found, parts = files_of([tmp_path])
    assert [str(each.relative_to(tmp_path)) for each in found] == ["Panen.html", "lain_files/y.html", "z.mht"]
    assert len(parts) == 2
    assert files_of([tmp_path / "Panen_files/saved_resource.html"])[0] == [tmp_path / "Panen_files/saved_resource.html"]


@pytest.mark.parametrize(
    "unit",
    ["<link canonical ", '"/a/a/a/20240604011236', "data:;a=b;a=b,", 'srcdoc="', "<meta name=savepage-url content=", "//a.b/a/", "<!-- saved from url=(0001)"],
)  # fmt: skip
def test_a_hostile_page_takes_time_by_its_size_alone(unit: str) -> None:
    hostile = (b"FILE ARCHIVED ON 1 archive.org" + unit.encode() * (6_000_000 // len(unit))) + b"FILE ARCHIVED ON"
    began = time.process_time()
    saved_copy(hostile)
    publisher_page(hostile, LARGEST_PAGE)
    assert time.process_time() - began < 10

"""A value has witnesses (decision 20): a second one that agrees is named beside the first, disagreement is a flag."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archive.records import Article
from reading.article import normalise
from reading.extract.page import extract
from reading.extract.raw import FoundText
from reading.witnesses import same_beginning, same_person, same_title, with_witness

URL = "https://www.harianrawa.example/daerah/2019/06/03/pasar-ikan"
TITLE = "Pasar Ikan Muara Rawa Terbakar Senin Dini Hari"
OTHER_TITLE = "Jembatan Gantung Desa Sukamaju Selesai Diperbaiki"
STORY = (
    "Kebakaran menghanguskan puluhan kios di pasar ikan itu pada Senin dini hari, dan tidak ada korban jiwa.",
    "Petugas pemadam dari tiga kecamatan memerlukan waktu empat jam untuk memadamkan api yang merambat cepat.",
    "Pedagang yang kehilangan kios akan mendapat tempat sementara di lapangan kantor camat mulai pekan depan.",
)


def page(
    *,
    title: str = TITLE,
    head: str = "",
    byline: str = "Penulis: Rina Dewi",
    foot: str = "",
    caption: str = "",
    site: str = "Harian Rawa",
    **in_json_ld: Any,
) -> str:
    described = json.dumps({"@type": "NewsArticle", **in_json_ld}) if in_json_ld else "{}"
    figure = f'<figure><img src="/a.jpg"><figcaption>{caption}</figcaption></figure>' if caption else ""
    story = "".join(f"<p>{paragraph}</p>" for paragraph in STORY)
    return f"""<html lang="id"><head><title>{site} - Berita Rawa Terkini Hari Ini</title>
      <meta property="og:type" content="article"><meta property="og:site_name" content="{site}">{head}
      <script type="application/ld+json">{described}</script></head><body>
      <h1>{title}</h1><div class="date">Senin, 3 Juni 2019 14:05 WIB</div><div class="author">{byline}</div>
      <article>{figure}{story}<p>{foot}</p></article></body></html>"""


def read(html: str) -> Article:
    raw = extract(html.encode(), url=URL, source=None)
    return normalise(raw, source=None, url=URL, fetched_at=None)


def person(name: str, kind: str = "Person") -> dict[str, str]:
    return {"@type": kind, "name": name}


# -- provenance -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "html", "where"),
    [
        ("title", page(headline=TITLE), "text+json-ld"),
        ("title", page(head=f'<meta property="og:title" content="{TITLE} - Harian Rawa">'), "text+meta"),
        ("title", page(), "text"),
        ("authors", page(author=person("Rina Dewi")), "text+json-ld"),
        ("authors", page(head='<meta name="author" content="Rina Dewi">'), "text+meta"),
        ("authors", page(head='<meta name="author" content="Harian Rawa">'), "text"),
        ("authors", page(author=[person("Rina Dewi"), person("Budi Raharja")]), "text"),
        ("authors", page(byline="Penulis: Rina Dewi | Editor: Budi Raharja", author=person("Budi Raharja")), "text"),
        (
            "editors",
            page(byline="Penulis: Rina Dewi | Editor: Budi Raharja", author=person("Budi Raharja")),
            "text+json-ld",
        ),
        ("editors", page(byline="Editor: Budi Raharja", editor=person("Budi Raharja")), "text+json-ld"),
        ("body", page(articleBody=" ".join(STORY)), "text+json-ld"),
        ("body", page(articleBody=" ".join(STORY * 4)), "text"),
        ("body", page(head=f'<meta name="description" content="{STORY[0][:90]}...">'), "text+meta"),
        ("body", page(description="Api melahap pasar ikan di tepi muara, ratusan pedagang merugi."), "text"),
        (
            "captions",
            page(
                caption="Petugas memadamkan api di pasar ikan, Senin (3/6/2019). (Foto: Budi Raharja)",
                image={"@type": "ImageObject", "caption": "Petugas memadamkan api di pasar ikan, Senin (3/6/2019)."},
            ),
            "text+json-ld",
        ),
        ("section", page(articleSection="Daerah"), "json-ld+url"),
        (
            "section",
            page(articleSection="Daerah", head='<meta property="article:section" content="DAERAH">'),
            "json-ld+meta",
        ),
        ("agency", page(foot="Sumber: Antara", author=person("Antara", "Organization")), "text+json-ld"),
        ("agency", page(foot="Sumber: Antara"), "text"),
        ("agency", page(foot="Sumber: Antara", head='<meta name="author" content="LKBN Antara">'), "text+meta"),
    ],
)
def test_a_second_witness_of_another_kind_that_agrees_is_named(field: str, html: str, where: str) -> None:
    assert read(html).provenance.get(field) == where


def test_two_places_of_one_kind_are_one_witness() -> None:
    """A template fills og:title, twitter:title and the window's title from one field, and prints what it prints."""
    title = FoundText(TITLE, "meta")
    assert with_witness(title, [FoundText(TITLE, "meta")], same_title).where == "meta"
    assert with_witness(title, [FoundText(TITLE, "microdata")], same_title).where == "meta+microdata"
    printed = FoundText(TITLE, "selector")
    assert with_witness(printed, [FoundText(TITLE, "text")], same_title).where == "selector"


# -- headlines --------------------------------------------------------------------------------------------------------

SAME_TITLES = [
    (TITLE, TITLE.upper()),
    (TITLE, f"{TITLE} | Harian Rawa"),
    (TITLE, "Pasar Ikan Muara Rawa Terba..."),
    (TITLE, f"FOTO: {TITLE}"),
    ("Pemain Timnas Émile Ucapkan “Selamat”", 'Pemain timnas Emile ucapkan "selamat"'),
    ("Pasar Ikan Muara Rawa Terbakar", "Terbakar, Pasar Ikan Muara Rawa Rugi"),
]


@pytest.mark.parametrize(("one", "two"), SAME_TITLES)
def test_a_headline_stays_the_same_in_other_case_with_the_publishers_name_or_shortened(one: str, two: str) -> None:
    assert same_title(one, two)
    assert same_title(two, one)


def test_two_headlines_are_not_the_same_for_a_few_common_words() -> None:
    assert not same_title(TITLE, OTHER_TITLE)
    assert not same_title("Banjir", "Banjir Rob Rendam Tiga Desa")
    assert not same_title("Api di Pasar", "Air di Pasar Ikan")


@pytest.mark.parametrize(
    ("html", "flagged"),
    [
        (page(title=OTHER_TITLE, head=f'<meta property="og:title" content="{TITLE}">'), True),
        (page(title="Berita", headline=TITLE), False),
        (page(headline=f"{TITLE} - Harian Rawa"), False),
        (page(headline="Senin Dini Hari, Api Melalap Pasar Ikan di Muara"), False),  # written for search engines
        (page(headline="Harian Rawa - Berita Rawa Terkini Hari Ini"), False),  # the template's
        (page(headline=TITLE, head=f'<meta property="og:title" content="{OTHER_TITLE}">'), False),  # two against one
        (page(), False),
    ],
)
def test_headlines_that_have_little_in_common_are_flagged(html: str, flagged: bool) -> None:
    assert ("title-contradicts" in read(html).flags) is flagged


# -- people -----------------------------------------------------------------------------------------------------------

SAME_PEOPLE = [
    ("Rina Dewi", "RINA DEWI"),
    ("Rina Dewi", "rinadewi"),
    ("Rina Dewi", "Rina"),
    ("M. Yusuf", "Muhammad Yusuf"),
    ("Rina Dewi Lestari", "Rina D. Lestari"),
    ("André Gunawan", "Andre Gunawan"),
    ("Rina Dewi Lestari", "RDL"),
    ("Ma'ruf Hidayat", "Maruf Hidayat"),
]


@pytest.mark.parametrize(("one", "two"), SAME_PEOPLE)
def test_a_name_stays_the_same_in_other_case_shortened_or_as_initials(one: str, two: str) -> None:
    assert same_person(one, two)
    assert same_person(two, one)


@pytest.mark.parametrize(
    ("one", "two"), [("Rina Dewi", "Budi Raharja"), ("Rina Dewi", "Rina Sari"), ("Ani", "Anita S")]
)
def test_two_people_are_not_one(one: str, two: str) -> None:
    assert not same_person(one, two)


@pytest.mark.parametrize(
    ("html", "flagged"),
    [
        (page(author=person("Budi Raharja")), True),
        (page(byline="Penulis: Monalisa", author=person("Budi Raharja")), True),
        (page(head='<meta name="content_author" content="Budi Raharja">'), True),
        (page(author=person("Budi Raharja"), head='<meta name="author" content="Rina Dewi">'), False),
        (page(head='<meta name="author" content="Budi Raharja">'), False),  # publishers put anybody there
        (page(byline="Penulis: Rina Dewi | Editor: Budi Raharja", author=person("Budi Raharja")), False),
        (page(author=person("Budi Raharja"), foot="Editor: Budi Raharja"), False),
        (page(author=person("Rawa Cyber Media", "Organization")), False),
        (page(author=person("Harian Rawa")), False),
        (page(author=person("Harian Rawa Online")), False),
        (page(author=person("admin")), False),
        (page(author=person("Redaksi")), False),
        (page(author=person("https://harianrawa.example/penulis/budi-raharja")), False),
        (page(author=person("Rina D")), False),
        (page(author=person("Rina Dewi Anggraini")), False),
        (page(author=person("Rina Anggraini")), False),  # one word in common: an old name, or a misprint
        (page(byline="Penulis: RDW", author=person("Budi Raharja")), False),
        (page(byline="", author=person("Budi Raharja")), False),
    ],
)
def test_metadata_that_credit_somebody_else_are_flagged(html: str, flagged: bool) -> None:
    assert ("authors-contradict" in read(html).flags) is flagged


# -- texts ------------------------------------------------------------------------------------------------------------


def test_a_text_begins_as_another_with_a_dateline_before_it_or_cut() -> None:
    assert same_beginning(STORY[0], f"MUARA RAWA, HARIANRAWA.EXAMPLE - {STORY[0]} {STORY[1]}")
    assert same_beginning(STORY[0], f"{STORY[0][:70]}…")
    assert not same_beginning(STORY[0], STORY[1])
    assert not same_beginning("Foto", "Foto bersama warga")

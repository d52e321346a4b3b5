"""Families: who else ran a story, and how each copy differs (decision 35)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text, update

from archive.articles import SaveResult, current_article
from archive.database import Archive
from archive.families import growing, memory
from archive.families.differences import differences
from archive.families.growing import grow
from archive.families.members import StoryFamily, beginning, family_of, largest, standing_id
from archive.families.memory import TextsInMemory
from archive.families.overlap import overlap
from archive.families.shingles import SHORTEST, sketches
from archive.leases import acquire
from archive.records import Article, ChangeKind
from archive.tables import articles, bands, changes, versions
from archive.tables import sketches as sketch_rows
from tests.conftest import an_article
from tests.support.postgresql.archives import damaged_json

Save = Callable[..., SaveResult]
STORY = (
    "Nelayan di pesisir Tanjung Luar kembali melaut setelah badai yang berlangsung sepekan akhirnya reda.",
    "Sebanyak 214 perahu berangkat sebelum fajar dari dermaga lama, kata ketua kelompok nelayan Haji Mahsun.",
    '"Kami sudah menunggu tujuh hari, dapur hampir tidak mengepul," ujarnya di tempat pelelangan ikan.',
    "Pemerintah kabupaten menyalurkan 18 ton beras dan bahan bakar bersubsidi selama nelayan tidak bekerja.",
    "Badan meteorologi setempat mengingatkan bahwa gelombang masih dapat mencapai dua meter pada sore hari.",
    "Harga ikan tongkol di pasar naik menjadi Rp42.000 sekilogram, hampir dua kali lipat dari pekan lalu.",
)
OTHER = (
    "Perpustakaan desa di kaki Gunung Lawu mendapat seribu buku anak dari sebuah yayasan di Surakarta.",
    "Kepala desa Sri Wahyuni mengatakan anak-anak kini membaca setiap sore di balai yang baru dicat.",
    "Para guru menyusun jadwal mendongeng, dan warga bergiliran menjaga rak agar buku tetap rapi.",
    "Bulan depan yayasan itu akan mengirim sebuah mobil perpustakaan yang berkeliling ke lereng timur.",
)
OUTLETS = ("antara", "detik", "kompas", "republika", "tempo")


def a_copy(number: int, body: tuple[str, ...] = STORY, **changed: object) -> Article:
    """An article of an outlet of its own."""
    at = datetime(2026, 3, 3, 2, 0, tzinfo=UTC) + timedelta(minutes=number)
    given = {"source": OUTLETS[number % len(OUTLETS)], "published_at": at, "title": f"Kabar {number}"} | changed
    return an_article(number, body=body, **given)


def families(archive: Archive) -> dict[str, str | None]:
    """The family of each article, by id."""
    with archive.reading() as connection:
        return {row.id: row.family for row in connection.execute(select(articles.c.id, articles.c.family))}


def the_family(archive: Archive, article: Article) -> StoryFamily:
    """The family of an article."""
    family_id = families(archive)[article.id]
    assert family_id is not None
    with archive.reading() as connection:
        found = family_of(connection, family_id)
    assert found is not None
    return found


# -- what a copy is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "copy"),
    [
        (STORY, True),
        (STORY[:3], True),  # cut down to half
        (("Kabar baik datang dari pesisir timur Lombok pagi ini.", *STORY[1:]), True),
        (("Simak kabar lain di kanal daerah kami.", *STORY, "Ikuti saluran kami di telepon Anda."), True),
        (tuple(each.replace("kata", "ucap").replace("naik menjadi", "kini") for each in STORY), True),
        (OTHER, False),
        ((*OTHER, STORY[2]), False),  # the same quotation
        (
            (*OTHER, *(f"{word} lain sama sekali tentang hal nomor {word}" for word in "abcdefgh"), *STORY[:2]),
            False,
        ),
    ],
)
def test_a_copy_may_be_cut_or_framed_and_two_reports_may_quote_one_man(body: tuple[str, ...], copy: bool) -> None:
    one, other = sketches([STORY, body])
    assert one is not None
    assert other is not None
    assert overlap(one, other).is_copy(one_outlet=False) is copy
    assert not copy or set(one.bands) & set(other.bands)


def test_the_same_sentences_with_other_numbers_are_another_day_and_no_copy() -> None:
    lines = [
        f"Harga emas ukuran {weight} gram hari ini dijual seharga {{{weight}}} rupiah di semua gerai."
        for weight in range(1, 9)
    ]
    monday = [line.format(*(1_000_000 + 997 * each for each in range(9))) for line in lines]
    tuesday = [line.format(*(1_100_000 + 1_013 * each for each in range(9))) for line in lines]
    one, other, again = sketches([monday, tuesday, monday])
    assert one is not None
    assert other is not None
    assert again is not None
    assert not overlap(one, other).is_copy(one_outlet=False)
    assert overlap(one, again).is_copy(one_outlet=True)


def test_in_one_outlet_a_follow_up_that_repeats_the_background_is_no_copy() -> None:
    one, other = sketches([STORY, (*OTHER[:2], *STORY[2:])])
    assert one is not None
    assert other is not None
    seen = overlap(one, other)
    assert seen.is_copy(one_outlet=False)
    assert not seen.is_copy(one_outlet=True)


def test_a_text_too_short_to_tell_has_no_sketch() -> None:
    assert sketches([("Foto: nelayan di Tanjung Luar.",), STORY[:1]]) == [None, None]
    assert len(STORY[0].split()) < SHORTEST


def test_a_copy_tells_what_its_desk_did() -> None:
    first = a_copy(0, agency="ANTARA")
    assert differences(first, a_copy(1, STORY, agency="ANTARA", title=first.title)).in_words() == "word for word"
    cut = differences(first, a_copy(1, STORY[:4], agency=None))
    assert cut.in_words() == "the last 2 of 6 sentences cut, headline of its own, credit of ANTARA dropped"
    lede = (
        "Warga pesisir bersyukur cuaca membaik.",
        *STORY[1:],
        '"Semoga laut tenang terus," doa seorang istri nelayan.',
    )
    framed = differences(first, a_copy(2, lede, agency="ANTARA", title=first.title))
    assert (
        framed.in_words()
        == "1 of 6 sentences left out or reworded, lede of its own, 1 sentences added, 1 with quotations"
    )


# -- growing ----------------------------------------------------------------------------------------------------------


def test_copies_of_several_outlets_are_a_family_under_its_first_publisher(archive: Archive, save: Save) -> None:
    copies = [a_copy(2, STORY[:4]), a_copy(0, agency="ANTARA"), a_copy(1)]
    for each in (*copies, a_copy(3, OTHER)):
        save(each)
    assert grow(archive) == 3
    family = the_family(archive, copies[0])
    assert [member.article.source for member in family.members] == ["antara", "detik", "kompas"]
    assert family.members[0].differences is None
    assert family.agency == "ANTARA"
    assert families(archive)[a_copy(3, OTHER).id] is None
    with archive.reading() as connection:
        assert largest(connection) == [(family.id, 3)]
        assert largest(connection, source="tempo") == []
        assert largest(connection, since=datetime(2026, 3, 4, tzinfo=UTC)) == []
        assert beginning(connection, family.id[:8]) == family.id


def test_each_change_is_looked_at_once_and_the_log_tells_every_member(archive: Archive, save: Save) -> None:
    save(a_copy(0))
    assert grow(archive) == 0
    save(a_copy(1))
    assert grow(archive) == 2
    before = archive.last_seq()
    assert grow(archive) == 0
    assert archive.last_seq() == before
    save(a_copy(2))
    assert grow(archive) == 1
    with archive.reading() as connection:
        told = connection.execute(
            select(changes.c.article_id).where(changes.c.seq > before + 1, changes.c.kind == str(ChangeKind.FAMILY))
        )
        assert sorted(told.scalars()) == sorted(a_copy(number).id for number in range(3))  # its size is in the index


def test_an_article_that_is_written_anew_leaves_its_family(archive: Archive, save: Save) -> None:
    for number in range(3):
        save(a_copy(number))
    grow(archive)
    save(a_copy(2, OTHER))
    assert grow(archive) == 1
    assert families(archive)[a_copy(2).id] is None
    assert len(the_family(archive, a_copy(0)).members) == 2
    save(a_copy(1, OTHER[::-1]))
    grow(archive)
    found = families(archive)
    assert found[a_copy(0).id] is None
    assert found[a_copy(1).id] == found[a_copy(2).id] is not None  # a story of their own now


def test_two_families_become_one_when_an_article_is_like_both_and_the_older_id_stays(
    archive: Archive, save: Save
) -> None:
    whole = (*STORY, *OTHER[:3])
    for number, body in enumerate((whole[:6], whole[:6], whole[4:], whole[4:])):
        save(a_copy(number, body))
    grow(archive)
    first, second = the_family(archive, a_copy(0)).id, families(archive)[a_copy(2).id]
    assert first != second is not None
    save(a_copy(4, whole))
    grow(archive)
    assert set(families(archive).values()) == {first}
    with archive.reading() as connection:
        assert standing_id(connection, second) == first


def test_a_round_up_that_contains_two_stories_joins_no_families(archive: Archive, save: Save) -> None:
    for number, body in enumerate((STORY, STORY, OTHER, OTHER)):
        save(a_copy(number, body))
    grow(archive)
    filler = tuple(
        f"Kabar nomor {number} hari ini datang dari kota ke-{number} dan tidak ada kaitannya." for number in range(30)
    )
    save(a_copy(4, (*STORY, *OTHER, *filler)))
    grow(archive)
    found = families(archive)
    assert found[a_copy(0).id] != found[a_copy(2).id]
    assert len({each for each in found.values() if each}) == 2


def test_a_family_of_which_one_is_left_is_none(archive: Archive, save: Save) -> None:
    for number in range(2):
        save(a_copy(number))
    grow(archive)
    with archive.saving() as saving:  # as `forget` does
        saving.connection.execute(delete(versions).where(versions.c.article_id == a_copy(1).id))
        saving.connection.execute(delete(articles).where(articles.c.id == a_copy(1).id))
        saving.record_change(a_copy(1).id, ChangeKind.FORGOTTEN)
    assert grow(archive) == 1
    assert families(archive) == {a_copy(0).id: None}


def test_copies_months_apart_are_not_compared(archive: Archive, save: Save) -> None:
    save(a_copy(0))
    save(a_copy(1, published_at=datetime(2026, 6, 3, tzinfo=UTC)))
    assert grow(archive) == 0


def test_sketches_of_another_version_are_made_anew(
    archive: Archive, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(a_copy(0))
    save(a_copy(1))
    grow(archive)
    with archive.reading() as connection:
        before = connection.execute(select(func.count()).select_from(bands)).scalar_one()
    monkeypatch.setattr(growing, "VERSION", "another")
    assert grow(archive) == 0  # they are a family already
    with archive.reading() as connection:
        assert connection.execute(select(func.count()).select_from(bands)).scalar_one() == before
        assert connection.execute(select(func.count()).select_from(sketch_rows)).scalar_one() == 2


def test_only_one_process_grows_families_and_a_batch_that_fails_is_done_again(
    archive: Archive, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(a_copy(0))
    save(a_copy(1))
    lease = acquire(archive, growing.LEASE, seconds=60)
    assert lease is not None
    assert grow(archive) == 0
    lease.release()
    monkeypatch.setattr(growing, "_keys", None)
    with pytest.raises(TypeError):
        grow(archive)
    monkeypatch.undo()
    assert grow(archive) == 2


def test_a_damaged_record_has_no_copies(archive: Archive, save: Save) -> None:
    for number in range(3):
        save(a_copy(number))
    with archive.writing() as connection:
        lost = update(versions).where(versions.c.article_id == a_copy(1).id)
        connection.execute(lost.values(record=text(damaged_json(connection))))
    assert grow(archive) == 2
    with archive.reading() as connection:
        assert current_article(connection, a_copy(1).id) is None
    assert [each.article.id for each in the_family(archive, a_copy(0)).members] == [a_copy(0).id, a_copy(2).id]


def test_a_text_that_is_asked_for_stays_in_memory_while_others_are_read(
    archive: Archive, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "REMEMBERED", 3)
    stories = [a_copy(number) for number in range(4)]
    for each in stories:
        save(each)
    known = TextsInMemory()
    with archive.reading() as connection:
        for each in stories[:3]:
            known.load(connection, {each.id})
        known.load(connection, {stories[0].id, stories[3].id})

    held = [known.get(each.id) is not None for each in stories]
    assert held == [True, False, True, True]


def test_texts_of_the_same_moment_have_the_longest_first(archive: Archive, save: Save) -> None:
    at = datetime(2026, 3, 3, tzinfo=UTC)
    save(replace(a_copy(0, STORY[:4]), published_at=at))
    save(replace(a_copy(1), published_at=at))
    grow(archive)
    assert the_family(archive, a_copy(0)).members[0].article.id == a_copy(1).id

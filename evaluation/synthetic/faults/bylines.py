"""Faults of printed bylines: where they stand, and what looks like one."""

from __future__ import annotations

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.page import Page
from evaluation.synthetic.prose.names import person, plain_person

PEOPLE = ("authors", "editors")


@fault("people", *PEOPLE, "published_at")
def byline_on_the_stamps_line(page: Page) -> None:
    """Name and time share one line."""
    name, shown = plain_person(page.rng), page.stamp or page.print_stamp("long")
    if any(fault in page.faults for fault in ("relative-print", "stamp-below-the-story")):
        return
    forms = (
        f"{name} | {shown}",
        f"Oleh {name} - {shown}",
        f"{shown} | Penulis: {name}",
        f"Oleh: <b>{name}</b>, {shown}",
        f"<span>{name}</span> &bull; <span>{shown}</span>",
        f"{name} , Jurnalis - {shown}",
    )
    page.set_people([], [], [name], [])
    page.stamp = page.rng.choice(forms)


@fault("people", *PEOPLE)
def label_after_the_name(page: Page) -> None:
    """First the name, then the role, in elements of their own."""
    author, editor = plain_person(page.rng), plain_person(page.rng)
    form = page.rng.choice(
        (
            "<div><b>{}</b> <span>{}</span></div>",
            "<div class='person'><h6>{}</h6><small>{}</small></div>",
            "<p>{}<br>{}</p>",
            "<a class='nm' href='/penulis/1'>{}</a><span class='role'>{}</span>",
        )
    )
    page.set_people([form.format(author, "Penulis"), form.format(editor, "Editor")], [], [author], [editor])


@fault("people", *PEOPLE)
def label_in_an_element_of_its_own(page: Page) -> None:
    """First the role, then the name, in elements of their own."""
    author, editor = plain_person(page.rng), plain_person(page.rng)
    form = page.rng.choice(
        (
            "<div><span>{}</span><span>{}</span></div>",
            "<div class='lbl'>{}</div><div class='nm'>{}</div>",
            "<dl><dt>{}</dt><dd>{}</dd></dl>",
            "<p><strong>{}:</strong> <a href='/p/2'>{}</a></p>",
        )
    )
    lines = [form.format("Penulis", author), form.format("Editor", editor)]
    at_foot = page.rng.random() < 0.5
    page.set_people([] if at_foot else lines, lines if at_foot else [], [author], [editor])


@fault("people", *PEOPLE)
def label_in_a_table_cell(page: Page) -> None:
    """Roles and names in the cells of a table below the story."""
    author, editor = plain_person(page.rng), plain_person(page.rng)
    form = page.rng.choice(
        (
            "<table><tr><td>Penulis</td><td>: {}</td></tr><tr><td>Editor</td><td>: {}</td></tr></table>",
            "<table><tr><td>Penulis :</td><td>{}</td></tr><tr><td>Editor :</td><td>{}</td></tr></table>",
            "<table><tr><th>Penulis</th><th>Editor</th></tr><tr><td>{}</td><td>{}</td></tr></table>",
        )
    )
    page.set_people([], [form.format(author, editor)], [author], [editor])


@fault("people", *PEOPLE)
def two_roles_in_one_line(page: Page) -> None:
    """ "Rep: A / Red: B" and its kin."""
    author, editor = plain_person(page.rng), plain_person(page.rng)
    form = page.rng.choice(
        (
            "<div>Rep: {}/ Red: {}</div>",
            "<p>Reporter: {} / Editor: {}</p>",
            "<p>Penulis: {} | Editor: {}</p>",
            "<div><span>Reporter : {}</span> <span>Editor : {}</span></div>",
            "<p>Pewarta: {}<br>Editor: {}</p>",
            "<p>Laporan: {}, Editor: {}</p>",
        )
    )
    at_foot = page.rng.random() < 0.6
    lines = [form.format(author, editor)]
    page.set_people([] if at_foot else lines, lines if at_foot else [], [author], [editor])


@fault("people", *PEOPLE)
def roles_in_lower_case(page: Page) -> None:
    """Labels, or names too, without capitals."""
    author, editor = plain_person(page.rng), plain_person(page.rng)
    form = page.rng.choice(
        (
            "<p>penulis: {}</p><p>editor: {}</p>",
            "<small>reporter : {} | editor : {}</small>",
            "<div class='red'>oleh: {}</div><div class='red'>editor: {}</div>",
        )
    )
    shown_editor = editor.lower() if page.rng.random() < 0.5 else editor
    page.set_people([], [form.format(author, shown_editor)], [author], [editor])


@fault("people", *PEOPLE)
def several_writers(page: Page) -> None:
    """Two or three names in one line, joined in one of many ways."""
    names = [plain_person(page.rng) for _ in range(page.rng.choice((2, 2, 3)))]
    joined = page.rng.choice(
        (", ".join(names), " dan ".join((", ".join(names[:-1]), names[-1])), " & ".join(names), " / ".join(names))
    )
    label = page.rng.choice(("Penulis: ", "Oleh: ", "Reporter: ", "Pewarta: "))
    at_foot = page.rng.random() < 0.5
    line = f"<p>{label}{joined}</p>"
    page.set_people([] if at_foot else [line], [line] if at_foot else [], names, [])


@fault("people", *PEOPLE)
def nobody_named(page: Page) -> None:
    """The byline names a desk, a number or an account."""
    site, name = page.story.outlet.site, page.story.outlet.name
    line = page.rng.choice(
        (
            "<p>Penulis: Tim Redaksi</p>",
            "<p>Oleh: admin</p>",
            f"<p>Oleh: {site}</p>",
            "<p>Reporter: Tim Liputan</p>",
            "<p>Pewarta: 22</p>",
            "<span>Diposting oleh Administrator</span>",
            f"<span>By {name}</span>",
            f"<p>Oleh Redaksi {name}</p>",
            "<p>Penulis: -</p>",
        )
    )
    page.set_people([line], [], [], [])


@fault("people", *PEOPLE)
def menu_words_after_editor(page: Page) -> None:
    """Headings of lists that begin with a role, and headlines that do."""
    heading = page.rng.choice(
        (
            "Editor's Choice",
            "Editor Choice",
            "Pilihan Editor",
            "EDITOR PICKS",
            "Kolom Redaksi",
            "Penulis Populer",
            "Jurnalis Warga",
        )
    )
    title, url, _, _ = page.other_story()
    tag = page.rng.choice(("h4", "div", "span", "p"))
    page.set_people([], [], [], [])
    page.below.insert(
        0, f'<div class="box"><{tag}>{heading}</{tag}><ul><li><a href="{url}">{title}</a></li></ul></div>'
    )
    page.side.insert(0, f"<div class='widget'><{tag}>{heading}</{tag}><p><a href='{url}'>{title}</a></p></div>")


@fault("people", *PEOPLE)
def series_under_the_byline(page: Page) -> None:
    """Below the byline stands a list of tags, or of the parts of a series."""
    author = plain_person(page.rng)
    titles = [page.other_story()[0] for _ in range(3)]
    lists = (
        "<ul class='seri'>" + "".join(f"<li>{title}</li>" for title in titles) + "</ul>",
        "<div class='topik'>Topik: Kabar Desa, Ekonomi Rakyat, Laut Kita</div>",
        "<div class='seri'><b>Seri</b> Musim Ikan <b>Bagian</b> 2</div>",
        "<div class='ikuti'>Ikuti: Kabar Desa</div>",
    )
    page.set_people([f"<div class='byline'>Oleh {author}</div>", page.rng.choice(lists)], [], [author], [])


@fault("people", *PEOPLE, "dateline", "body")
def report_line_opens_the_story(page: Page) -> None:
    """ "Laporan Wartawan …, Rina Dewi" as the first line of the column."""
    author, site = plain_person(page.rng), page.story.outlet.site
    form = page.rng.choice(
        (
            f"<p><strong>Laporan Wartawan {site}, {author}</strong></p>",
            f"<p>Laporan Reporter {site}, {author}</p>",
            f"<p>Laporan Kontributor {page.story.place.name}, {author}</p>",
            f"<p><em>Laporan: {author}</em></p>",
        )
    )
    page.set_people([], [], [author], [])
    page.noise(form, at=0)


@fault("people", *PEOPLE)
def name_card_with_a_life(page: Page) -> None:
    """Below the story: the writer with portrait and a sentence about them."""
    author = plain_person(page.rng)
    card = (
        f'<div class="author-box"><img src="/avatar/9.jpg" alt="{author}"><h4>{author}</h4>'
        f"<p>{author} menulis tentang laut dan pesisir sejak 2011 dan pernah tinggal di tiga pulau bersama nelayan.</p></div>"
    )
    page.set_people(
        [f'<div class="byline">Oleh <a rel="author" href="/penulis/4">{author}</a></div>'], [card], [author], []
    )


@fault("people", *PEOPLE)
def name_in_a_popover(page: Page) -> None:
    """Names are in a box that opens on a click; only "Tim Redaksi" is shown."""
    author, editor = plain_person(page.rng), plain_person(page.rng)
    form = page.rng.choice(
        (
            '<a class="btn-redaksi">Tim Redaksi</a><div class="popover" style="display:none"><div>{}</div><div>Penulis</div>'
            "<div>{}</div><div>Editor</div></div>",
            '<div class="credits">Tim Redaksi<div class="modal hidden"><p>Penulis: {}</p><p>Editor: {}</p></div></div>',
            '<div class="tab-credit"><span>Credits</span><ul><li><b>{}</b><i>Penulis</i></li><li><b>{}</b><i>Editor</i></li></ul></div>',
        )
    )
    page.set_people([form.format(author, editor)], [], [author], [editor])


@fault("people", *PEOPLE)
def long_and_dotted_names(page: Page) -> None:
    """Initials, final dots, prefixes and degrees belong to the name, or do not make two of it."""
    name = page.rng.choice(
        (
            f"{plain_person(page.rng)} A.",
            f"M. {plain_person(page.rng)}",
            f"I Gusti Ayu {plain_person(page.rng)}",
            "Sumarni",
            person(page.rng),
        )
    )
    at_foot = page.rng.random() < 0.5
    line = page.rng.choice(("<p>Penulis: {}</p>", "<p>Oleh {}</p>", "<div>Reporter : {}</div>")).format(name)
    page.set_people([] if at_foot else [line], [line] if at_foot else [], [name], [])


@fault("people", *PEOPLE)
def translator_and_photographer_below(page: Page) -> None:
    """Others than writers and editors are credited too."""
    author, translator, photographer = (plain_person(page.rng) for _ in range(3))
    lines = [f"<p>Penulis: {author}</p>", f"<p>Penerjemah: {translator}</p>", f"<p>Fotografer: {photographer}</p>"]
    page.set_people([], lines, [author], [])


@fault("people", *PEOPLE)
def people_of_the_masthead(page: Page) -> None:
    """The page's foot lists the staff with their roles."""
    staff = [plain_person(page.rng) for _ in range(4)]
    page.set_people([], [], [], [])
    page.side.append(
        f"<div class='redaksi'><p>Pemimpin Redaksi: {staff[0]}</p><p>Redaktur Pelaksana: {staff[1]}</p>"
        f"<p>Reporter: {staff[2]}, {staff[3]}</p></div>"
    )

"""Faults of people in metadata: the page prints no byline, or another one."""

from __future__ import annotations

import json

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.metadata import own_data
from evaluation.synthetic.page import Page
from evaluation.synthetic.prose.names import plain_person

PEOPLE = ("authors", "editors")


def _nobody_printed(page: Page, authors: list[str]) -> None:
    page.set_people([], [], authors, [])
    page.relies_on_data = True


@fault("people", *PEOPLE, since=2015)
def role_in_the_name_of_json_ld(page: Page) -> None:
    """The name in JSON-LD has a role, a desk or an outlet behind or before it."""
    name = plain_person(page.rng)
    form = page.rng.choice(
        (
            "{}, Wartawan Ekonomi",
            "{} (Kontributor)",
            "{} - Reporter",
            "Penulis: {}",
            "{} | {site}",
            "{}, Editor Utama",
            "{}/{site}",
            "Oleh {}",
        )
    )
    _nobody_printed(page, [name])
    own_data(page)["author"] = {
        "@type": "Person",
        "name": form.replace("{}", name).replace("{site}", page.story.outlet.site),
    }
    if "Editor" in form:
        page.forget("authors", "editors")


@fault("people", *PEOPLE, since=2015)
def outlet_as_author_in_data(page: Page) -> None:
    """Metadata name the outlet, a desk or an account: nobody wrote it."""
    name, site = page.story.outlet.name, page.story.outlet.site
    _nobody_printed(page, [])
    who = page.rng.choice(
        (name, site, "Redaksi", "admin", f"Tim {name}", f"Redaksi {name}", "Administrator", "Tim Liputan")
    )
    own_data(page)["author"] = page.rng.choice(
        (
            {"@type": "Organization", "name": who},
            {"@type": "Person", "name": who},
            who,
            [{"@type": "Person", "name": who}],
        )
    )
    page.meta("author", page.rng.choice((who, site)))


@fault("people", *PEOPLE, since=2015)
def editor_as_author_in_data(page: Page) -> None:
    """Writer and editor are printed; JSON-LD calls the editor the author."""
    author, editor = plain_person(page.rng), plain_person(page.rng)
    page.set_people([], [f"<p>Penulis: {author}</p>", f"<p>Editor: {editor}</p>"], [author], [editor])
    own_data(page)["author"] = {"@type": "Person", "name": editor}


@fault("people", *PEOPLE, since=2016)
def author_by_reference(page: Page) -> None:
    """The author is another node of the graph."""
    name = plain_person(page.rng)
    _nobody_printed(page, [name])
    record = own_data(page)
    node = f"{page.url}#/schema/person/7"
    record["author"] = page.rng.choice(({"@id": node}, [{"@id": node}], {"name": name, "@id": node}))
    record.pop("@context", None)
    graph = [
        {"@type": "WebSite", "@id": f"https://{page.story.outlet.host}/#website", "name": page.story.outlet.name},
        {"@type": "Organization", "@id": f"https://{page.story.outlet.host}/#org", "name": page.story.outlet.name},
        record,
        {"@type": "Person", "@id": node, "name": name, "sameAs": ["https://x.example/a"]},
    ]
    page.ld = None
    page.extra_ld.append(json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False))


@fault("people", *PEOPLE, since=2015)
def author_of_unusual_shape(page: Page) -> None:
    """A string, a list of strings, two names in one string, a list of names in one person."""
    one, two = plain_person(page.rng), plain_person(page.rng)
    shape = page.rng.randrange(5)
    _nobody_printed(page, [one] if shape == 0 else [one, two])
    own_data(page)["author"] = (
        one,
        [one, two],
        f"{one}, {two}",
        {"@type": "Person", "name": [one, two]},
        {"@type": "Person", "name": f"{one} dan {two}"},
    )[shape]


@fault("people", *PEOPLE)
def author_in_a_meta_element_only(page: Page) -> None:
    """A meta element has the name; nothing is printed."""
    name = plain_person(page.rng)
    _nobody_printed(page, [name])
    key = page.rng.choice(
        (
            "author",
            "article:author",
            "dc.creator",
            "DC.Creator",
            "content_author",
            "itemprop:author",
            "sailthru.author",
            "byl",
        )
    )
    page.meta(key, name)


@fault("people", *PEOPLE, since=2011)
def accounts_instead_of_names(page: Page) -> None:
    """Metadata have addresses and accounts: no names."""
    _nobody_printed(page, [])
    page.meta("article:author", f"https://www.f.example/{page.story.outlet.name.replace(' ', '').lower()}")
    page.meta("twitter:creator", "@kabarwarga")
    page.meta(
        "author",
        page.rng.choice(
            (f"redaksi@{page.story.outlet.host.removeprefix('www.')}", "http://plus.example/1022", "@redaksi")
        ),
    )


@fault("people", *PEOPLE, since=2013)
def author_in_the_tag_managers_data(page: Page) -> None:
    """A script for statistics has writer and editor; nothing is printed."""
    author, editor = plain_person(page.rng), plain_person(page.rng)
    page.set_people([], [], [author], [editor])
    record = {
        "content_title": page.story.title,
        "content_author": author,
        "content_editor": editor,
        "content_type": "standard",
    }
    page.head_extra.append(
        f"<script>window.dataLayer = window.dataLayer || []; dataLayer.push({json.dumps(record)});</script>"
    )


@fault("people", *PEOPLE)
def name_linked_without_a_label(page: Page) -> None:
    """A name in an element marked as the author's, without a label."""
    name = plain_person(page.rng)
    form = page.rng.choice(
        (
            '<span class="author vcard"><a class="url fn n" href="/author/1">{}</a></span>',
            '<a rel="author" href="/penulis/1">{}</a>',
            '<div itemprop="author" itemscope itemtype="http://schema.org/Person"><span itemprop="name">{}</span></div>',
            '<div class="penulis">{}</div>',
            '<address class="byline">{}</address>',
        )
    )
    page.set_people([form.format(name)], [], [name], [])


@fault("people", *PEOPLE, since=2015)
def data_shout_the_name(page: Page) -> None:
    """The printed name in capitals, or in JSON-LD; it is one person."""
    name = plain_person(page.rng)
    page.set_people([f"<p>Penulis: {page.rng.choice((name, name.upper()))}</p>"], [], [name], [])
    own_data(page)["author"] = {"@type": "Person", "name": page.rng.choice((name.upper(), name.lower(), name))}

"""Faults of the document: JSON that is not quite JSON, broken markup, wrong encodings, base addresses."""

from __future__ import annotations

import json
import re
from html import escape

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.metadata import own_data
from evaluation.synthetic.page import Page
from evaluation.synthetic.prose.names import plain_person

ALL = ("title", "published_at", "authors", "body", "dateline")


def _data_alone(page: Page) -> bool:
    """Makes JSON-LD the only place of time and author; False where other faults already moved them."""
    if page.relies_on_data or any(name in page.faults for name in _MOVERS) or page.extra_ld:
        return False
    name = plain_person(page.rng)
    page.drop_times()
    page.set_people([], [], [name], [])
    page.stamp = ""
    record = own_data(page)
    record["author"] = {"@type": "Person", "name": name}
    record["datePublished"] = page.story.moment.isoformat()
    page.expect(published_at=page.story.moment.isoformat())
    return True


_MOVERS = (
    "stamp-below-the-story",
    "zone-name-unknown",
    "data-of-another-story",
    "byline-on-the-stamps-line",
    "report-line-opens-the-story",
)


@fault("document", "published_at", "authors", since=2015)
def json_in_a_comment(page: Page) -> None:
    """JSON-LD wrapped into comments or CDATA marks."""
    if _data_alone(page):
        form = page.rng.choice(
            ("<!--\n{}\n-->", "//<![CDATA[\n{}\n//]]>", "/* <![CDATA[ */{}/* ]]> */", "<![CDATA[{}]]>")
        )
        page.ld_text = lambda text: form.replace("{}", text)


@fault("document", "published_at", "authors", since=2015)
def json_with_small_faults(page: Page) -> None:
    """Trailing commas, raw line breaks in strings, a semicolon at the end, a byte order mark."""
    if not _data_alone(page):
        return
    record = own_data(page)
    kind = page.rng.randrange(4)
    if kind == 1:
        record["description"] = "baris satu BATAS baris dua"
    changes = (
        lambda text: re.sub(r"\}", ",}", text),
        lambda text: text.replace(" BATAS ", "\n\t"),
        lambda text: f"{text};",
        lambda text: f"\ufeff\n{text}",
    )
    page.ld_text = changes[kind]


@fault("document", "published_at", "authors", since=2015)
def json_with_entities(page: Page) -> None:
    """Quotation marks of the JSON, or characters within, are HTML entities."""
    if _data_alone(page):
        own_data(page)["headline"] = escape(page.story.title + " & Lainnya")
        page.ld_text = (lambda text: text.replace('"', "&quot;")) if page.rng.random() < 0.4 else (lambda text: text)


@fault("document", "title", "published_at", "body", since=2015)
def json_that_is_broken(page: Page) -> None:
    """JSON-LD that cannot be read: the page's print is enough."""
    if page.relies_on_data or not page.stamp or not page.family.names("authors"):
        return
    own_data(page)
    cut = page.rng.choice((0.5, 0.8))
    page.ld_text = lambda text: text[: int(len(text) * cut)]


@fault("document", *ALL)
def unclosed_and_stray_tags(page: Page) -> None:
    """Elements that are not closed, closed twice or crossed."""
    kind = page.rng.randrange(4)

    def change(html: str) -> str:
        if kind == 0:
            return html.replace("</p>", "")
        if kind == 1:
            return html.replace("</p>", "</p></span></font>", 3)
        if kind == 2:
            return html.replace("<p>", "<p><b><i>", 1).replace("</p>", "</b></i></p>", 1)
        return html.replace("</li>", "").replace("</td>", "").replace("</tr>", "")

    page.finish.append(change)


@fault("document", *ALL)
def tags_in_capitals(page: Page) -> None:
    """Names of elements in capitals, attributes without quotation marks."""

    def change(html: str) -> str:
        html = re.sub(r"<(/?)(p|div|span|table|tr|td|font|b|a|img)\b", lambda tag: f"<{tag[1]}{tag[2].upper()}", html)
        return re.sub(r'(<(?:DIV|SPAN|TD|P)[^<>]*? class)="([a-z_-]+)"', r"\1=\2", html)

    page.finish.append(change)


@fault("document", *ALL)
def utf_8_called_something_else(page: Page) -> None:
    """The bytes are UTF-8; header or meta element name another encoding."""
    page.finish.append(_with_curly_quotes)
    page.declared_charset = page.rng.choice(("iso-8859-1", "windows-1252", "utf-16", "us-ascii", "unicode"))
    page.content_type = page.rng.choice(
        (None, "text/html", "text/html; charset=utf-8", "text/html; charset=ISO-8859-1")
    )


@fault("document", *ALL)
def windows_1252_called_utf_8(page: Page) -> None:
    """The bytes are of an old editor on Windows; the page calls itself UTF-8, or nothing."""
    page.finish.append(_with_curly_quotes)
    page.declared_charset = page.rng.choice(("utf-8", "iso-8859-1", "windows-1252"))
    page.content_type = page.rng.choice((None, "text/html"))
    page.encode = lambda html: html.encode("cp1252", "xmlcharrefreplace")


def _with_curly_quotes(html: str) -> str:
    """The text's dashes and quotes as typographic characters; the scorer does not tell them apart."""
    start = html.find("<body")
    head, body = html[:start], html[start:]
    return head + re.sub(r'(?<=>)"|(?<=\s)"(?=[A-Z])', "“", body).replace(" -- ", " — ")


@fault("document", "url", "title", "body", since=2009)
def base_address(page: Page) -> None:
    """Addresses are relative to <base href>."""
    parts = page.url.split("/", 3)
    page.head_extra.insert(0, f'<base href="{parts[0]}//{parts[2]}/">')
    if page.canonical == page.url:
        page.canonical = parts[3]
    page.finish.append(lambda html: html.replace('<base href="', '<BASE href="', page.rng.randrange(2)))


@fault("document", *ALL)
def marks_before_the_document(page: Page) -> None:
    """A byte order mark, blank lines, comments or a warning of the program before the first tag."""
    lead = page.rng.choice(
        (
            "\ufeff",
            "\n\n\r\n",
            "<!-- saved from url=(0014)about:internet -->\n",
            "<br />\n<b>Notice</b>: Undefined index: ref in <b>baca.php</b> on line <b>12</b><br />\n",
        )
    )
    page.finish.append(lambda html: lead + html)


@fault("document", *ALL)
def old_markup_in_comments(page: Page) -> None:
    """Comments hold other headlines, dates and paragraphs."""
    title, _, moment, writer = page.other_story()
    old = f"<!-- <h1>{title}</h1><div class='date'>{page.print_stamp('long', moment)}</div><p>{writer.lede()}</p> -->"
    page.above.append(old)
    page.below.append(f"<!--[if lt IE 9]><p>{writer.paragraph()}</p><![endif]-->")


@fault("document", *ALL, since=2018)
def state_of_the_program(page: Page) -> None:
    """A script holds the state of the page as JSON, with this story and others."""
    title, url, moment, writer = page.other_story()
    state = {
        "props": {
            "pageProps": {
                "related": [
                    {
                        "title": title,
                        "url": url,
                        "published_at": moment.isoformat(),
                        "content": f"<p>{writer.lede()}</p>",
                    }
                ],
                "user": None,
                "article": {"title": page.story.title, "id": page.rng.randint(1, 9_999)},
            }
        }
    }
    page.below.append(f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(state)}</script>')

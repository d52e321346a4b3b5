"""A site that serves whatever a test says, for answers that the newsstand does not have."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

HOST = "http://www.newsstand.test"
Answer = tuple[int, Mapping[str, str], bytes]
Answering = Callable[[Mapping[str, str]], Answer]
"""Takes the headers of a request."""


def page(title: str, *, head: str = "", canonical: str | None = None, next_page: str | None = None) -> Answer:
    """An article in the newsstand's current layout."""
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    nav = f'<nav class="article-pages"><a rel="next" href="{next_page}">2</a></nav>' if next_page else ""
    heading = f'<h1 class="article-title">{title}</h1>' if title else ""
    return html(
        f'<html><head><meta charset="utf-8"><title>{title}</title>{link}{head}</head><body>{heading}'
        '<time class="article-date">Jumat, 18 Desember 2015 10:05 WIB</time><div class="article-body">'
        f"<p>Jakarta (Newsstand) - Kalimat pertama dari {title}.</p><p>Kalimat kedua dari {title}.</p></div>{nav}"
    )


def html(text: str, status: int = 200, **headers: str) -> Answer:
    """An HTML page."""
    return status, {"Content-Type": "text/html; charset=utf-8"} | headers, text.encode()


def feed(links: Sequence[str]) -> Answer:
    """An RSS feed with these links, unchanged."""
    items = "".join(f"<item><link>{escape(link)}</link></item>" for link in links)
    return 200, {"Content-Type": "text/xml"}, f"<rss><channel>{items}</channel></rss>".encode()


@contextmanager
def nasty_site(pages: Mapping[str, Answer | Answering], visits: list[str] | None = None) -> Iterator[str]:
    """Serve `pages` and yield the base address. Keys are paths, or host and path; the mapping may change meanwhile.

    `visits` receives the host and path of each request.
    """

    class SiteHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            missing: Answer = (404, {}, b"tidak ada")
            if visits is not None:
                visits.append(self.headers["Host"] + self.path)
            answer = pages.get(self.headers["Host"] + self.path, pages.get(self.path, missing))
            status, headers, body = answer(self.headers) if callable(answer) else answer  # type: ignore[arg-type]  # a Message
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if status != 304:
                self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), SiteHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def index(paths: list[str]) -> Answer:
    """A page of links to stories, as a publisher's index of a day."""
    links = "".join(f'<li><a href="{path}">Judul</a> <a href="{path}/amp">AMP</a></li>' for path in paths)
    return html(f"<a href=/tag/1>Tag</a><ul class='headlines'>{links}</ul><p>Indeks berita sehari, lengkap.")

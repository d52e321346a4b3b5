"""A fake of Kibana's saved-objects API on loopback, because the tests have no Kibana. It follows the documentation.

It accepts imports as multipart forms, refuses the objects that Kibana would refuse, and exports its objects.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Record = dict[str, Any]

NEWEST = {"index-pattern": "8.0.0", "search": "10.9.0", "lens": "10.1.0", "dashboard": "10.4.0"}
"""The newest version of each type in Kibana 9.5. A newer object is refused."""


@dataclass
class FakeKibana:
    """The saved objects, the accepted key, and a broken answer on request."""

    api_key: str | None = None
    objects: dict[tuple[str, str], Record] = field(default_factory=dict)
    broken: tuple[int, str, bytes] | None = None
    """A status, content type and body to answer every request with."""
    url: str = ""

    def import_objects(self, objects: list[Record], *, overwrite: bool) -> Record:
        """The body of an import's response. The status is always 200; refused objects are listed in `errors`."""
        imported = {(each["type"], each["id"]) for each in objects}
        errors = []
        for each in objects:
            name = (each["type"], each["id"])
            error = self._error(each, imported, overwrite=overwrite)
            if error:
                errors.append({"type": name[0], "id": name[1], "meta": {"title": each["attributes"]["title"]}} | error)
            else:
                self.objects[name] = each
        count = len(objects) - len(errors)
        return {"success": not errors, "successCount": count} | ({"errors": errors} if errors else {})

    def _error(self, each: Record, imported: set[tuple[str, str]], *, overwrite: bool) -> Record | None:
        if each["type"] not in NEWEST:
            return {"error": {"type": "unsupported_type"}}
        if _numbers(each["typeMigrationVersion"]) > _numbers(NEWEST[each["type"]]):
            return {"error": {"type": "unknown", "statusCode": 422, "message": "belongs to a more recent version"}}
        missing = [
            {"type": ref["type"], "id": ref["id"]}
            for ref in each["references"]
            if (ref["type"], ref["id"]) not in imported | set(self.objects)
        ]
        if missing:
            return {"error": {"type": "missing_references", "references": missing}}
        if not overwrite and (each["type"], each["id"]) in self.objects:
            return {"error": {"type": "conflict"}}
        return None

    def export_objects(self, requested: list[Record]) -> tuple[int, bytes]:
        """Status and body of an export: objects with everything they refer to, and a last line that counts them."""
        found: dict[tuple[str, str], Record] = {}
        pending = [(each["type"], each["id"]) for each in requested]
        absent = [name for name in pending if name not in self.objects]
        if absent:
            missing = [{"type": kind, "id": id_, "error": {"statusCode": 404}} for kind, id_ in absent]
            record = {"statusCode": 400, "message": "Error fetching objects", "attributes": {"objects": missing}}
            return 400, json.dumps(record).encode()
        lost = []
        while pending:
            name = pending.pop()
            if name in found:
                continue
            if name not in self.objects:
                lost.append({"type": name[0], "id": name[1]})
                continue
            found[name] = self.objects[name]
            pending += [(ref["type"], ref["id"]) for ref in found[name]["references"]]
        details = {"exportedCount": len(found), "missingRefCount": len(lost), "missingReferences": lost}
        lines = [*found.values(), details | {"excludedObjectsCount": 0, "excludedObjects": []}]
        return 200, "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@contextmanager
def fake_kibana(**settings: Any) -> Iterator[FakeKibana]:
    """A fake Kibana that answers at its `url` until the block ends."""
    fake = FakeKibana(**settings)

    class KibanaHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, answer = fake.broken or self.answer(body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            if status in (301, 302, 307):
                self.send_header("Location", "/login?next=%2F")
            self.end_headers()
            self.wfile.write(answer)

        def answer(self, body: bytes) -> tuple[int, str, bytes]:
            if fake.api_key and self.headers["Authorization"] != f"ApiKey {fake.api_key}":
                return 401, "application/json", b'{"statusCode":401,"error":"Unauthorized"}'
            if not self.headers["kbn-xsrf"]:
                return (
                    400,
                    "application/json",
                    b'{"statusCode":400,"message":"Request must contain a kbn-xsrf header."}',
                )
            address = urlsplit(self.path)
            if address.path == "/api/saved_objects/_import":
                overwrite = parse_qs(address.query).get("overwrite") == ["true"]
                result = fake.import_objects(self.form(body), overwrite=overwrite)
                return 200, "application/json", json.dumps(result).encode()
            if address.path == "/api/saved_objects/_export":
                request = json.loads(body)
                assert request["includeReferencesDeep"] is True
                status, exported = fake.export_objects(request["objects"])
                return status, "application/ndjson" if status == 200 else "application/json", exported
            return 404, "application/json", b'{"statusCode":404,"message":"Not Found"}'

        def form(self, body: bytes) -> list[Record]:
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            form = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
            (file,) = form.iter_parts()
            assert file.get_param("name", header="content-disposition") == "file"
            assert str(file.get_filename()).endswith(".ndjson")
            return [json.loads(line) for line in file.get_payload(decode=True).decode().split("\n") if line.strip()]

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), KibanaHandler) as server:
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()

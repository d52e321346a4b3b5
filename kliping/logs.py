"""How processes log: text on a terminal, else JSON lines; and a traceback once for each error of our own.

structlog's own setting prints a traceback with the values of all variables if Rich is installed. With a page of half a
megabyte in several of them that took 15 s and 150 kB, for each article.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections import Counter
from collections.abc import MutableMapping
from typing import Any, TextIO

_seen: Counter[tuple[object, ...]] = Counter()


def configure(level: int = logging.INFO, stream: TextIO | None = None, form: str = "auto") -> None:
    """Set structlog up for this process: log events of this level and above, to `stream` (by default stderr).

    `form` is "json", "text", or "auto": JSON, an event a line, where the stream is no terminal.
    """
    import structlog  # 0.1 s, which no command needs that logs nothing

    target = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            _shorten_repeated,
            *_rendering(is_json(form, target)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=target),
    )


def is_json(form: str, stream: TextIO) -> bool:
    """Whether events are written as JSON to a stream."""
    return form == "json" or (form == "auto" and not stream.isatty())


def _rendering(as_json: bool) -> list[Any]:
    """The last processors: times are UTC in JSON, and the machine's own on a terminal."""
    import structlog

    if as_json:
        return [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ]
    return [
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]


def format_handlers_of(logger: logging.Logger, form: str = "auto") -> None:
    """Let the handlers of a logger of the standard library (Scrapy's) write in the same form as `configure`."""
    import structlog

    for handler in logger.handlers:
        stream = getattr(handler, "stream", None)
        if stream is not None and is_json(form, stream):
            before: list[Any] = [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ]
            render = structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
            handler.setFormatter(
                structlog.stdlib.ProcessorFormatter(
                    foreign_pre_chain=before,
                    processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
                )
            )


def shorten_repeated_in(logger: logging.Logger) -> None:
    """Let the handlers of a logger of the standard library print the traceback of each error only once."""
    for handler in logger.handlers:
        if not any(isinstance(each, _OnceFilter) for each in handler.filters):
            handler.addFilter(_OnceFilter())


class _OnceFilter(logging.Filter):
    """Replaces the traceback of an error that was logged before by how often it has occurred."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Passes every record on. Another handler may have seen it before: it is counted once."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not hasattr(record, "kliping_counted"):
            times = _count(error)
            record.kliping_counted = times
            if times > 1:
                record.msg = f"{record.getMessage()} ({_in_words(error, times)})"
                record.args = ()
                record.exc_info, record.exc_text = None, None
        return True


def _shorten_repeated(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = event.get("exc_info")
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given is True else None
    if error is not None and (times := _count(error)) > 1:
        del event["exc_info"]
        event["error"] = _in_words(error, times)
    return event


def _in_words(error: BaseException, times: int) -> str:
    """An error that was logged before: its last line, at most 300 characters."""
    return f"as above, {times} times now: {type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _count(error: BaseException) -> int:
    """How often this error has occurred in this process: an error of this type at this place."""
    where = place(error)
    _seen[where] += 1
    return _seen[where]


def place(error: BaseException) -> tuple[object, ...]:
    """Equal for errors of one type at one line of code, whatever their messages are."""
    frames = traceback.extract_tb(error.__traceback__)
    last = (frames[-1].filename, frames[-1].lineno) if frames else ()
    return (type(error), *last)

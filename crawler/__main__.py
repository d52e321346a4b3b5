"""One crawl of one source as a process of its own: `python -m crawler SOURCE [--run-id ID]`.

With `--from DAY --to DAY [--oldest-first] [--limit N]` it is a backfill of these days, both inclusive. With `--round`
it looks for the newest stories only.

Exit status: 0 a good harvest; 1 a harvest that needs attention or failed; 2 wrong usage; 3 another process holds the
lease of the source's hosts; 4 the lease was lost and nothing more was written.
"""

from __future__ import annotations

import argparse
import gc
import sys
from datetime import date
from typing import TYPE_CHECKING

from kliping import streams

if TYPE_CHECKING:
    from scrapy import Spider

    from sources import Source


def main() -> int:
    """Crawl, and return the exit status."""
    streams.prepare()
    options = _options()

    from kliping.config import ConfigurationError

    try:
        from scrapy.crawler import CrawlerProcess
        from scrapy.utils.project import get_project_settings

        import sources
        from crawler import settings as our_settings
        from crawler.extension import extension_of
        from crawler.spiders.source import spider_for

        source = sources.load(options.source)
        if options.first:
            spider = _backfill(source, options)
        elif options.round:
            from crawler.spiders.round import RoundSpider

            spider = spider_for(source, RoundSpider)
        else:
            spider = spider_for(source)
    except (ConfigurationError, sources.BadSourceError) as error:
        print(error, file=sys.stderr)  # noqa: T201  the message for wrong usage
        return 2
    settings = get_project_settings()
    settings.setmodule(our_settings, priority="project")
    settings.set("KLIPING_RUN_ID", options.run_id, priority="cmdline")
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(spider)
    process.crawl(crawler)
    _tune_garbage_collector()
    process.start()

    extension = extension_of(crawler)
    if extension.refused:
        print(extension.refused, file=sys.stderr)  # noqa: T201  the supervisor logs it
        return 3
    if extension.unusable:
        print(extension.unusable, file=sys.stderr)  # noqa: T201  the supervisor logs it
        return 1
    if extension.lost:
        return 4
    if extension.run is None or extension.run.verdict is None:
        return 1
    return 0 if extension.run.verdict.verdict == "good" else 1


def _tune_garbage_collector() -> None:
    """Make the cycle collector ignore what the imports created, and run less often.

    A page creates thousands of objects and hardly any cycle. Without this the collector takes 5 % of a crawl's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m crawler", description="Crawl one source once, or backfill it.")
    parser.add_argument("source")
    parser.add_argument("--run-id")
    parser.add_argument("--round", action="store_true")
    parser.add_argument("--from", dest="first", type=date.fromisoformat)
    parser.add_argument("--to", dest="last", type=date.fromisoformat)
    parser.add_argument("--oldest-first", action="store_true")
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    if (options.first is None) != (options.last is None):
        parser.error("--from and --to go together")
    return options


def _backfill(source: Source, options: argparse.Namespace) -> type[Spider]:
    from crawler.backfill import Plan
    from crawler.spiders.backfill import BackfillSpider
    from crawler.spiders.source import spider_for

    plan = Plan(first=options.first, last=options.last, newest_first=not options.oldest_first, limit=options.limit)
    return spider_for(source, type("OneBackfillSpider", (BackfillSpider,), {"plan": plan}))


if __name__ == "__main__":
    sys.exit(main())

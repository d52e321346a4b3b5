"""One crawl of one source as a process of its own: `python -m crawler SOURCE [--run-id ID]`.

Exit status: 0 a good harvest; 1 one that needs attention or failed; 2 wrong usage; 3 somebody else holds the lease of
the source's hosts; 4 the lease was lost and nothing more was written.
"""

from __future__ import annotations

import argparse
import sys


def main() -> int:
    """Crawl, and give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m crawler", description="Crawl one source once.")
    parser.add_argument("source")
    parser.add_argument("--run-id")
    options = parser.parse_args()

    from kliping.config import ConfigurationError

    try:
        from scrapy.crawler import CrawlerProcess
        from scrapy.utils.project import get_project_settings

        from crawler import settings as our_settings
        from crawler import sources
        from crawler.extension import extension_of
        from crawler.spiders.source import spider_for

        source = sources.load(options.source)
    except (ConfigurationError, sources.BadSource) as error:
        print(error, file=sys.stderr)  # noqa: T201  the one line that a wrong call gets
        return 2
    settings = get_project_settings()
    settings.setmodule(our_settings, priority="project")
    settings.set("KLIPING_RUN_ID", options.run_id, priority="cmdline")
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(spider_for(source))
    process.crawl(crawler)
    process.start()

    extension = extension_of(crawler)
    if extension.refused:
        print(extension.refused, file=sys.stderr)  # noqa: T201  the supervisor logs it
        return 3
    if extension.lost:
        return 4
    if extension.run is None or extension.run.verdict is None:
        return 1
    return 0 if extension.run.verdict.verdict == "good" else 1


if __name__ == "__main__":
    sys.exit(main())

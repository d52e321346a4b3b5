"""Scrapy's settings, made from Kliping's. Scrapy's own commands (`scrapy list`, `scrapy crawl NAME`) read this file."""

from __future__ import annotations

import sources
from kliping import config

_settings = config.load()
config.require_known_sources(_settings, sources.names())

BOT_NAME = "kliping"
SPIDER_LOADER_CLASS = "crawler.spiders.loader.SourceSpiderLoader"
USER_AGENT = _settings.user_agent
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = config.PRODUCT_TOKEN

CONCURRENT_REQUESTS = _settings.concurrency
CONCURRENT_REQUESTS_PER_DOMAIN = _settings.concurrency
CONCURRENT_ITEMS = 4  # tasks that Scrapy creates for each page; a page yields one item (Scrapy's default is 100)
DOWNLOAD_DELAY_JITTER = 0  # a delay is the least interval, as docs/settings.md says; Scrapy's own varies by half
AUTOTHROTTLE_ENABLED = _settings.autothrottle
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
AUTOTHROTTLE_START_DELAY = 0.25
DOWNLOAD_TIMEOUT = _settings.download_timeout
DOWNLOAD_MAXSIZE = _settings.max_page_bytes
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True
RETRY_TIMES = _settings.retry_times
RETRY_HTTP_CODES = [500, 502, 503, 504, 520, 522, 524, 408]  # not 429: see politeness.py
REDIRECT_MAX_TIMES = 8
URLLENGTH_LIMIT = 0  # archive/identity.py refuses long addresses by name; Scrapy would drop them silently
HTTPPROXY_ENABLED = False  # a proxy from the environment would bypass the guard
METAREFRESH_ENABLED = False
COOKIES_ENABLED = False  # except for hosts that answer only with one: fetching/cookies.py
HTTPERROR_ALLOW_ALL = True  # every response reaches the spider, which turns it into an outcome
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # like the telnet console it lets other processes of the machine run code in a crawl
WARN_ON_GENERATOR_RETURN_VALUE = False  # Scrapy would parse the source of our callbacks for each response
LOG_LEVEL = "INFO"
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"  # the run report has them; Scrapy would log the whole page

DNS_RESOLVER = "crawler.fetching.guard.GuardedResolver"
DOWNLOAD_HANDLERS = {
    "http": "crawler.fetching.fetch_from.RoutedDownloadHandler",
    "https": "crawler.fetching.fetch_from.RoutedDownloadHandler",
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.fetching.guard.ValidHosts": 50,
    "crawler.fetching.politeness.HostGate": 60,
    "crawler.fetching.robots.CarefulRobots": 100,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.fetching.coding.CarefulDecompression": 590,
    "crawler.fetching.politeness.PoliteHosts": 560,
    "crawler.fetching.clock_witness.ClockWitness": 565,
    "crawler.fetching.cookies.CookieWalls": 650,
}
EXTENSIONS = {"crawler.extension.RunExtension": 0}
ITEM_PIPELINES = {
    "crawler.pipelines.NormalisePipeline": 100,
    "crawler.pipelines.ValidatePipeline": 200,
    "crawler.pipelines.ArchivePipeline": 300,
}
KLIPING = _settings
KLIPING_RUN_ID = None

"""From bytes to what a page prints, word for word: pure functions, without Scrapy, network or clock."""

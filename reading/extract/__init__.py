"""From the bytes of a page to what it prints, word for word. Pure: no Scrapy, network or clock."""

"""The pages: a module a page or group of pages, each with a `router`. `web.app` finds them.

docs/web.md tells how to add one.
"""

"""The room where people read: pages made on the server from the archive and its index (docs/web.md)."""

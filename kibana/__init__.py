"""The saved objects that show the archive in Kibana, made from the index's schema, and a client to import them."""

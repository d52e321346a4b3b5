"""What Kibana shows of the archive: the saved objects, made from the index's own schema, and how they get there."""

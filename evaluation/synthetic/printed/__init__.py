"""The printed forms of stamps, datelines and credits, each with what it means."""

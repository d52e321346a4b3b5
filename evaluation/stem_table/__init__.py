"""Writes the override table of the stemmer (`lexicon/stems.tsv`) and the names that it must leave alone.

The dictionary of roots and the stemmer are PySastrawi's (MIT; its list of roots goes back to Kateglo's dictionary, CC
BY-NC-SA): they are used here only, and the table holds the words of the archive with the roots found for them.
"""

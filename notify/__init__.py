"""Tells people what changed: states of sources, index, disk and archive, and what is new to their watches.

The judgement is not made here: `kliping.cli` hands over what `doctor` and the watchman found.
"""

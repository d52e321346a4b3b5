"""A small Indonesian news site that runs offline, for the demo, tests and fault injection.

with Newsstand() as site:
    ...  # http://127.0.0.1:{site.port} answers as www., arsip. and lama.newsstand.test, by Host header
"""

from newsstand.faults import Fault, FaultKind
from newsstand.saved import SavedPages
from newsstand.server import Newsstand, Visit

__all__ = ["Fault", "FaultKind", "Newsstand", "SavedPages", "Visit"]

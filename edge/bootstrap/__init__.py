"""The composition root: the only importer of adapters, one builder per process and command.

Each builder imports what it needs when it is called, so that looking at the help, or at the journal, loads no
model and no picture library.
"""

from edge.bootstrap.storage import actor, open_reader, open_store, people

__all__ = ["actor", "open_reader", "open_store", "people"]

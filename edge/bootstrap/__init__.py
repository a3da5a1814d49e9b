"""The composition root: the only importer of adapters, with one builder per process and command.

Builders import the adapters they need when they are called, and the modules here are imported by need as
well: looking at the journal loads no model and no picture library. `storage` holds who may write,
`recognition` the commands that see, `parent` and `vision` the two processes of the daemon.
"""

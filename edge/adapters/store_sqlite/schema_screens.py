"""The tables of the screens beside the door: a code that pairs one, and those that were paired."""

VERSION_5 = (
    """
    CREATE TABLE screen_code (
        only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
        hash TEXT NOT NULL CHECK (length(hash) = 64),
        expires REAL NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    """
    CREATE TABLE screen (
        id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
        hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
        address TEXT NOT NULL,
        paired TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

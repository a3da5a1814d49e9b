"""The tables, as SQL. A released statement is never edited: a change is a further version."""

APPLICATION_ID = 0x45444745  # "EDGE" in ASCII, at offset 68 of the file
SCHEMA_VERSION = 6  # kept in the file as user_version

VERSION_1 = (
    """
    CREATE TABLE person (
        id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
        name TEXT NOT NULL CHECK (length(name) > 0),
        external_id TEXT UNIQUE CHECK (length(external_id) > 0),
        valid_from REAL,
        valid_until REAL,
        schedule TEXT,
        pin_hash TEXT,
        consent TEXT CHECK (consent IS NULL OR json_valid(consent)),
        second_factor INTEGER NOT NULL DEFAULT 0 CHECK (second_factor IN (0, 1)),
        created TEXT NOT NULL,
        updated TEXT NOT NULL,
        CHECK (valid_from < valid_until)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX person_name ON person (name)",
    """
    CREATE TABLE reference (
        id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
        person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        model_version TEXT NOT NULL CHECK (length(model_version) > 0),
        dimension INTEGER NOT NULL CHECK (dimension > 0),
        vector BLOB NOT NULL CHECK (length(vector) = 4 * dimension),
        quality TEXT NOT NULL CHECK (json_valid(quality)),
        crop BLOB,
        source TEXT NOT NULL,
        created TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX reference_person ON reference (person_id)",
    "CREATE INDEX reference_model ON reference (model_version, id)",
    """
    CREATE TABLE journal (
        number INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
        created TEXT NOT NULL,
        why TEXT NOT NULL CHECK (why IN ('created', 'restored'))
    ) STRICT
    """,
    """
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        journal TEXT NOT NULL REFERENCES journal (uuid),
        boot_id TEXT NOT NULL CHECK (length(boot_id) BETWEEN 1 AND 64),
        time TEXT NOT NULL CHECK (length(time) = 24),
        monotonic_ns INTEGER NOT NULL,
        clock_trusted INTEGER NOT NULL CHECK (clock_trusted IN (0, 1)),
        type TEXT NOT NULL CHECK (length(type) BETWEEN 1 AND 64),
        person TEXT CHECK (length(person) BETWEEN 1 AND 64),
        data TEXT NOT NULL CHECK (json_valid(data))
    ) STRICT
    """,
    "CREATE INDEX event_type ON event (type)",
    "CREATE INDEX event_person ON event (person) WHERE person IS NOT NULL",
    """
    CREATE TRIGGER event_is_final BEFORE UPDATE ON event
    BEGIN SELECT raise(ABORT, 'an event is never edited'); END
    """,
    """
    CREATE TABLE cursor (
        sink TEXT NOT NULL PRIMARY KEY CHECK (length(sink) BETWEEN 1 AND 64),
        journal TEXT NOT NULL REFERENCES journal (uuid),
        seq INTEGER NOT NULL CHECK (seq >= 0)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE generation (
        name TEXT NOT NULL PRIMARY KEY,
        value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "INSERT INTO generation (name, value) VALUES ('person', 0), ('reference', 0)",
    *(
        f"""
        CREATE TRIGGER {table}_{change.lower()} AFTER {change} ON {table}
        BEGIN UPDATE generation SET value = value + 1 WHERE name = '{table}'; END
        """  # noqa: S608 - both words are ours
        for table in ("person", "reference")
        for change in ("INSERT", "UPDATE", "DELETE")
    ),
)

VERSION_2 = (
    """
    CREATE TABLE command_nonce (
        nonce TEXT NOT NULL PRIMARY KEY CHECK (length(nonce) BETWEEN 16 AND 64),
        expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX command_nonce_expires ON command_nonce (expires)",
    """
    CREATE TABLE command_horizon (
        number INTEGER PRIMARY KEY CHECK (number = 1),
        expires INTEGER NOT NULL
    ) STRICT
    """,
    "INSERT INTO command_horizon (number, expires) VALUES (1, 0)",
)

VERSION_4 = ("ALTER TABLE cursor ADD COLUMN state TEXT CHECK (state IS NULL OR json_valid(state))",)

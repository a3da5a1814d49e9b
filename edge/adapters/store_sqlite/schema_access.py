"""The tables of who may pass when. A released statement is never edited: a change is a further version."""

ACCESS_TABLES = ("schedule", "holiday", "access_group", "person_group", "pin", "visitor")

VERSION_3 = (
    """
    CREATE TABLE schedule (
        name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
        text TEXT NOT NULL CHECK (length(text) > 0),
        zone TEXT,
        first TEXT CHECK (length(first) = 10),
        last TEXT CHECK (length(last) = 10),
        updated TEXT NOT NULL,
        CHECK (first <= last)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE holiday (
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
        first TEXT NOT NULL CHECK (length(first) = 10),
        last TEXT NOT NULL CHECK (length(last) = 10),
        type TEXT NOT NULL,
        yearly INTEGER NOT NULL CHECK (yearly IN (0, 1)),
        PRIMARY KEY (name, first),
        CHECK (first <= last)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE access_group (
        name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
        schedule TEXT NOT NULL,
        doors TEXT CHECK (doors IS NULL OR json_valid(doors)),
        second_factor INTEGER NOT NULL CHECK (second_factor IN (0, 1)),
        passback_exempt INTEGER NOT NULL CHECK (passback_exempt IN (0, 1)),
        alone INTEGER NOT NULL CHECK (alone IN (0, 1)),
        escort INTEGER NOT NULL CHECK (escort IN (0, 1)),
        lockdown_pass INTEGER NOT NULL CHECK (lockdown_pass IN (0, 1)),
        first_person INTEGER NOT NULL CHECK (first_person IN (0, 1)),
        updated TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE person_group (
        person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        group_name TEXT NOT NULL REFERENCES access_group (name),
        PRIMARY KEY (person_id, group_name)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX person_group_name ON person_group (group_name)",
    """
    CREATE TABLE pin (
        person_id TEXT NOT NULL PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
        hash TEXT NOT NULL CHECK (length(hash) > 0),
        duress TEXT CHECK (length(duress) > 0),
        updated TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE visitor (
        person_id TEXT NOT NULL PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
        digest TEXT NOT NULL UNIQUE CHECK (length(digest) > 0),
        max_visits INTEGER CHECK (max_visits > 0)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE salt (
        name TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL CHECK (length(value) = 16)
    ) STRICT, WITHOUT ROWID
    """,
    "INSERT INTO salt (name, value) VALUES ('visitor', randomblob(16))",
    "ALTER TABLE person DROP COLUMN pin_hash",
    "CREATE INDEX event_day ON event (substr(time, 1, 10))",
    *(f"INSERT INTO generation (name, value) VALUES ('{table}', 0)" for table in ACCESS_TABLES),  # noqa: S608 - ours
    *(
        f"""
        CREATE TRIGGER {table}_{change.lower()} AFTER {change} ON {table}
        BEGIN UPDATE generation SET value = value + 1 WHERE name = '{table}'; END
        """  # noqa: S608 - both words are ours
        for table in ACCESS_TABLES
        for change in ("INSERT", "UPDATE", "DELETE")
    ),
)

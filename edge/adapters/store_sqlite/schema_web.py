"""The tables of the pages' accounts. A released statement is never edited: a change is a further version.

Codes, sessions, browsers and tokens are kept as SHA-256 of what is random, passwords as argon2id.
"""

VERSION_6 = (
    """
    CREATE TABLE admin (
        id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
        name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 2 AND 32),
        role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
        enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
        password TEXT NOT NULL CHECK (length(password) > 0),
        totp TEXT CHECK (length(totp) > 0),
        totp_step INTEGER NOT NULL DEFAULT 0,
        created TEXT NOT NULL,
        last_login TEXT
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE admin_recovery (
        admin_id TEXT NOT NULL REFERENCES admin (id) ON DELETE CASCADE,
        hash TEXT NOT NULL CHECK (length(hash) = 64),
        PRIMARY KEY (admin_id, hash)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE admin_code (
        hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
        kind TEXT NOT NULL CHECK (kind IN ('setup', 'invitation')),
        role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
        name TEXT CHECK (length(name) BETWEEN 2 AND 32),
        expires REAL NOT NULL,
        actor TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE admin_session (
        hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
        admin_id TEXT NOT NULL REFERENCES admin (id) ON DELETE CASCADE,
        boot_id TEXT NOT NULL,
        began REAL NOT NULL,
        seen REAL NOT NULL,
        proved REAL NOT NULL,
        complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
        address TEXT NOT NULL,
        agent TEXT NOT NULL,
        created TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX admin_session_admin ON admin_session (admin_id)",
    """
    CREATE TABLE admin_device (
        hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
        admin_id TEXT NOT NULL REFERENCES admin (id) ON DELETE CASCADE,
        agent TEXT NOT NULL,
        created REAL NOT NULL,
        used REAL NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX admin_device_admin ON admin_device (admin_id)",
    """
    CREATE TABLE login_budget (
        key TEXT NOT NULL PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 100),
        tokens REAL NOT NULL,
        at REAL NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE api_token (
        id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
        hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
        scopes TEXT NOT NULL CHECK (json_valid(scopes)),
        created TEXT NOT NULL,
        expires REAL,
        used TEXT,
        actor TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "INSERT INTO salt (name, value) VALUES ('pages', randomblob(16))",
)

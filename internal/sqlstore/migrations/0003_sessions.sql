-- Signing in: sessions, TANs and the last sign-ins. All of it is runtime state.

-- The key is a hash of what the cookie holds. stage says what a session is good
-- for; account and member are provisional until it is open.
CREATE TABLE sessions (
  key TEXT PRIMARY KEY,
  login_id INTEGER NOT NULL REFERENCES logins (id) DEFERRABLE INITIALLY DEFERRED,
  account_id INTEGER NOT NULL REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED,
  member_id INTEGER NOT NULL REFERENCES members (id) DEFERRABLE INITIALLY DEFERRED,
  stage TEXT NOT NULL CHECK (stage <> ''),
  link_id INTEGER,
  started_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_login ON sessions (login_id);

CREATE INDEX sessions_account ON sessions (account_id);

CREATE INDEX sessions_member ON sessions (member_id);

CREATE INDEX sessions_seen ON sessions (seen_at);

-- A TAN is computed with the instance key. The mark is that of who used it.
CREATE TABLE tans (
  id INTEGER PRIMARY KEY,
  session TEXT NOT NULL,
  number TEXT NOT NULL CHECK (number GLOB '+[1-9]*'),
  expires_at INTEGER NOT NULL,
  mark INTEGER NOT NULL
) STRICT;

CREATE INDEX tans_session ON tans (session);

CREATE TABLE sign_ins (
  login_id INTEGER NOT NULL REFERENCES logins (id) DEFERRABLE INITIALLY DEFERRED,
  at INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  network TEXT NOT NULL,
  PRIMARY KEY (login_id, at)
) STRICT, WITHOUT ROWID;

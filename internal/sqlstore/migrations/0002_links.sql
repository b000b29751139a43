-- Invites, links and the mails that they go out by, and what is counted.

ALTER TABLE commits ADD COLUMN person TEXT NOT NULL DEFAULT '';

CREATE TABLE invites (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED,
  email TEXT NOT NULL CHECK (email LIKE '_%@_%'),
  email_key TEXT NOT NULL,
  language TEXT NOT NULL CHECK (language IN ('de', 'en')),
  access TEXT NOT NULL CHECK (access IN ('all', 'grants')),
  grants TEXT NOT NULL CHECK (json_type(grants) = 'array' AND (access = 'grants') = (grants <> '[]')),
  sender TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'revoked', 'expired')),
  member_id INTEGER,
  expires_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((state = 'accepted') = (member_id IS NOT NULL))
) STRICT;

CREATE INDEX invites_account ON invites (account_id);

CREATE UNIQUE INDEX invites_pending ON invites (account_id, email_key) WHERE state = 'pending';

CREATE TABLE links (
  id INTEGER PRIMARY KEY,
  purpose TEXT NOT NULL CHECK (purpose <> ''),
  account_id INTEGER NOT NULL REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED,
  member_id INTEGER REFERENCES members (id) DEFERRABLE INITIALLY DEFERRED,
  invite_id INTEGER REFERENCES invites (id) DEFERRABLE INITIALLY DEFERRED,
  login_id INTEGER REFERENCES logins (id) DEFERRABLE INITIALLY DEFERRED,
  email TEXT NOT NULL CHECK (email LIKE '_%@_%'),
  shown INTEGER NOT NULL CHECK (shown IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('open', 'used', 'ended')),
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  CHECK ((member_id IS NULL) = (invite_id IS NOT NULL))
) STRICT;

CREATE INDEX links_account ON links (account_id);

CREATE INDEX links_member ON links (member_id);

CREATE INDEX links_invite ON links (invite_id);

CREATE INDEX links_login ON links (login_id);

-- A mail that no longer waits has nothing left that makes a link.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  template TEXT NOT NULL CHECK (template <> ''),
  language TEXT NOT NULL CHECK (language IN ('de', 'en')),
  recipient TEXT NOT NULL CHECK (recipient LIKE '_%@_%'),
  data TEXT NOT NULL CHECK (json_valid(data)),
  link_id INTEGER,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'discarded')),
  tries INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  leased_until INTEGER NOT NULL,
  mark INTEGER NOT NULL,
  answer TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  settled_at INTEGER NOT NULL,
  CHECK (state = 'queued' OR data = '{}' AND link_id IS NULL)
) STRICT;

CREATE INDEX outbox_queued ON outbox (next_at) WHERE state = 'queued';

-- Runtime state: what is counted, a row each. Keys are keyed hashes.
CREATE TABLE tries (
  key TEXT NOT NULL,
  mark INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (key, mark)
) STRICT, WITHOUT ROWID;

-- Of people and accounts, and of invites until they are over.
CREATE VIEW keys_of_invites (key, expires_at) AS
SELECT g.value, invites.expires_at FROM invites, json_each(invites.grants) AS g WHERE invites.state = 'pending';

CREATE VIEW keys_of_people (kind, key) AS
SELECT DISTINCT 'grant', g.value FROM members, json_each(members.grants) AS g
UNION SELECT DISTINCT 'grant', g.value FROM accounts, json_each(accounts.default_grants) AS g
UNION SELECT DISTINCT 'role', role FROM members WHERE role IS NOT NULL
UNION SELECT DISTINCT 'mail', c.value FROM members, json_each(members.mail) AS c;

DROP VIEW keys_in_use;

CREATE VIEW keys_in_use (kind, key) AS
SELECT kind, key FROM keys_of_people UNION SELECT 'grant', key FROM keys_of_invites;

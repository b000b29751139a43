-- Statements end with a semicolon and an empty line. Times are Unix
-- milliseconds in UTC; ids, times and tokens come from the program.

CREATE TABLE commits (
  id INTEGER PRIMARY KEY,
  nonce INTEGER NOT NULL,
  at INTEGER NOT NULL,
  os_user TEXT NOT NULL,
  store_user TEXT NOT NULL,
  actor TEXT NOT NULL
) STRICT;

CREATE TABLE catalog (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  body TEXT NOT NULL CHECK (json_valid(body)),
  version INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 32 AND name NOT GLOB '*[^a-z0-9]*'),
  display_name TEXT NOT NULL CHECK (display_name <> ''),
  plan TEXT NOT NULL CHECK (plan IN ('standard', 'enterprise')),
  two_factor TEXT NOT NULL CHECK (two_factor IN ('off', 'sms')),
  language TEXT NOT NULL CHECK (language IN ('de', 'en')),
  default_access TEXT NOT NULL CHECK (default_access IN ('none', 'all', 'grants')),
  default_grants TEXT NOT NULL CHECK (json_type(default_grants) = 'array' AND (default_access = 'grants') = (default_grants <> '[]')),
  invite_other_address INTEGER NOT NULL CHECK (invite_other_address IN (0, 1)),
  owner_id INTEGER REFERENCES members (id) DEFERRABLE INITIALLY DEFERRED,
  had_administrator INTEGER NOT NULL DEFAULT 0 CHECK (had_administrator IN (0, 1)),
  counter INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sender_addresses (
  account_id INTEGER NOT NULL REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED,
  address_key TEXT NOT NULL,
  address TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (account_id, address_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX sender_addresses_key ON sender_addresses (address_key);

CREATE TABLE logins (
  id INTEGER PRIMARY KEY,
  username TEXT NOT NULL CHECK (username <> ''),
  username_key TEXT NOT NULL UNIQUE CHECK (username_key <> ''),
  password_hash TEXT NOT NULL CHECK (password_hash GLOB '$?*'),
  holder_set INTEGER NOT NULL CHECK (holder_set IN (0, 1)),
  must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
  email TEXT NOT NULL CHECK (email <> ''),
  email_verified INTEGER NOT NULL CHECK (email_verified IN (0, 1)),
  mobile TEXT CHECK (mobile GLOB '+[1-9]*'),
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED,
  login_id INTEGER REFERENCES logins (id) DEFERRABLE INITIALLY DEFERRED,
  email TEXT NOT NULL CHECK (email LIKE '_%@_%'),
  email_key TEXT NOT NULL,
  username TEXT,
  username_key TEXT,
  salutation TEXT NOT NULL CHECK (salutation IN ('mr', 'ms', 'mx', 'none')),
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  language TEXT NOT NULL CHECK (language IN ('de', 'en')),
  phones TEXT NOT NULL CHECK (json_type(phones) = 'array'),
  mail TEXT NOT NULL CHECK (json_type(mail) = 'array'),
  access TEXT NOT NULL CHECK (access IN ('none', 'all', 'role', 'grants')),
  role TEXT,
  grants TEXT NOT NULL CHECK (json_type(grants) = 'array'),
  suspended INTEGER NOT NULL CHECK (suspended IN (0, 1)),
  subaccount TEXT CHECK (subaccount NOT GLOB '*[^a-z0-9-]*' AND subaccount GLOB '[a-z0-9]*' AND length(subaccount) <= 32),
  pending INTEGER NOT NULL CHECK (pending IN (0, 1)),
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK (first_name <> '' OR last_name <> ''),
  CHECK ((access = 'role') = (role IS NOT NULL) AND (access = 'grants') = (grants <> '[]')),
  CHECK ((subaccount IS NULL) OR (access = 'role')),
  CHECK (pending = 0 OR subaccount IS NOT NULL AND login_id IS NULL),
  CHECK ((username IS NULL) = (username_key IS NULL) AND (username IS NULL OR login_id IS NULL))
) STRICT;

CREATE INDEX members_account ON members (account_id);

CREATE UNIQUE INDEX members_email ON members (account_id, email_key);

CREATE UNIQUE INDEX members_proposal ON members (account_id, coalesce(username_key, email_key)) WHERE login_id IS NULL;

CREATE UNIQUE INDEX members_login ON members (login_id, account_id) WHERE login_id IS NOT NULL;

CREATE UNIQUE INDEX members_subaccount ON members (account_id, subaccount) WHERE subaccount IS NOT NULL;

CREATE INDEX members_registration ON members (email_key) WHERE subaccount IS NOT NULL;

CREATE INDEX members_full ON members (account_id) WHERE access IN ('all', 'role');

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  commit_id INTEGER NOT NULL REFERENCES commits (id) DEFERRABLE INITIALLY DEFERRED,
  action TEXT NOT NULL,
  account TEXT NOT NULL,
  member_id INTEGER,
  subject TEXT NOT NULL,
  before TEXT CHECK (json_valid(before)),
  after TEXT CHECK (json_valid(after))
) STRICT;

CREATE INDEX audit_member ON audit (member_id) WHERE member_id IS NOT NULL;

CREATE INDEX audit_commit ON audit (commit_id);

-- A row stands here only within the batch that prunes.
CREATE TABLE audit_pruning (
  before INTEGER PRIMARY KEY
) STRICT;

-- An insert of anything but 1 aborts the batch: NULL too, so a row that is gone.
CREATE VIEW guard (ok) AS SELECT 1;

CREATE TRIGGER guard_holds INSTEAD OF INSERT ON guard WHEN NEW.ok IS NOT 1 BEGIN
  SELECT RAISE (ABORT, 'changed meanwhile');
END;

CREATE VIEW full_roles (key) AS
SELECT r.value ->> '$.key' FROM catalog, json_each(catalog.body, '$.roles') AS r WHERE r.value ->> '$.grants' = '["all"]';

CREATE VIEW administrators (account_id, member_id, access) AS
SELECT account_id, id, access FROM members
WHERE access IN ('all', 'role') AND login_id IS NOT NULL AND suspended = 0 AND pending = 0
  AND (access = 'all' OR role IN (SELECT key FROM full_roles));

CREATE VIEW keys_in_use (kind, key) AS
SELECT DISTINCT 'grant', g.value FROM members, json_each(members.grants) AS g
UNION SELECT DISTINCT 'grant', g.value FROM accounts, json_each(accounts.default_grants) AS g
UNION SELECT DISTINCT 'role', role FROM members WHERE role IS NOT NULL
UNION SELECT DISTINCT 'mail', c.value FROM members, json_each(members.mail) AS c;

CREATE VIEW catalog_keys (kind, key) AS
SELECT 'grant', a.value ->> '$.key' FROM catalog, json_each(catalog.body, '$.areas') AS a
UNION ALL SELECT 'grant', (a.value ->> '$.key') || '.' || (p.value ->> '$.key')
  FROM catalog, json_each(catalog.body, '$.areas') AS a, json_each(a.value, '$.actions') AS p
UNION ALL SELECT 'role', r.value ->> '$.key' FROM catalog, json_each(catalog.body, '$.roles') AS r
UNION ALL SELECT 'mail', c.value ->> '$.key' FROM catalog, json_each(catalog.body, '$.mail_categories') AS c;

-- For readers and portals: a row a person, with the status derived.
CREATE VIEW people AS
SELECT m.id, a.name AS account, m.email, coalesce(l.username, m.username, m.email) AS username, m.salutation, m.first_name, m.last_name,
  m.language, m.access, m.role, m.subaccount,
  CASE WHEN m.suspended THEN 'suspended' WHEN m.pending THEN 'pending' WHEN m.login_id IS NULL THEN 'no-login'
    WHEN a.two_factor = 'sms' AND l.mobile IS NULL THEN 'pending-2fa' ELSE 'active' END AS status
FROM members AS m JOIN accounts AS a ON a.id = m.account_id LEFT JOIN logins AS l ON l.id = m.login_id;

CREATE VIEW member_phones (member_id, label, number) AS
SELECT m.id, p.value ->> '$.label', p.value ->> '$.number' FROM members AS m, json_each(m.phones) AS p;

CREATE VIEW member_grants (member_id, grant_key) AS
SELECT m.id, g.value FROM members AS m, json_each(m.grants) AS g;

CREATE VIEW member_mail (member_id, category) AS
SELECT m.id, c.value FROM members AS m, json_each(m.mail) AS c;

CREATE TRIGGER accounts_insert AFTER INSERT ON accounts BEGIN
  SELECT RAISE (ABORT, 'a login has a username with the prefix of the account')
  WHERE EXISTS (SELECT 1 FROM logins WHERE username_key >= NEW.name || '-' AND username_key < NEW.name || '.');
END;

CREATE TRIGGER accounts_update AFTER UPDATE ON accounts BEGIN
  SELECT RAISE (ABORT, 'the name of an account never changes') WHERE NEW.name IS NOT OLD.name OR NEW.id IS NOT OLD.id;
  SELECT RAISE (ABORT, 'a plan with subaccounts is not downgraded')
  WHERE NEW.plan <> 'enterprise' AND EXISTS (SELECT 1 FROM members WHERE account_id = NEW.id AND subaccount IS NOT NULL);
  SELECT RAISE (ABORT, 'the owner is a member of the account with access all')
  WHERE NEW.owner_id IS NOT OLD.owner_id AND NEW.owner_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM members WHERE id = NEW.owner_id AND account_id = NEW.id AND access = 'all' AND suspended = 0);
END;

CREATE TRIGGER sender_addresses_insert AFTER INSERT ON sender_addresses BEGIN
  SELECT RAISE (ABORT, 'a registration e-mail is no sender address')
  WHERE EXISTS (SELECT 1 FROM members WHERE subaccount IS NOT NULL AND email_key = NEW.address_key);
END;

CREATE TRIGGER logins_insert AFTER INSERT ON logins WHEN instr(NEW.username_key, '-') > 0 BEGIN
  SELECT RAISE (ABORT, 'the username has the prefix of an account')
  FROM accounts AS a WHERE a.name = substr(NEW.username_key, 1, instr(NEW.username_key, '-') - 1)
    AND NOT EXISTS (SELECT 1 FROM members WHERE account_id = a.id AND subaccount = substr(NEW.username_key, instr(NEW.username_key, '-') + 1));
END;

CREATE TRIGGER logins_update AFTER UPDATE OF username_key ON logins WHEN NEW.username_key <> OLD.username_key AND instr(NEW.username_key, '-') > 0 BEGIN
  SELECT RAISE (ABORT, 'the username has the prefix of an account')
  FROM accounts AS a WHERE a.name = substr(NEW.username_key, 1, instr(NEW.username_key, '-') - 1)
    AND NOT EXISTS (SELECT 1 FROM members WHERE account_id = a.id AND subaccount = substr(NEW.username_key, instr(NEW.username_key, '-') + 1));
END;

CREATE TRIGGER members_insert AFTER INSERT ON members WHEN NEW.access IN ('all', 'role') BEGIN
  SELECT RAISE (ABORT, 'only plan enterprise has subaccounts')
  WHERE NEW.subaccount IS NOT NULL AND (SELECT plan FROM accounts WHERE id = NEW.account_id) IS NOT 'enterprise';
  SELECT RAISE (ABORT, 'a sender address is no registration e-mail')
  WHERE NEW.subaccount IS NOT NULL AND EXISTS (SELECT 1 FROM sender_addresses WHERE address_key = NEW.email_key);
  UPDATE accounts SET had_administrator = 1
  WHERE id = NEW.account_id AND had_administrator = 0 AND EXISTS (SELECT 1 FROM administrators WHERE account_id = NEW.account_id);
END;

CREATE TRIGGER members_update AFTER UPDATE ON members BEGIN
  UPDATE accounts SET had_administrator = 1
  WHERE id = NEW.account_id AND had_administrator = 0 AND EXISTS (SELECT 1 FROM administrators WHERE account_id = NEW.account_id);
  SELECT RAISE (ABORT, 'a member stays in its account') WHERE NEW.account_id IS NOT OLD.account_id OR NEW.id IS NOT OLD.id;
  SELECT RAISE (ABORT, 'a subaccount keeps its name') WHERE NEW.subaccount IS NOT OLD.subaccount;
  SELECT RAISE (ABORT, 'a sender address is no registration e-mail')
  WHERE NEW.subaccount IS NOT NULL AND NEW.email_key <> OLD.email_key AND EXISTS (SELECT 1 FROM sender_addresses WHERE address_key = NEW.email_key);
  SELECT RAISE (ABORT, 'the owner is not suspended or restricted')
  WHERE (NEW.access <> 'all' OR NEW.suspended) AND EXISTS (SELECT 1 FROM accounts WHERE id = NEW.account_id AND owner_id = NEW.id);
  SELECT RAISE (ABORT, 'the last administrator stays')
  WHERE OLD.access IN ('all', 'role') AND OLD.login_id IS NOT NULL AND OLD.suspended = 0
    AND (OLD.access = 'all' OR OLD.role IN (SELECT key FROM full_roles))
    AND NOT EXISTS (SELECT 1 FROM administrators WHERE account_id = OLD.account_id);
END;

CREATE TRIGGER members_delete AFTER DELETE ON members WHEN EXISTS (SELECT 1 FROM accounts WHERE id = OLD.account_id) BEGIN
  SELECT RAISE (ABORT, 'the owner is not removed') WHERE EXISTS (SELECT 1 FROM accounts WHERE id = OLD.account_id AND owner_id = OLD.id);
  SELECT RAISE (ABORT, 'the last administrator stays')
  WHERE OLD.access IN ('all', 'role') AND OLD.login_id IS NOT NULL AND OLD.suspended = 0
    AND (OLD.access = 'all' OR OLD.role IN (SELECT key FROM full_roles))
    AND NOT EXISTS (SELECT 1 FROM administrators WHERE account_id = OLD.account_id);
END;

CREATE TRIGGER catalog_update AFTER UPDATE ON catalog BEGIN
  UPDATE accounts SET had_administrator = 1
  WHERE had_administrator = 0 AND EXISTS (SELECT 1 FROM administrators WHERE account_id = accounts.id);
  SELECT RAISE (ABORT, 'a key in use is not dropped')
  WHERE EXISTS (SELECT 1 FROM keys_in_use AS u WHERE NOT EXISTS (SELECT 1 FROM catalog_keys AS k WHERE k.kind = u.kind AND k.key = u.key));
  SELECT RAISE (ABORT, 'the last administrator stays')
  FROM members AS m WHERE m.access = 'role' AND m.login_id IS NOT NULL AND m.suspended = 0
    AND m.role IN (SELECT r.value ->> '$.key' FROM json_each(OLD.body, '$.roles') AS r WHERE r.value ->> '$.grants' = '["all"]')
    AND NOT EXISTS (SELECT 1 FROM administrators WHERE account_id = m.account_id);
END;

CREATE TRIGGER commits_update BEFORE UPDATE ON commits BEGIN
  SELECT RAISE (ABORT, 'a commit is not changed');
END;

CREATE TRIGGER commits_delete BEFORE DELETE ON commits WHEN OLD.at >= coalesce((SELECT max(before) FROM audit_pruning), OLD.at) BEGIN
  SELECT RAISE (ABORT, 'a commit is not deleted');
END;

CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN
  SELECT RAISE (ABORT, 'the audit is not changed');
END;

CREATE TRIGGER audit_delete BEFORE DELETE ON audit
WHEN coalesce((SELECT c.at < (SELECT max(before) FROM audit_pruning) FROM commits AS c WHERE c.id = OLD.commit_id), 0) = 0 BEGIN
  SELECT RAISE (ABORT, 'the audit is not deleted');
END;

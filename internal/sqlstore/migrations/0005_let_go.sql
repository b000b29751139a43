-- A subaccount that is being removed may let go of its name first, since another
-- may get it in the same batch: its e-mail key then is one that no member has.
-- Whether an account has an administrator now is asked of the row that is written
-- alone: of an account that has none, each would read all subaccounts.
-- Whether it still has one is found by the index at once, however many others have
-- full access and are suspended, or a role that gives less.
DROP TRIGGER members_insert;

DROP TRIGGER members_update;

DROP VIEW administrators;

DROP INDEX members_full;

CREATE INDEX members_full ON members (account_id, access, role)
WHERE login_id IS NOT NULL AND suspended = 0 AND pending = 0 AND (access = 'all' OR access = 'role');

CREATE VIEW administrators (account_id, member_id, access) AS
SELECT account_id, id, access FROM members
WHERE access = 'all' AND login_id IS NOT NULL AND suspended = 0 AND pending = 0
UNION ALL SELECT account_id, id, access FROM members
WHERE access = 'role' AND role IN (SELECT key FROM full_roles) AND login_id IS NOT NULL AND suspended = 0 AND pending = 0;

CREATE TRIGGER members_insert AFTER INSERT ON members WHEN NEW.access IN ('all', 'role') BEGIN
  SELECT RAISE (ABORT, 'only plan enterprise has subaccounts')
  WHERE NEW.subaccount IS NOT NULL AND (SELECT plan FROM accounts WHERE id = NEW.account_id) IS NOT 'enterprise';
  SELECT RAISE (ABORT, 'a sender address is no registration e-mail')
  WHERE NEW.subaccount IS NOT NULL AND EXISTS (SELECT 1 FROM sender_addresses WHERE address_key = NEW.email_key);
  UPDATE accounts SET had_administrator = 1
  WHERE id = NEW.account_id AND had_administrator = 0 AND EXISTS (SELECT 1 FROM administrators WHERE member_id = NEW.id);
END;

CREATE TRIGGER members_update AFTER UPDATE ON members BEGIN
  UPDATE accounts SET had_administrator = 1
  WHERE id = NEW.account_id AND had_administrator = 0 AND EXISTS (SELECT 1 FROM administrators WHERE member_id = NEW.id);
  SELECT RAISE (ABORT, 'a member stays in its account') WHERE NEW.account_id IS NOT OLD.account_id OR NEW.id IS NOT OLD.id;
  SELECT RAISE (ABORT, 'a subaccount keeps its name')
  WHERE NEW.subaccount IS NOT OLD.subaccount AND NOT (NEW.subaccount IS NULL AND NEW.email_key = char(1) || NEW.id);
  SELECT RAISE (ABORT, 'a sender address is no registration e-mail')
  WHERE NEW.subaccount IS NOT NULL AND NEW.email_key <> OLD.email_key AND EXISTS (SELECT 1 FROM sender_addresses WHERE address_key = NEW.email_key);
  SELECT RAISE (ABORT, 'the owner is not suspended or restricted')
  WHERE (NEW.access <> 'all' OR NEW.suspended) AND EXISTS (SELECT 1 FROM accounts WHERE id = NEW.account_id AND owner_id = NEW.id);
  SELECT RAISE (ABORT, 'the last administrator stays')
  WHERE OLD.access IN ('all', 'role') AND OLD.login_id IS NOT NULL AND OLD.suspended = 0
    AND (OLD.access = 'all' OR OLD.role IN (SELECT key FROM full_roles))
    AND NOT EXISTS (SELECT 1 FROM administrators WHERE account_id = OLD.account_id);
END;

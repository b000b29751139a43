-- What a broken import has left is deleted by the next one into the same account.
DROP TABLE staging;

CREATE TABLE staging (
  commit_id INTEGER NOT NULL,
  part INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  rows TEXT NOT NULL,
  nonce INTEGER NOT NULL, -- of the commit: another may have its id
  account_id INTEGER NOT NULL, -- that an import is into, or 0
  PRIMARY KEY (commit_id, nonce, part, chunk)
) STRICT;

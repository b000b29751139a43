-- Rows of a commit that is too large for one request, as JSON arrays. They stand
-- here until the commit moves them; what a broken run has left, the next deletes.
CREATE TABLE staging (
  commit_id INTEGER NOT NULL,
  part INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  rows TEXT NOT NULL,
  nonce INTEGER NOT NULL, -- of the commit: another may have its id
  PRIMARY KEY (commit_id, nonce, part, chunk)
) STRICT;

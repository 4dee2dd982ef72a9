-- The same text runs on H2 and on PostgreSQL: standard types, names in lower case, no upserts. H2 commits after each
-- statement, so each may come twice: once before a kill and once after it.

CREATE TABLE IF NOT EXISTS moineau.api_key (
  id                  VARCHAR(32)              PRIMARY KEY,
  name                VARCHAR(64)              NOT NULL,
  -- The name while the key is not revoked: unique, and free again afterwards.
  active_name         VARCHAR(64)              UNIQUE,
  hint                VARCHAR(16)              NOT NULL,
  -- SHA-256 in hexadecimal; a secret has 256 random bits.
  secret_hash         VARCHAR(64)              NOT NULL UNIQUE,
  tokens_per_day      BIGINT,
  requests_per_minute INTEGER,
  -- Names of models, one per line; empty: all.
  models              VARCHAR(16000)           NOT NULL,
  created             TIMESTAMP WITH TIME ZONE NOT NULL,
  expires             TIMESTAMP WITH TIME ZONE,
  revoked             TIMESTAMP WITH TIME ZONE
);

-- Rises with each change of a table, so that processes know when to read it again.
CREATE TABLE IF NOT EXISTS moineau.change_count (
  name    VARCHAR(32) PRIMARY KEY,
  changes BIGINT      NOT NULL
);
INSERT INTO moineau.change_count (name, changes)
  SELECT 'api_key', 0 WHERE NOT EXISTS (SELECT 1 FROM moineau.change_count WHERE name = 'api_key');

CREATE TABLE IF NOT EXISTS moineau.day_usage (
  key_id            VARCHAR(64) NOT NULL,
  utc_day           DATE        NOT NULL,
  prompt_tokens     BIGINT      NOT NULL,
  completion_tokens BIGINT      NOT NULL,
  requests          BIGINT      NOT NULL,
  PRIMARY KEY (key_id, utc_day)
);

CREATE TABLE IF NOT EXISTS moineau.conversation (
  key_id  VARCHAR(64)              NOT NULL,
  id      VARCHAR(64)              NOT NULL,
  title   VARCHAR(200)             NOT NULL,
  updated TIMESTAMP WITH TIME ZONE NOT NULL,
  json    TEXT                     NOT NULL,
  PRIMARY KEY (key_id, id)
);

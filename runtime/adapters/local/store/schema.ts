/** Changes with every change of the tables; a folder of another version is refused, not guessed at. */
export const schemaVersion = 1;

/**
 * Bus and documents in one file, so that one transaction can commit both.
 *
 * `message.seq` is the order of delivery. Who holds a message is kept in memory alone: only one
 * process may open the file, and after a restart nobody holds anything.
 */
export const schema = `
CREATE TABLE topic (id INTEGER PRIMARY KEY, type TEXT NOT NULL UNIQUE);
CREATE TABLE queue (
  id INTEGER PRIMARY KEY, topic INTEGER NOT NULL REFERENCES topic, module TEXT NOT NULL, filters TEXT NOT NULL,
  UNIQUE (topic, module));

CREATE TABLE message (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL,
  not_before INTEGER NOT NULL DEFAULT 0, redeliveries INTEGER NOT NULL DEFAULT 0,
  dead_since INTEGER, dead_code TEXT, dead_description TEXT);
CREATE INDEX message_live ON message (queue, seq) WHERE dead_since IS NULL;
CREATE INDEX message_dead ON message (queue, event) WHERE dead_since IS NOT NULL;

CREATE TABLE seen (day INTEGER, topic INTEGER, event TEXT, PRIMARY KEY (day, topic, event)) WITHOUT ROWID;

CREATE TABLE document (
  flow TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, etag INTEGER NOT NULL,
  due INTEGER, module TEXT, time INTEGER, PRIMARY KEY (flow, id));
CREATE INDEX document_due ON document (due) WHERE due IS NOT NULL;
CREATE INDEX document_insight ON document (module, time) WHERE kind = 'insight';
CREATE INDEX document_execution ON document (id) WHERE kind = 'execution';
CREATE INDEX document_flow ON document (time) WHERE id = 'flow';
`;

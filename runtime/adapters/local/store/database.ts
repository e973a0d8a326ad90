import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { IonError } from "../../../contract/errors.ts";
import { schema, schemaVersion } from "./schema.ts";

/** The opened file, with each statement prepared once. */
export interface Database {
  run(sql: string, ...values: readonly SQLInputValue[]): void;
  changes(sql: string, ...values: readonly SQLInputValue[]): number;
  get<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | undefined;
  all<Row>(sql: string, ...values: readonly SQLInputValue[]): Row[];
  /** Ends a transaction that failed, which SQLite has done itself on a full disk. https://www.sqlite.org/lang_transaction.html */
  rollback(): void;
  close(): void;
}

function lockedMessage(file: string): string {
  return `cannot open '${file}': another Ion runs on this data folder; stop it, or name another folder with --data`;
}

function open(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec("PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000; BEGIN IMMEDIATE; COMMIT");
    return database;
  } catch (cause) {
    database?.close();
    const locked =
      cause instanceof Error && "errcode" in cause && (cause.errcode === 5 || cause.errcode === 261);
    if (locked) throw new IonError("conflict", lockedMessage(file), { cause });
    throw new IonError("unavailable", `cannot open '${file}': ${String(cause)}`, { cause });
  }
}

function prepareTables(database: DatabaseSync, file: string): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
  if (version === schemaVersion) return;
  if (version !== 0) {
    database.close();
    throw new IonError(
      "invalid",
      `cannot open '${file}': it has schema ${version}, this Ion reads ${schemaVersion}; use the Ion that wrote it, or another folder`,
    );
  }
  database.exec(`BEGIN; ${schema} PRAGMA user_version = ${schemaVersion}; COMMIT`);
}

/**
 * Opens the file, makes it when it's absent, and keeps every other process out.
 *
 * @throws IonError `conflict` when another process has it, `invalid` when its schema is another
 */
export function openDatabase(file: string): Database {
  const database = open(file);
  prepareTables(database, file);
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    run: (sql, ...values) => void prepare(sql).run(...values),
    changes: (sql, ...values) => Number(prepare(sql).run(...values).changes),
    get: <Row>(sql: string, ...values: readonly SQLInputValue[]) =>
      prepare(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: readonly SQLInputValue[]) => prepare(sql).all(...values) as Row[],
    rollback: () => {
      if (database.isTransaction) database.exec("ROLLBACK");
    },
    close: () => database.close(),
  };
}

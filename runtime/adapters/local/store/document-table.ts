import { documentId, type FlowDocument, zeroCounts } from "../../../contract/documents.ts";
import { IonError } from "../../../contract/errors.ts";
import type { Database } from "./database.ts";
import type { DocumentRow, PageRows, ReadCommands, RowOperation, StoredRow } from "./protocol.ts";

interface Row {
  readonly id: string;
  readonly body: string;
  readonly etag: number;
}

const toStored = ({ body, etag }: Row): StoredRow => ({ body, etag: String(etag) });

function toPage(rows: readonly Row[], size: number, keyOf: (row: Row) => string): PageRows {
  const page = rows.slice(0, size);
  const last = page.at(-1);
  return { rows: page.map(toStored), ...(last !== undefined && rows.length > size && { next: keyOf(last) }) };
}

/** The documents' half of the file. */
export function documentTable(database: Database) {
  // Never given twice, not even to a document that was removed and made again.
  let lastEtag = 0;
  const nextEtag = (): number => {
    lastEtag = Math.max(lastEtag + 1, Date.now() * 1_000);
    return lastEtag;
  };

  const readEtag = (flow: string, id: string) =>
    database.get<{ etag: number }>("SELECT etag FROM document WHERE flow = ? AND id = ?", flow, id)?.etag;

  function requirePossible(flow: string, operation: RowOperation): void {
    if (operation.kind === "put" || operation.kind === "count") return;
    const id = operation.kind === "remove" ? operation.id : operation.row.id;
    const etag = readEtag(flow, id);
    if (operation.kind === "create" || !("etag" in operation)) {
      if (etag !== undefined) throw new IonError("conflict", `document '${id}' is there already`);
    } else if (String(etag) !== operation.etag) {
      throw new IonError("conflict", `document '${id}' was changed by somebody else`);
    }
  }

  /** A flow keeps the time at which it was begun, whatever wrote its document first. */
  function upsert(flow: string, { id, kind, body, due, module, time }: DocumentRow): void {
    const timeNow = id === documentId.flow() ? Date.now() : time;
    database.run(
      `INSERT INTO document (flow, id, kind, body, etag, due, module, time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (flow, id) DO UPDATE SET body = excluded.body, etag = excluded.etag, due = excluded.due,
         module = excluded.module, time = CASE id WHEN '${documentId.flow()}' THEN time ELSE excluded.time END`,
      flow,
      id,
      kind,
      body,
      nextEtag(),
      due,
      module,
      timeNow,
    );
  }

  function count(flow: string, { id, add, due }: Extract<RowOperation, { kind: "count" }>): void {
    const row = database.get<Row>("SELECT id, body, etag FROM document WHERE flow = ? AND id = ?", flow, id);
    const stored: FlowDocument =
      row === undefined
        ? { kind: "flow", id, flow, counts: zeroCounts }
        : (JSON.parse(row.body) as FlowDocument);
    const counts = { ...stored.counts };
    for (const [key, amount] of Object.entries(add)) counts[key as keyof typeof counts] += amount;
    const dueThen = due ?? stored.due;
    const document: FlowDocument = { ...stored, counts, ...(dueThen !== undefined && { due: dueThen }) };
    const body = JSON.stringify(document);
    upsert(flow, { id, kind: "flow", body, due: dueThen ?? null, module: null, time: null });
  }

  function write(flow: string, operation: RowOperation): void {
    switch (operation.kind) {
      case "create":
      case "put":
      case "replace":
        upsert(flow, operation.row);
        break;
      case "remove":
        database.run("DELETE FROM document WHERE flow = ? AND id = ?", flow, operation.id);
        break;
      case "count":
        count(flow, operation);
        break;
    }
  }

  return {
    /** Checks all, then writes all: a batch that can't be written has written nothing. */
    batch(flow: string, operations: readonly RowOperation[]): void {
      for (const operation of operations) requirePossible(flow, operation);
      for (const operation of operations) write(flow, operation);
    },
    removeFlow(flow: string): void {
      database.run("DELETE FROM document WHERE flow = ?", flow);
    },
    find({ flow, id }: ReadCommands["find"]["arguments"]): StoredRow | null {
      const row = database.get<Row>(
        "SELECT id, body, etag FROM document WHERE flow = ? AND id = ?",
        flow,
        id,
      );
      return row === undefined ? null : toStored(row);
    },
    query({ flow, kind, size, after }: ReadCommands["query"]["arguments"]): PageRows {
      const rows = database.all<Row>(
        "SELECT id, body, etag FROM document WHERE flow = ? AND kind = ? AND id > ? ORDER BY id LIMIT ?",
        flow,
        kind,
        after ?? "",
        size + 1,
      );
      return toPage(rows, size, ({ id }) => id);
    },
    insights({ module, since, size, after }: ReadCommands["insights"]["arguments"]): PageRows {
      const [time, rowid] = (after ?? `${Number.MAX_SAFE_INTEGER}-0`).split("-").map(Number);
      const rows = database.all<Row & { time: number; rowid: number }>(
        `SELECT rowid, id, body, etag, time FROM document WHERE kind = 'insight' AND module = ? AND time >= ?
           AND (time < ? OR (time = ? AND rowid > ?)) ORDER BY time DESC, rowid LIMIT ?`,
        module,
        since,
        time ?? 0,
        time ?? 0,
        rowid ?? 0,
        size + 1,
      );
      const keys = new Map(rows.map((row) => [row.id, `${row.time}-${row.rowid}`]));
      return toPage(rows, size, ({ id }) => keys.get(id) ?? "");
    },
    due({ now, limit }: ReadCommands["due"]["arguments"]): StoredRow[] {
      return database
        .all<Row>("SELECT id, body, etag FROM document WHERE due <= ? ORDER BY due LIMIT ?", now, limit)
        .map(toStored);
    },
    flows({ size, after }: ReadCommands["flows"]["arguments"]): ReadCommands["flows"]["reply"] {
      const [time, rowid] = (after ?? `${Number.MAX_SAFE_INTEGER}-0`).split("-").map(Number);
      const rows = database.all<{ flow: string; time: number; rowid: number }>(
        `SELECT rowid, flow, time FROM document WHERE id = 'flow' AND (time < ? OR (time = ? AND rowid < ?))
           ORDER BY time DESC, rowid DESC LIMIT ?`,
        time ?? 0,
        time ?? 0,
        rowid ?? 0,
        size + 1,
      );
      const items = rows.slice(0, size);
      const last = items.at(-1);
      return {
        items: items.map(({ flow }) => flow),
        ...(last !== undefined && rows.length > size && { next: `${last.time}-${last.rowid}` }),
      };
    },
    locate({ id }: ReadCommands["locate"]["arguments"]): string | null {
      const where = id.startsWith(documentId.execution("")) ? "id = ? AND kind = 'execution'" : "id = ?";
      return (
        database.get<{ flow: string }>(`SELECT flow FROM document WHERE ${where} LIMIT 1`, id)?.flow ?? null
      );
    },
  };
}

export type DocumentTable = ReturnType<typeof documentTable>;

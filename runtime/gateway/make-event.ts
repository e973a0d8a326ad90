import type { PipelineSpec } from "../contract/check.ts";
import { IonError } from "../contract/errors.ts";
import { firstEvent, type IonEvent } from "../contract/event.ts";
import { canonicalJson } from "../contract/json.ts";
import { maxEventBytes } from "../contract/limits.ts";
import type { Content } from "./receive.ts";

/** @throws IonError `not-found` when the pipeline takes no such event from outside */
export function getSource(
  { name, sources, events }: PipelineSpec,
  type: string,
): PipelineSpec["events"][string] {
  const declared = sources.includes(type) ? events[type] : undefined;
  if (declared !== undefined) return declared;
  const known = sources.length === 0 ? "it has none" : `its sources are ${sources.join(", ")}`;
  throw new IonError(
    "not-found",
    `event type '${type.slice(0, 100)}' is no source of pipeline '${name}': ${known}`,
  );
}

/**
 * Makes a flow's first event.
 *
 * @param time milliseconds since 1970
 * @throws IonError `limit` when it is larger than an event may be
 */
export function makeEvent(
  id: string,
  time: number,
  { data, files }: Content,
  submission: { readonly type: string; readonly traceparent?: string },
): IonEvent {
  const event = firstEvent({
    ...submission,
    id,
    time: new Date(time).toISOString(),
    data,
    files: files.length,
  });
  const bytes = Buffer.byteLength(JSON.stringify(event));
  if (bytes <= maxEventBytes) return event;
  throw new IonError(
    "limit",
    `the event has ${bytes} bytes, and at most ${maxEventBytes} are allowed: send large content as a file`,
  );
}

/** What two submissions under one key must have in common. */
export const identityOf = (type: string, { data, files }: Content): string =>
  canonicalJson({ type, data, files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })) });

import type { FlowInput, JsonObject } from "ion";
import { faceFound, frameFound } from "../events.ts";
import { readNumber, readText } from "./read-json.ts";

type FlowEvent = FlowInput["events"][number];
/** A file as the flow knows it, wherever the report is read. */
export type ReportedFile = Pick<FlowEvent["files"][number], "path" | "bytes" | "sha256">;

/** Module -> what it reported. */
export type Insights = Readonly<Record<string, JsonObject>>;

export interface ReportedFace {
  readonly eventId: string;
  readonly data: JsonObject;
  readonly crop?: ReportedFile;
  readonly insights: Insights;
}

export interface ReportedPicture {
  readonly eventId: string;
  readonly picture: string;
  /** Where in the video, for a picture of one. */
  readonly seconds?: number;
  readonly insights: Insights;
  readonly faces: readonly ReportedFace[];
}

/** An event that is neither a picture nor a face: what came in, was downloaded, was transcoded. */
export interface ReportedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly files: readonly ReportedFile[];
  readonly insights: Insights;
}

export interface ReportedFailure {
  readonly module: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly attempts: number;
  readonly error: string;
}

/** A flow as people think of it: pictures with their faces, each with all that was found out about it. */
export interface Report {
  readonly flow: Pick<FlowInput, "correlationId" | "startedAt" | "completedAt" | "counts">;
  readonly pictures: readonly ReportedPicture[];
  readonly otherEvents: readonly ReportedEvent[];
  readonly failures: readonly ReportedFailure[];
}

const naturally = new Intl.Collator("en", { numeric: true });

/** Numbers inside names count as numbers, and the id decides between equals: one flow, one order. */
function compareEvents(a: FlowEvent, b: FlowEvent): number {
  const name = (event: FlowEvent) => readText(event.data, "picture") ?? event.files[0]?.path ?? "";
  return (
    naturally.compare(name(a), name(b)) ||
    (readNumber(a.data, "seconds") ?? 0) - (readNumber(b.data, "seconds") ?? 0) ||
    (readNumber(a.data, "box", "x") ?? 0) - (readNumber(b.data, "box", "x") ?? 0) ||
    (a.id < b.id ? -1 : 1)
  );
}

const describeFile = ({ path, bytes, sha256 }: ReportedFile): ReportedFile => ({ path, bytes, sha256 });

function groupInsights({ insights }: FlowInput): (eventId: string) => Insights {
  const byEvent = Map.groupBy(insights, ({ eventId }) => eventId);
  return (eventId) =>
    Object.fromEntries(
      (byEvent.get(eventId) ?? [])
        .map(({ module, insight }) => [module, insight] as const)
        .sort(([a], [b]) => naturally.compare(a, b)),
    );
}

function listFailures({ executions, events }: FlowInput): ReportedFailure[] {
  const types = new Map(events.map(({ id, type }) => [id, type]));
  return executions
    .filter(({ phase }) => phase === "dead")
    .sort((a, b) => naturally.compare(a.module, b.module) || (a.id < b.id ? -1 : 1))
    .map(({ module, eventId, attempt, error }) => ({
      module,
      eventId,
      eventType: types.get(eventId) ?? "unknown",
      attempts: attempt,
      error: error ?? "no reason was recorded",
    }));
}

/** Joins a finished flow's events, insights and executions into one tree, in an order that only its content decides. */
export function joinFlow(flow: FlowInput): Report {
  const { correlationId, startedAt, completedAt, counts } = flow;
  const insightsOf = groupInsights(flow);
  const events = [...flow.events].sort(compareEvents);
  const facesOf = Map.groupBy(
    events.filter(({ type }) => type === faceFound.type),
    ({ parentid }) => parentid,
  );
  const toFace = ({ id, data, files: [crop] }: FlowEvent): ReportedFace => ({
    eventId: id,
    data,
    ...(crop !== undefined && { crop: describeFile(crop) }),
    insights: insightsOf(id),
  });
  const toPicture = ({ id, data }: FlowEvent): ReportedPicture => {
    const seconds = readNumber(data, "seconds");
    return {
      eventId: id,
      picture: readText(data, "picture") ?? "unnamed picture",
      ...(seconds !== undefined && { seconds }),
      insights: insightsOf(id),
      faces: (facesOf.get(id) ?? []).map(toFace),
    };
  };
  return {
    flow: { correlationId, startedAt, completedAt, counts },
    pictures: events.filter(({ type }) => type === frameFound.type).map(toPicture),
    otherEvents: events
      .filter(({ type }) => type !== frameFound.type && type !== faceFound.type)
      .map(({ id, type, data, files }) => ({
        eventId: id,
        type,
        data,
        files: files.map(describeFile),
        insights: insightsOf(id),
      })),
    failures: listFailures(flow),
  };
}

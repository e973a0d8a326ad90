import type { FlowInput } from "ion";
import { faceFound, frameFound } from "../events.ts";
import { readNumber, readText } from "./read-json.ts";
import type {
  FlowEvent,
  Insights,
  Report,
  ReportedEvent,
  ReportedFace,
  ReportedFailure,
  ReportedFile,
  ReportedPicture,
} from "./report.ts";

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

const compareTimes = (a: FlowEvent, b: FlowEvent): number =>
  naturally.compare(a.time, b.time) || (a.id < b.id ? -1 : 1);

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

/** What a face or a picture is made from, beside its own event. */
interface Sources {
  readonly insightsOf: (eventId: string) => Insights;
  readonly facesOf: (pictureId: string) => readonly FlowEvent[];
}

function toFace({ id, data, files: [crop] }: FlowEvent, { insightsOf }: Sources): ReportedFace {
  return {
    eventId: id,
    data,
    ...(crop !== undefined && { crop: describeFile(crop) }),
    insights: insightsOf(id),
  };
}

function toPicture({ id, data }: FlowEvent, sources: Sources): ReportedPicture {
  const seconds = readNumber(data, "seconds");
  return {
    eventId: id,
    picture: readText(data, "picture") ?? "unnamed picture",
    ...(seconds !== undefined && { seconds }),
    insights: sources.insightsOf(id),
    faces: sources.facesOf(id).map((face) => toFace(face, sources)),
  };
}

function toOther({ id, type, data, files }: FlowEvent, { insightsOf }: Sources): ReportedEvent {
  return { eventId: id, type, data, files: files.map(describeFile), insights: insightsOf(id) };
}

/** Joins a finished flow's events, insights and executions into one tree, in an order that only its content decides. */
export function joinFlow(flow: FlowInput): Report {
  const { correlationId, startedAt, completedAt, counts } = flow;
  const byType = Map.groupBy([...flow.events].sort(compareEvents), ({ type }) => type);
  const takeType = (type: string): readonly FlowEvent[] => {
    const events = byType.get(type) ?? [];
    byType.delete(type);
    return events;
  };
  const faces = Map.groupBy(takeType(faceFound.type), ({ parentid }) => parentid);
  const sources: Sources = { insightsOf: groupInsights(flow), facesOf: (id) => faces.get(id) ?? [] };
  return {
    flow: { correlationId, startedAt, completedAt, counts },
    pictures: takeType(frameFound.type).map((event) => toPicture(event, sources)),
    otherEvents: [...byType.values()]
      .flat()
      .sort(compareTimes)
      .map((event) => toOther(event, sources)),
    failures: listFailures(flow),
  };
}

import type { FlowInput, JsonObject } from "ion";

export type FlowEvent = FlowInput["events"][number];

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

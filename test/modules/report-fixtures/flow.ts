import type { FlowInput, JsonObject } from "ion";

type FlowEvent = FlowInput["events"][number];

const time = "2026-11-24T12:00:00.000Z";

/** An event of a flow; `files` are paths, and those of faces lie where the module reads them. */
function makeEvent(
  id: string,
  type: string,
  parentid: string | undefined,
  data: JsonObject,
  files: readonly string[],
): FlowEvent {
  return {
    id,
    type,
    source: "/ion/test",
    time,
    data,
    ...(parentid !== undefined && { parentid }),
    files: files.map((path) => ({
      path,
      bytes: 1_234_567,
      sha256: "0".repeat(64),
      ...(type === "face_found" && { local: `in/data/${id}/${path}` }),
    })),
  };
}

const makeInsight = (eventId: string, module: string, insight: JsonObject) => ({
  eventId,
  executionId: `${module}-${eventId}`,
  module,
  insight,
});

const makeFace = (id: string, parentid: string, picture: string, x: number): FlowEvent =>
  makeEvent(id, "face_found", parentid, { picture, score: 0.9, box: { x, y: 5, width: 40, height: 50 } }, [
    "face-1.jpg",
  ]);

/** A picture name that tries everything a page could fall for. */
export const hostileName = `"><script>alert(1)</script>'&.jpg`;

/** Two pictures with three faces, one without any, a dead letter; in no particular order. */
export const mixedFlow: FlowInput = {
  correlationId: "flow-1",
  startedAt: time,
  completedAt: "2026-11-24T12:00:07.500Z",
  counts: { events: 7, succeeded: 9, failed: 1 },
  events: [
    makeEvent("root", "pictures_uploaded", undefined, {}, ["10.jpg", "2.jpg", hostileName]),
    makeEvent("frame-10", "frame_found", "root", { picture: "10.jpg" }, ["10.jpg"]),
    makeEvent("frame-2", "frame_found", "root", { picture: "2.jpg" }, ["2.jpg"]),
    makeEvent("frame-x", "frame_found", "root", { picture: hostileName }, [hostileName]),
    makeFace("right", "frame-2", "2.jpg", 300),
    makeFace("left", "frame-2", "2.jpg", 10),
    makeFace("hostile", "frame-x", hostileName, 10),
  ],
  insights: [
    makeInsight("root", "frames", { pictures: 3 }),
    makeInsight("frame-2", "faces", { faces: 2, picture: "2.jpg" }),
    makeInsight("left", "expression", { expression: "happy", probability: 0.987 }),
    makeInsight("left", "age", { age: 31.4, gender: "female", genderProbability: 0.9 }),
    makeInsight("right", "age", { age: 25.2, gender: "male", genderProbability: 0.8 }),
    makeInsight("hostile", "expression", { expression: "<b>sad</b>", probability: 0.5 }),
  ],
  executions: [
    { id: "e1", module: "age", eventId: "hostile", phase: "dead", attempt: 3, error: "exit 1: <oops>" },
    { id: "e2", module: "age", eventId: "left", phase: "succeeded", attempt: 1 },
  ],
};

/** A flow that only transcoded a film. */
export const transcodedFlow: FlowInput = {
  correlationId: "flow-2",
  startedAt: time,
  completedAt: time,
  counts: { events: 2, succeeded: 1, failed: 0 },
  events: [
    makeEvent("root", "file_downloaded", undefined, { kind: "video" }, ["film.avi"]),
    makeEvent("mp4", "file_transcoded", "root", { seconds: 5, encoder: "libx264" }, ["film.mp4"]),
  ],
  insights: [makeInsight("root", "transcoder", { transcodeTimeSec: 1.5 })],
  executions: [],
};

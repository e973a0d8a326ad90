import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { documentId, type ExecutionDocument } from "../../runtime/contract/documents.ts";
import { type FileReference, flowCompleted, type IonEvent } from "../../runtime/contract/event.ts";
import { deriveId } from "../../runtime/contract/ids.ts";
import { flow, makeEvent, makeHouse } from "./house.ts";

const completed = makeEvent({
  id: deriveId(flow, "completed"),
  source: "/ion/flow",
  type: flowCompleted.type,
  time: "2026-01-01T00:01:00.000Z",
  data: { events: 3, succeeded: 2, failed: 1 },
  afterflow: true,
});

const root = makeEvent();
const crop = (name: string): IonEvent =>
  makeEvent({
    id: deriveId(name),
    source: "/ion/faces",
    type: "face_found",
    time: "2026-01-01T00:00:30.000Z",
    data: { name },
    parentid: root.id,
    files: 1,
  });

function makeExecution(eventId: string, changes: Partial<ExecutionDocument> = {}): ExecutionDocument {
  return {
    kind: "execution",
    id: documentId.execution(deriveId("faces", eventId)),
    flow,
    module: "faces",
    version: "1",
    eventId,
    phase: "succeeded",
    attempt: 1,
    interruptions: 0,
    forgiven: 0,
    startedAt: 0,
    attemptStartedAt: 0,
    endedAt: 1,
    ...changes,
  };
}

async function makeTree() {
  const house = makeHouse();
  const executionId = deriveId("faces", root.id);
  const files = new Map<string, FileReference>();
  await house.putEvent(root);
  for (const name of ["a", "b"]) {
    const file = await house.putFile("crops/face.png", name, name);
    files.set(name, file);
    await house.putEvent(crop(name), [file], executionId);
  }
  await house.documents.create(makeExecution(root.id));
  const error = { code: "exit-code", message: "exit 1: no face", permanent: false } as const;
  await house.documents.create(makeExecution(crop("a").id, { phase: "dead", attempt: 3, error }));
  await house.putInsight(executionId, root.id, { faces: 2 });
  return { house, executionId, files };
}

const local = (name: string) => `in/data/${crop(name).id}/crops/face.png`;

describe("prepareWorkspace() of a module on ion.flow_completed", () => {
  it("writes the whole flow", async () => {
    const { house, executionId, files } = await makeTree();
    using _ = house;
    await house.prepare(completed);
    const found = (name: string) => {
      const { id, type, source, parentid, time, data } = crop(name);
      const { path, bytes, sha256 } = files.get(name) ?? {};
      return { id, type, source, parentid, time, data, files: [{ path, bytes, sha256 }] };
    };
    const { id, type, source, time, data } = root;
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    assert.deepEqual(house.read("in/flow.json"), {
      correlationId: flow,
      startedAt: "2026-01-01T00:00:00.000Z",
      completedAt: "2026-01-01T00:01:00.000Z",
      counts: { events: 3, succeeded: 2, failed: 1 },
      events: [{ id, type, source, time, data, files: [] }, found("a"), found("b")].toSorted(byId),
      insights: [{ eventId: root.id, executionId, module: "faces", insight: { faces: 2 } }],
      executions: [
        { id: executionId, module: "faces", eventId: root.id, phase: "succeeded", attempt: 1 },
        {
          id: deriveId("faces", crop("a").id),
          module: "faces",
          eventId: crop("a").id,
          phase: "dead",
          attempt: 3,
          error: "exit 1: no face",
        },
      ].toSorted(byId),
    });
    assert.deepEqual(readdirSync(join(house.workspace, "in/data")), []);
  });

  it("brings the files of the events it joins, apart where their names are the same", async () => {
    const { house } = await makeTree();
    using _ = house;
    await house.prepare(completed, { joins: ["face_found"] });
    for (const name of ["a", "b"]) {
      assert.equal(readFileSync(join(house.workspace, local(name)), "utf8"), name);
    }
    const text = JSON.stringify(house.read("in/flow.json"));
    assert.ok(text.includes(`"local":${JSON.stringify(local("a"))}`), text);
  });

  it("leaves out what the flow's end causes", async () => {
    const { house } = await makeTree();
    using _ = house;
    await house.prepare(completed);
    const before = house.read("in/flow.json");
    await house.putEvent(completed);
    await house.putEvent(makeEvent({ id: deriveId("later"), type: "reported", afterflow: true }));
    await house.documents.create(makeExecution(completed.id, { afterflow: true, phase: "running" }));
    await house.putInsight(deriveId("faces", completed.id), completed.id, { pages: 1 });
    await house.prepare(completed);
    assert.deepEqual(house.read("in/flow.json"), before);
  });

  it("writes a flow of many pages", async (t) => {
    using house = makeHouse();
    for (let index = 0; index < 10_000; index += 1) {
      await house.putEvent(makeEvent({ id: deriveId("event", String(index)), data: { index } }));
    }
    const start = performance.now();
    await house.prepare(completed);
    t.diagnostic(`10,000 events: ${(performance.now() - start).toFixed(0)} ms`);
    const { events } = house.read("in/flow.json") as { events: { data: { index: number } }[] };
    assert.equal(new Set(events.map(({ data }) => data.index)).size, 10_000);
  });
});

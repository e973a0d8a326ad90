import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "./command.ts";
import { getExecution, listEvents, startIon } from "./local-ion.ts";

const tricks: Readonly<Record<string, RegExp>> = {
  "symbolic link": /^'out\/data\/link' is a symbolic link: it must be a regular file$/,
  "path outside": /lists '\.\.\/\.\.\/in\/event\.json', which leads outside its folder/,
  "unknown type": /has the event type 'invented', which module 'trickster' doesn't declare/,
  "schema violation": /breaks the schema of event type 'made': .*\bn\b/,
  "missing file": /lists 'nowhere\.txt', which is not in out\/data: write it first/,
  "named pipe": /^'out\/data\/pipe' is a named pipe: it must be a regular file$/,
  "hard link": /^'out\/data\/secret' is a hard link to a file outside out\/: copy the file/,
  "over quota": /^out\/data holds at least 65\.0 KiB, but the module's limit is 64\.0 KiB/,
  "oversize event": /^the data of 'out\/events\/bad\.json' has \d+ bytes/,
};

test("a module's hostile output is one dead letter, writes nothing, and can be replayed", async (t) => {
  const temporary = temporaryFolder(t);
  writeFileSync(join(temporary, "secret"), "secret");
  const ion = await startIon(t, { pipeline: "hostile", environment: { TMPDIR: temporary } });

  for (const [trick, message] of Object.entries(tricks)) {
    await t.test(trick, async () => {
      const trace = await ion.run("wanted", { trick });
      const { id, state, error, attempts, insight, children } = getExecution(trace, "trickster");
      assert.deepEqual({ state, code: error?.code }, { state: "dead", code: "invalid-output" });
      assert.match(error?.message ?? "", message);
      assert.equal(attempts.length, 1, "it is permanent");
      assert.deepEqual(
        { insight, children, failed: trace.counts.failed },
        { insight: undefined, children: [], failed: 1 },
      );
      assert(!existsSync(join(ion.data, "blobs", trace.correlationId, id)), "no file was kept");

      const [letter, ...others] = (await ion.client.listDeadLetters()).items;
      assert(letter !== undefined && others.length === 0);
      assert.equal(letter.correlationId, trace.correlationId);
      const shown = await ion.ion("dlq", "show", letter.eventId);
      assert.equal(shown.code, 0);
      assert(shown.stdout.includes(`why       invalid-output: ${error?.message}\n`), shown.stdout);

      writeFileSync(join(temporary, `mended-${trick}`), "");
      const replayed = await ion.ion("dlq", "replay", letter.eventId);
      assert.deepEqual(replayed, { code: 0, stdout: "replayed 1 event\n", stderr: "" });
      const after = await ion.end(trace.correlationId);
      assert.deepEqual(after.counts, { events: 2, running: 0, succeeded: 2, failed: 0, trailing: 0 });
      assert.deepEqual(getExecution(after, "trickster").insight, { seen: true });
      assert.equal(getExecution(after, "receiver").state, "succeeded");
      const ends = listEvents(after).filter(({ type }) => type === "ion.flow_completed");
      assert.equal(ends.length, 2, "the flow ended a second time");
      assert.deepEqual((await ion.client.listDeadLetters()).items, []);
    });
  }
});

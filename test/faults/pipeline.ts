import { defineModule, event, milliseconds, pipeline } from "ion";
import { z } from "zod";

const root = event("root", z.object({ key: z.string() }));
const middle = event("middle", z.object({ n: z.string() }));
const leaf = event("leaf", z.object({}));
const doomed = event("doomed", z.object({}));

const retry = { attempts: 3, minDelay: milliseconds(5), maxDelay: milliseconds(20) };
const shell = (script: string): [string, string, string] => [
  "/bin/sh",
  "-c",
  `cd "$ION_DIR/out" && ${script}`,
];

/** A fan-out of two, each with a file; its insight names the module. */
const splitter = defineModule({
  name: "splitter",
  on: root,
  emits: [middle],
  retry,
  command: shell(`printf one > data/1.txt && printf two > data/2.txt &&
    echo '{"type":"middle","data":{"n":"1"},"files":["1.txt"]}' > events/1.json &&
    echo '{"type":"middle","data":{"n":"2"},"files":["2.txt"]}' > events/2.json &&
    echo '{"by":"splitter"}' > insights.json`),
});

/** Fails at its first attempt, in the original Ion's event form after that. */
const stubborn = defineModule({
  name: "stubborn",
  on: middle,
  emits: [leaf, doomed],
  retry,
  command:
    shell(`test "$ION_ATTEMPT" != 1 && echo '[{"key":"eventType","value":"leaf"},{"key":"files","value":""}]' > events/1.json &&
    echo '[{"key":"by","value":"stubborn"}]' > insights.json`),
});

const worker = defineModule({
  name: "worker",
  on: middle,
  emits: [leaf],
  retry,
  command:
    shell(`cp ../in/data/*.txt data/copy.txt && echo '{"type":"leaf","data":{},"files":["copy.txt"]}' > events/1.json &&
    echo '{"by":"worker"}' > insights.json`),
});

const last = defineModule({
  name: "last",
  on: leaf,
  retry,
  command: shell(`echo '{"by":"last"}' > insights.json`),
});

/** Can't succeed: its event must become a dead letter, once. */
const hopeless = defineModule({ name: "hopeless", on: doomed, retry, command: shell("exit 65") });
const dooming = defineModule({
  name: "dooming",
  on: root,
  emits: [doomed],
  retry,
  command: shell(`echo '{"type":"doomed","data":{}}' > events/1.json`),
});

/** Three modules in a chain with a fan-out: what the kill test sends its events through. */
export const chain = pipeline("chain", [splitter, worker, last], { sources: [root] });

/** Every way an execution can go: success, retry, dead letter. */
export const allWays = pipeline("all-ways", [splitter, stubborn, last, dooming, hopeless], {
  sources: [root],
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { InjectOptions } from "fastify";
import { IonError } from "../../runtime/contract/errors.ts";
import { type FormPart, form, type HarnessOptions, startGateway } from "./harness.ts";

interface Refusal {
  readonly what: string;
  readonly request: InjectOptions;
  readonly status: number;
  readonly detail: RegExp;
  readonly errors?: readonly string[];
  readonly options?: HarnessOptions;
}

const post = (
  url: string,
  payload: InjectOptions["payload"],
  headers: InjectOptions["headers"] = {},
): InjectOptions => ({
  method: "POST",
  url,
  ...(payload !== undefined && { payload }),
  headers: typeof payload === "string" ? { "content-type": "application/json", ...headers } : headers,
});

const upload = (...parts: FormPart[]): InjectOptions => ({
  method: "POST",
  url: "/events/film",
  ...form(parts),
});
const file = (filename: string, value = "x"): FormPart => ({ name: "f", value, filename });
const big = JSON.stringify({ text: "x".repeat(300_000) });
const nearly = { text: "x".repeat(250_000) };

const refusals: Refusal[] = [
  { what: "broken JSON", request: post("/events/film", "{"), status: 400, detail: /JSON/ },
  {
    what: "an array as data",
    request: post("/events/film", "[]"),
    status: 400,
    detail: /must be a JSON object/,
  },
  {
    what: "null as data",
    request: post("/events/film", "null"),
    status: 400,
    detail: /must be a JSON object/,
  },
  { what: "no body", request: post("/events/film", undefined), status: 400, detail: /must be a JSON object/ },
  {
    what: "a poisoned prototype",
    request: post("/events/film", '{"__proto__":{}}'),
    status: 400,
    detail: /JSON/,
  },
  {
    what: "another content type",
    request: post("/events/film", "x", { "content-type": "text/plain" }),
    status: 415,
    detail: /content type 'text\/plain' is not taken: send application\/json/,
  },
  {
    what: "a wrong type of a field",
    request: post("/events/film", { seconds: "long" }),
    status: 422,
    detail: /no 'film': \/seconds must be integer/,
    errors: ["/seconds"],
  },
  {
    what: "several broken fields",
    request: post("/events/film", { seconds: 1.5, kind: "sound" }),
    status: 422,
    detail: /\/kind must be equal to one of the allowed values: video, image/,
    errors: ["/kind", "/seconds"],
  },
  { what: "no url", request: post("/", {}), status: 422, detail: /must have a link/, errors: ["/url"] },
  {
    what: "a url that is a number",
    request: post("/", { url: 7 }),
    status: 422,
    detail: /link/,
    errors: ["/url"],
  },
  {
    what: "a url that is none",
    request: post("/", { url: "film" }),
    status: 422,
    detail: /uri/,
    errors: ["/url"],
  },
  {
    what: "a field that the schema has not",
    request: post("/", { url: "https://example.org", x: 1 }),
    status: 422,
    detail: /\/x must not be there/,
    errors: ["/x"],
  },
  {
    what: "an event type that is no source",
    request: post("/events/file_downloaded", {}),
    status: 404,
    detail: /no source of pipeline 'media': its sources are frontapi\.new_link, film, note, unheard/,
  },
  {
    what: "an event type of Object's",
    request: post("/events/constructor", {}),
    status: 404,
    detail: /no source/,
  },
  {
    what: "a body over the limit",
    request: post("/events/note", big),
    status: 413,
    detail: /more than 262144 bytes/,
  },
  {
    what: "an event over the limit",
    request: post("/events/note", nearly),
    status: 413,
    detail: /at most 245760/,
  },
  {
    what: "an unknown address",
    request: { method: "GET", url: "/nothing?x=secret" },
    status: 404,
    detail: /nothing at \/nothing$/,
  },
  {
    what: "an address that can't be decoded",
    request: { method: "GET", url: "/events/%zz" },
    status: 400,
    detail: /%zz/,
  },
  {
    what: "an empty key",
    request: post("/events/note", {}, { "idempotency-key": "" }),
    status: 400,
    detail: /Idempotency-Key/,
  },
  {
    what: "a key with a blank",
    request: post("/events/note", {}, { "idempotency-key": "a b" }),
    status: 400,
    detail: /1 to 255 visible/,
  },
  {
    what: "a long key",
    request: post("/events/note", {}, { "idempotency-key": "k".repeat(256) }),
    status: 400,
    detail: /255/,
  },
  {
    what: "a file over the wall",
    request: upload(file("../x")),
    status: 400,
    detail: /'\.\.' is not allowed/,
  },
  { what: "an absolute file", request: upload(file("/etc/passwd")), status: 400, detail: /absolute/ },
  { what: "a backslash", request: upload(file("..\\\\x")), status: 400, detail: /backslash/ },
  {
    what: "a control character",
    request: upload(file("a\u0007b")),
    status: 400,
    detail: /control character/,
  },
  { what: "an empty file name", request: upload(file("")), status: 400, detail: /empty/ },
  {
    what: "a long file name",
    request: upload(file("x".repeat(801))),
    status: 400,
    detail: /at most 800 are allowed/,
  },
  { what: "one name twice", request: upload(file("a"), file("a")), status: 400, detail: /twice/ },
  {
    what: "a file in place of a folder",
    request: upload(file("a/b"), file("a")),
    status: 400,
    detail: /is a folder of another file/,
  },
  {
    what: "a folder in place of a file",
    request: upload(file("a"), file("a/b")),
    status: 400,
    detail: /is below "a", which is a file/,
  },
  {
    what: "a file without a name",
    request: upload({ name: "f", value: "x", type: "application/octet-stream" }),
    status: 400,
    detail: /has no name/,
  },
  {
    what: "an unknown field",
    request: upload({ name: "kind", value: "video" }),
    status: 400,
    detail: /field 'kind' is not known/,
  },
  {
    what: "data that is no JSON",
    request: upload({ name: "data", value: "{" }),
    status: 400,
    detail: /'data' is not JSON/,
  },
  {
    what: "data that is no JSON but says so",
    request: upload({ name: "data", value: "{", type: "application/json" }),
    status: 400,
    detail: /broken/,
  },
  {
    what: "data that is an array",
    request: upload({ name: "data", value: "[]" }),
    status: 400,
    detail: /must be a JSON object/,
  },
  {
    what: "data twice",
    request: upload({ name: "data", value: "{}" }, { name: "data", value: "{}" }),
    status: 400,
    detail: /twice/,
  },
  {
    what: "data over the limit",
    request: upload({ name: "data", value: big }),
    status: 413,
    detail: /'data' has more than 262144/,
  },
  {
    what: "wrong data after its file",
    request: upload(file("a"), { name: "data", value: '{"seconds":"x"}' }),
    status: 422,
    detail: /seconds/,
    errors: ["/seconds"],
  },
  {
    what: "a form that breaks off",
    request: { ...upload(), ...form([file("a")], "") },
    status: 400,
    detail: /breaks off/,
  },
  {
    what: "a form that ends in a name",
    request: { ...upload(), ...form([], "--X\r\ncontent-disp") },
    status: 400,
    detail: /breaks off/,
  },
  {
    what: "a form without a boundary",
    request: post("/events/film", "x", { "content-type": "multipart/form-data" }),
    status: 400,
    detail: /broken/,
  },
  {
    what: "files where the type has none",
    request: { method: "POST", url: "/events/note", ...form([file("a")]) },
    status: 400,
    detail: /declared without files/,
  },
  {
    what: "files over the limit",
    request: upload(file("a", "123"), file("b", "456")),
    options: { maxUploadBytes: 5 },
    status: 413,
    detail: /more than 5 bytes together/,
  },
  {
    what: "an announced upload over the limit",
    request: upload(file("a", "x".repeat(3_000_000))),
    options: { maxUploadBytes: 5 },
    status: 413,
    detail: /more than 5 bytes/,
  },
  {
    what: "more files than an event may have",
    request: upload(...Array.from({ length: 1_001 }, (_, index) => file(`f${index}`))),
    status: 413,
    detail: /at most 1000 files/,
  },
];

for (const { what, request, status, detail, errors, options } of refusals) {
  test(`${what} is refused and changes nothing`, async () => {
    const ion = await startGateway(options);
    const answer = await ion.server.inject(request);
    assert.equal(answer.statusCode, status, answer.body);
    assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
    const problem = answer.json();
    assert.equal(problem.status, status);
    assert.match(problem.detail, detail);
    const paths = problem.errors?.map(({ path }: { path: string }) => path).sort();
    assert.deepEqual(paths, errors);
    assert.deepEqual(await ion.readState(), { flows: [], blobs: [], published: 0 });
  });
}

test("a wrong method is told the right ones", async () => {
  const ion = await startGateway();
  for (const [method, url, allow] of [
    ["GET", "/events/film", "POST"],
    ["DELETE", "/", "POST"],
    ["POST", "/healthz", "GET"],
  ] as const) {
    const answer = await ion.server.inject({ method, url });
    assert.deepEqual([answer.statusCode, answer.headers.allow], [405, allow]);
    assert.match(answer.json().detail, new RegExp(`use ${allow}$`));
  }
});

test("an unexpected error is told to the log, not to the sender", async () => {
  const ion = await startGateway({
    pipeline: () => {
      throw new TypeError("secret");
    },
  });
  const answer = await ion.server.inject(post("/events/note", {}));
  assert.equal(answer.statusCode, 500);
  assert.ok(!answer.body.includes("secret"));
});

test("/readyz says what is missing, /healthz that the process is up", async () => {
  const ion = await startGateway({
    token: "t",
    ready: async () => {
      throw new IonError("unavailable", "the bus is away");
    },
  });
  assert.equal((await ion.server.inject("/healthz")).statusCode, 200);
  const answer = await ion.server.inject("/readyz");
  assert.equal(answer.statusCode, 503);
  assert.match(answer.json().detail, /not ready: the bus is away/);
  assert.equal((await (await startGateway()).server.inject("/readyz")).statusCode, 200);
});

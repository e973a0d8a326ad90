import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runIon, temporaryFolder } from "./command.ts";
import { type DeclaredProject, declareProject, digest } from "./declared-project.ts";

/** The names of the files in which two outputs differ. */
function listDifferent(before: Record<string, string>, after: Record<string, string>): string[] {
  const files = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...files].filter((file) => before[file] !== after[file]).toSorted();
}

async function synthesize(project: DeclaredProject, ...options: readonly string[]) {
  const { code, stdout, stderr } = await project.ion("synth", ...options);
  assert.deepEqual([code, stderr], [0, ""]);
  return { stdout, files: project.read() };
}

test("a file a module and the platform's are written, and what changed is said", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "", other: "" });
  const first = await synthesize(project);
  assert.deepEqual(Object.keys(first.files), ["echo.yaml", "other.yaml", "platform.yaml"]);
  assert.equal(
    first.stdout,
    `created    echo.yaml\ncreated    other.yaml\ncreated    platform.yaml\n${project.out}: 3 created\n`,
  );
  const second = await synthesize(project);
  assert.match(second.stdout, /: 3 unchanged\n$/);
  assert.deepEqual(second.files, first.files);
});

test("a change to one module changes its manifest and no other", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "", other: "" });
  const before = (await synthesize(project)).files;
  for (const fields of [
    'config: { WORD: "two" }',
    "timeout: ion.minutes(3)",
    "executor: ion.kubernetes({ cpu: 2 })",
    `image: "registry.example/new@${digest}"`,
    "scale: { max: 3 }",
    "retry: { attempts: 5 }",
  ]) {
    project.declare({ echo: fields, other: "" });
    assert.deepEqual(listDifferent(before, (await synthesize(project)).files), ["echo.yaml"], fields);
  }
});

test("a stack's overrides change what they name, and the declarations stay", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "", other: "" });
  const before = (await synthesize(project)).files;
  for (const [fields, changed] of [
    ["modules: { echo: { scale: { max: 3 } } }", ["echo.yaml"]],
    ["modules: { echo: { resources: { cpu: 2 } } }", ["echo.yaml"]],
    [`images: { other: "registry.example/new@${digest}" }`, ["other.yaml"]],
    ["gateway: { replicas: 5 }", ["platform.yaml"]],
  ] as const) {
    project.declareStack("dev", fields);
    assert.deepEqual(listDifferent(before, (await synthesize(project)).files), changed, fields);
  }
});

test("a module that is gone takes its file along, and no other file is touched", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "", other: "" });
  await synthesize(project);
  const [mine, note] = ["mine.yaml", "note.txt"].map((name) => join(project.out, name));
  for (const file of [mine, note]) writeFileSync(file ?? "", "kept\n");
  project.declare({ echo: "" });
  const { stdout, files } = await synthesize(project);
  assert.match(stdout, /^removed {4}other\.yaml$/m);
  assert.deepEqual(Object.keys(files), ["echo.yaml", "mine.yaml", "note.txt", "platform.yaml"]);
  assert.deepEqual([files["mine.yaml"], files["note.txt"]], ["kept\n", "kept\n"]);
});

test("a file that somebody else made is not overwritten", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "" });
  await synthesize(project);
  const file = join(project.out, "echo.yaml");
  writeFileSync(file, "mine\n");
  const before = project.read();
  const { code, stderr } = await project.ion("synth", "--stack", "dev");
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^ion: cannot write '.*echo\.yaml': it is there and 'ion synth' has not made it; .*\n$/,
  );
  assert.deepEqual(project.read(), before);
});

test("a broken rule leaves the files of before", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "" });
  const before = (await synthesize(project)).files;
  project.declare({ other: "timeout: ion.days(8)" });
  assert.equal((await project.ion("synth")).code, 2);
  assert.deepEqual(project.read(), before);
});

test("--dry-run and --diff write nothing; --diff shows the lines", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: 'config: { WORD: "one" }' });
  const before = (await synthesize(project)).files;
  project.declare({ echo: 'config: { WORD: "two" }' });
  const dry = await synthesize(project, "--dry-run");
  assert.match(dry.stdout, /^changed {4}echo\.yaml\nunchanged {2}platform\.yaml\n.*nothing was written\n$/);
  const { stdout, files } = await synthesize(project, "--diff");
  assert.match(stdout, /^ {2}- .*one/m);
  assert.match(stdout, /^ {2}\+ .*two/m);
  assert.deepEqual(files, before);
});

test("--json says the changes to programs", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "" });
  const { stdout } = await synthesize(project, "--json");
  const changes = ["echo.yaml", "platform.yaml"].map((file) => ({ file, kind: "created" }));
  assert.deepEqual(JSON.parse(stdout), { problems: [], changes });
});

test("a stack that isn't there is refused, and those that are there are named", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "" });
  for (const command of ["check", "synth"] as const) {
    const { code, stderr } = await project.ion(command, "--stack", "../prod");
    assert.equal(code, 2);
    assert.match(stderr, /^ion: there is no stack '\.\.\/prod' in '.*stacks': the stacks are dev\n$/);
  }
});

test("the sample pipeline becomes the same bytes from anywhere, on every stack", async (t) => {
  const repository = join(import.meta.dirname, "../..");
  for (const stack of ["dev", "prod"]) {
    const folder = temporaryFolder(t);
    const pipeline = join(repository, "modules/index.ts");
    const here = join(folder, "here");
    const results = [
      await runIon(["synth", "--stack", stack, "--out", here]),
      await runIon(["synth", "--stack", stack, "--pipeline", pipeline], { folder }),
    ];
    for (const { code, stderr } of results) assert.deepEqual([code, stderr], [0, ""]);
    const read = (from: string) =>
      readdirSync(from).map((file) => [file, readFileSync(join(from, file), "utf8")]);
    assert.equal(read(here).length, 8);
    assert.deepEqual(read(join(folder, "manifests")), read(here));
  }
});

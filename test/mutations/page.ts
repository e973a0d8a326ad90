import { type Mutation, mutations } from "./mutations.ts";

/** What became of a mutation: the first case that failed, or why it says nothing. */
export type Verdict =
  | { readonly mutation: Mutation; readonly failed: string; readonly problem?: undefined }
  | { readonly mutation: Mutation; readonly problem: string; readonly failed?: undefined };

const introduction = `# What Ion promises, and which test holds it

A module may run more than once; its effects on the flow (files, insights, events) are applied
exactly once; no accepted event is lost. The promises below are what that is made of. For each, the
protecting line was taken away and a test failed; \`npm run test:mutations\` does so again, and
\`npm run test:mutations -- --write\` writes this page.
`;

const toCell = (text: string): string => text.replaceAll("|", "\\|");

/** A code span that holds on one line, whatever stands in the code. */
function toCode(code: string): string {
  const line = code.replaceAll(/\s+/g, " ").trim();
  const marks = line.includes("`") ? "``" : "`";
  return `${marks}${line}${marks}`;
}

function describeChange([from, to]: Mutation["replace"]): string {
  if (to.trim() === "") return `without ${toCode(from)}`;
  return `${toCode(to)} for ${toCode(from)}`;
}

function renderRow({ mutation: { promise, file, replace, tests }, failed, problem }: Verdict): string {
  const held = problem ?? `"${failed}"`;
  const cells = [promise, tests.map(toCode).join(" "), `${toCode(file)}: ${describeChange(replace)}`, held];
  return `| ${cells.map(toCell).join(" | ")} |`;
}

/** The page about the promises, in Markdown. */
export function renderPage(verdicts: readonly Verdict[]): string {
  const sections = Object.entries(mutations).map(([title, group]) =>
    [
      `## ${title}`,
      "",
      "| promise | held by | what was changed | what failed then |",
      "|---|---|---|---|",
      ...verdicts.filter(({ mutation }) => group.includes(mutation)).map(renderRow),
      "",
    ].join("\n"),
  );
  return [introduction, ...sections].join("\n");
}

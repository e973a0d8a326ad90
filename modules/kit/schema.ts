import type { EventType } from "../../runtime/contract/index.ts";

type Validate = EventType["schema"]["~standard"]["validate"];
type Result = Awaited<ReturnType<Validate>>;
type Issue = NonNullable<Result["issues"]>[number];

function nameField({ path = [] }: Issue): string {
  const keys = path.map((segment) => (typeof segment === "object" ? segment.key : segment));
  return ["data", ...keys.map(String)].join(".");
}

/** Says in one line how data breaks the schema of its event type; undefined when it fits. */
export function describeIssues({ issues }: Result): string | undefined {
  return issues?.map((issue) => `${nameField(issue)}: ${issue.message}`).join("; ");
}

import type { EventType } from "ion";

type Validate = EventType["schema"]["~standard"]["validate"];
type Result = Awaited<ReturnType<Validate>>;

/** Says in one line how data breaks its schema; undefined when it doesn't. */
export function describeIssues({ issues }: Result): string | undefined {
  return issues
    ?.map(({ message, path = [] }) => {
      const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
      return `${["data", ...keys].join(".")}: ${message}`;
    })
    .join("; ");
}

/** Like `describeIssues`; a schema that answers later is left to the commit. */
export function findDataProblem({ schema }: EventType, data: unknown): string | undefined {
  const result = schema["~standard"].validate(data);
  return result instanceof Promise ? undefined : describeIssues(result);
}

/** One way to break a rule. */
export interface Broken {
  readonly what: string;
  /** Of module `echo`. */
  readonly fields: string;
  readonly field: string;
  /** The rule and the value. */
  readonly message: RegExp;
  /** Whether the rule only holds on a stack. @default false */
  readonly onStack?: boolean;
}

const secret = (value: string) => `config: { SETTING: ${JSON.stringify(value)} }`;
const looksLike = (what: string) =>
  new RegExp(`config\\.SETTING looks like ${what} \\(\\d+ characters, not shown\\)`);
/** Stands for a key; it is to be in no message. */
export const randomKey = "q7Xv/2LpZk9RtYw4BnMcE8sJfHdGa1UoIx3VbN6QeTz+5KyWlPmAgCrDhSjFuO0w==";

/** A rule each; `echo` is the only module. */
export const broken: readonly Broken[] = [
  // Names
  {
    what: "a name with capitals",
    fields: 'name: "Echo"',
    field: "Echo.name",
    message: /'Echo' is not an RFC 1123 label/,
  },
  {
    what: "a name that is too long",
    fields: `name: "${"e".repeat(41)}"`,
    field: "e.name",
    message: /has 41 characters: at most 40/,
  },
  {
    what: "a reserved name",
    fields: 'name: "gateway"',
    field: "gateway.name",
    message: /'gateway' is reserved for a part of the platform/,
  },
  {
    what: "a variable that Ion sets",
    fields: 'config: { ION_DIR: "/x" }',
    field: "echo.config",
    message: /'ION_DIR' is set by Ion itself/,
  },
  {
    what: "a reserved event type",
    fields: 'emits: [ion.event("ion.mine", z.object({}))]',
    field: "type",
    message: /'ion\.mine' begins with 'ion\.'/,
  },
  // The graph
  {
    what: "an event that nobody emits",
    fields: 'on: ion.event("lost", z.object({}))',
    field: "echo.on",
    message: /subscribes to 'lost', which no module emits/,
  },
  {
    what: "a module that nothing reaches",
    fields: "on: answered",
    field: "echo.on",
    message: /can never run: no source leads to 'answered'/,
  },
  {
    what: "two payloads of one type",
    fields: 'emits: [ion.event("asked", z.object({ other: z.string() }))]',
    field: "echo.schema",
    message: /event type 'asked' has two payloads/,
  },
  {
    what: "a filter that nothing passes",
    fields: 'on: asked.where({ kind: "c" })',
    field: "echo.on.asked.where.kind",
    message: /kind = 'c', which is none of 'a', 'b'/,
  },
  // Limits
  {
    what: "a timeout beyond a job's",
    fields: "timeout: ion.days(8)",
    field: "echo.timeout",
    message: /must be from 1 s to 604800 s \(7 days\): current value is 691200 s/,
  },
  {
    what: "a timeout of half a second",
    fields: "timeout: ion.seconds(1.5)",
    field: "echo.timeout",
    message: /must be a whole number of seconds.*: current value is 1\.5 s/,
  },
  {
    what: "no attempts",
    fields: "retry: { attempts: 0 }",
    field: "echo.retry.attempts",
    message: /must be a whole number of at least 1: current value is 0/,
  },
  {
    what: "retries that outlive the files",
    fields: "retry: { attempts: 9_999 }",
    field: "echo.retry.attempts",
    message: /within the retention of 2592000 s.*: current value is 9999/,
  },
  {
    what: "delays the wrong way round",
    fields: "retry: { minDelay: ion.minutes(9) }",
    field: "echo.retry.minDelay",
    message: /must not be longer than retry\.maxDelay/,
  },
  {
    what: "an exit code that no program has",
    fields: "retry: { permanentExitCodes: [256] }",
    field: "echo.retry.permanentExitCodes",
    message: /must be at most 255: current value is 256/,
  },
  {
    what: "too many at once",
    fields: "concurrency: 3_000, scale: { max: 2 }",
    field: "echo.concurrency",
    message: /must be at most 5000 over all dispatchers.*: current value is 3000/,
  },
  {
    what: "less than no processor",
    fields: "executor: ion.kubernetes({ cpu: -1 })",
    field: "echo.executor.cpu",
    message: /must be more than 0 cores: current value is -1/,
  },
  {
    what: "memory without a unit",
    fields: 'executor: ion.kubernetes({ memory: "512" })',
    field: "echo.executor.memory",
    message: /quantity such as '512Mi'.*: current value is 512/,
  },
  {
    what: "a setting that no program gets",
    fields: 'config: { BIG: "x".repeat(200_000) }',
    field: "echo.config.BIG",
    message: /must be at most 131071 bytes.*: current value is 195\.3 KiB/,
  },
  {
    what: "settings that no ConfigMap holds",
    fields: 'config: Object.fromEntries(Array.from({ length: 20 }, (_, i) => ["B" + i, "x".repeat(60_000)]))',
    field: "echo.config",
    message: /must be at most 1\.0 MiB with the command.*: current value is 1\.1 MiB/,
  },
  {
    what: "schemas that no ConfigMap holds",
    fields:
      'emits: [ion.event("big", z.object({ n: z.enum(Array.from({ length: 90_000 }, (_, i) => "value" + i)) }))]',
    field: "echo.on, emits",
    message: /ConfigMap 'dispatcher-echo-\w+' must be at most 1\.0 MiB: current value is/,
    onStack: true,
  },
  // Images
  {
    what: "an image by its tag",
    fields: 'image: "registry.example/echo:1"',
    field: "echo.image",
    message: /by digest.*'registry\.example\/echo:1'/,
  },
  {
    what: "no image",
    fields: "image: undefined",
    field: "echo.image",
    message: /image must be given by digest.*: there is none/,
    onStack: true,
  },
  // Resources
  {
    what: "more processor than a node has",
    fields: "executor: ion.kubernetes({ cpu: 3 })",
    field: "echo.executor.cpu",
    message: /a pool of stack 'dev' offers.*: current value is 3; the pools are small \(/,
    onStack: true,
  },
  {
    what: "more memory than a node has",
    fields: 'executor: ion.kubernetes({ memory: "5Gi" })',
    field: "echo.executor.memory",
    message: /current value is 5Gi/,
    onStack: true,
  },
  {
    what: "a GPU where there is none",
    fields: "executor: ion.kubernetes({ gpu: 1 })",
    field: "echo.executor.gpu",
    message: /current value is 1/,
    onStack: true,
  },
  {
    what: "spot nodes where there are none",
    fields: "executor: ion.batch({ spot: true })",
    field: "echo.executor.spot",
    message: /current value is true/,
    onStack: true,
  },
  {
    what: "a pool that isn't there",
    fields: 'executor: ion.batch({ pool: "huge" })',
    field: "echo.executor.pool",
    message: /current value is huge/,
    onStack: true,
  },
  // Secrets
  {
    what: "a connection string",
    fields: secret("Endpoint=sb://x.example/;SharedAccessKeyName=all;SharedAccessKey=abcdefgh"),
    field: "echo.config.SETTING",
    message: looksLike("a connection string with its key"),
  },
  {
    what: "a shared access signature",
    fields: secret("https://x.example/c?sv=2024&sig=abcdefghijklmnop%3D"),
    field: "echo.config.SETTING",
    message: looksLike("a shared access signature"),
  },
  {
    what: "a private key",
    fields: secret("-----BEGIN RSA PRIVATE KEY-----\nMII"),
    field: "echo.config.SETTING",
    message: looksLike("a private key"),
  },
  {
    what: "a JSON Web Token",
    fields: secret("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJl"),
    field: "echo.config.SETTING",
    message: looksLike("a JSON Web Token"),
  },
  {
    what: "an address with a password",
    fields: secret("amqp://ann:hunter2@bus.example"),
    field: "echo.config.SETTING",
    message: looksLike("an address with a password"),
  },
  {
    what: "a random key",
    fields: secret(randomKey),
    field: "echo.config.SETTING",
    message: looksLike("a key, by its randomness"),
  },
  {
    what: "a setting named as a secret",
    fields: 'config: { DB_PASSWORD: "hunter2" }',
    field: "echo.config.DB_PASSWORD",
    message: /looks like a secret, by its name/,
  },
  {
    what: "a secret in the command",
    fields: `command: ["main", "--key=${randomKey}"]`,
    field: "echo.command[1]",
    message: /command\[1\] looks like a key, by its randomness/,
  },
];

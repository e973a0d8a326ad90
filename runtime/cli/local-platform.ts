export interface LocalOptions {
  /** Where events, documents, files and logs are kept; made when it isn't there. */
  readonly dataFolder: string;
  /** TCP port of the gateway on the loopback interface; 0 takes a free one. */
  readonly port: number;
  /** The file whose default export is the pipeline. */
  readonly pipelineFile: string;
  /** The file that says which events `submitDemo` raises. */
  readonly demoFile?: string;
  /** Executions that run at once, over all modules. @default the machine's cores */
  readonly parallel?: number;
  /** What callers of the gateway must show. @default nothing */
  readonly token?: string;
}

/** Told while the platform runs. */
export interface LocalListeners {
  /** The declarations changed and hold from the next event on. */
  reloaded(modules: readonly string[]): void;
  /** The changed declarations break a rule; the ones before stay in force. */
  reloadFailed(problem: string): void;
}

/** A flow that the demo has begun. */
export interface DemoFlow {
  readonly type: string;
  readonly eventId: string;
  readonly correlationId: string;
  /** What a person calls it. */
  readonly label: string;
}

/** A running platform. */
export interface LocalHandle {
  readonly gatewayUrl: string;
  readonly dataFolder: string;
  /** From the process's start until events are taken. */
  readonly readyMilliseconds: number;
  /** Rejects when the platform can't go on; never resolves. */
  readonly broken: Promise<never>;
  /** Raises the demo's events, each when it is ready. MUST NOT raise any before it is asked for. */
  submitDemo(signal: AbortSignal): AsyncIterable<DemoFlow>;
  /** Where a blob lies on this machine's disk. */
  pathOf(blob: string): string;
  /** Finishes or hands back what runs, within a bound; at once when `force` aborts. MUST be safe to repeat. */
  stop(force: AbortSignal): Promise<void>;
}

/** @throws IonError `invalid` when the pipeline breaks a rule or a file is missing, `conflict` when the port or the data folder is taken */
export type StartLocal = (options: LocalOptions, listeners: LocalListeners) => Promise<LocalHandle>;

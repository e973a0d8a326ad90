/** One item of a `text/event-stream`. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export interface ServerSentEvent {
  /** @default message */
  readonly event: string;
  readonly data: string;
}

/** Writes one item; the data must be on one line, as JSON is. */
export function formatServerSentEvent(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}

/** Keeps a connection that has nothing to say from being taken for dead. */
export const heartbeat = ": heartbeat\n\n";

/** Reads what `formatServerSentEvent` wrote; comments are skipped. */
export async function* readServerSentEvents(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  let item = { event: "message", data: "" };
  for await (const chunk of stream) {
    // An item of several megabytes comes in many chunks: they are joined once its line is there.
    const [head = "", ...lines] = decoder.decode(chunk, { stream: true }).split("\n");
    pending.push(head);
    for (const next of lines) {
      const line = pending.join("");
      pending = [next];
      if (line.startsWith("event: ")) item = { ...item, event: line.slice(7) };
      else if (line.startsWith("data: ")) item = { ...item, data: line.slice(6) };
      else if (line === "") {
        if (item.data !== "" || item.event !== "message") yield item;
        item = { event: "message", data: "" };
      }
    }
  }
}

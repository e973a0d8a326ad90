import { messageOf, PermanentError, run } from "ion/kit";
import { fileDownloaded } from "../events.ts";
import { isPublicAddress } from "./addresses.ts";
import { detectKind } from "./detect-kind.ts";
import { chooseFileName } from "./file-name.ts";
import { downloader } from "./module.ts";
import { openUrl } from "./open-url.ts";
import { redactUrl } from "./redact-url.ts";
import { saveBody } from "./save-body.ts";

await run(downloader, async ({ event, output, emit, insight, progress, config, signal }) => {
  const started = performance.now();
  const timeoutSeconds = config.number("TIMEOUT_SECONDS");
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const limits = {
    maxBytes: config.number("MAX_BYTES"),
    maxRedirects: config.number("MAX_REDIRECTS"),
    isAllowed: config.flag("ALLOW_PRIVATE_ADDRESSES") ? () => true : isPublicAddress,
    signal: AbortSignal.any([signal, timeout]),
  };
  const sourceUrl = redactUrl(event.data.url);
  try {
    const { response, url } = await openUrl(event.data.url, limits);
    const name = chooseFileName(response.headers["content-disposition"], url);
    const file = output(name);
    const bytes = await saveBody(response, file, { ...limits, onProgress: progress });
    const kind = await detectKind(file, response.headers["content-type"]);
    emit(fileDownloaded, { ...kind, bytes }, { files: [file] });
    insight({ downloadTimeSec: Math.round(performance.now() - started) / 1000, sourceUrl });
  } catch (cause) {
    if (cause instanceof PermanentError || signal.aborted) throw cause;
    const reason = timeout.aborted
      ? `it took longer than TIMEOUT_SECONDS, ${timeoutSeconds} s; raise it or send a smaller file`
      : messageOf(cause);
    throw new Error(`cannot download '${sourceUrl}': ${reason}`, { cause });
  }
});

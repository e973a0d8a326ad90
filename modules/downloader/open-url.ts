import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { PermanentError } from "ion/kit";
import { type IsAllowed, lookupAllowed, type Resolve, requireAllowedHost } from "./addresses.ts";
import { redactUrl } from "./redact-url.ts";

export interface OpenOptions {
  readonly maxRedirects: number;
  readonly isAllowed: IsAllowed;
  readonly signal: AbortSignal;
  /** Name -> addresses. @default the system's resolver */
  readonly resolve?: Resolve;
}

/** A body that is ready to be read, and where it was found in the end. */
export interface Opened {
  readonly response: IncomingMessage;
  readonly url: URL;
}

// An encoded body has another length than the file; most servers then send the file itself.
const headers = { accept: "*/*", "accept-encoding": "identity", "user-agent": "ion-downloader" };

function request(url: URL, lookup: LookupFunction, signal: AbortSignal): Promise<IncomingMessage> {
  const get = url.protocol === "https:" ? getHttps : getHttp;
  // Without an agent no connection is reused: each one goes to an address that was checked for it.
  const options = { agent: false, headers, signal, lookup };
  return new Promise((resolve, reject) => {
    get(url, options, resolve).on("error", reject);
  });
}

function requireWeb(url: URL): void {
  if (url.protocol === "http:" || url.protocol === "https:") return;
  throw new PermanentError(
    `cannot download '${redactUrl(url)}': an address must begin with http:// or https://, not ${url.protocol}`,
  );
}

/** Too early, too many, or the server's own trouble: another time it may work. https://www.rfc-editor.org/rfc/rfc9110#section-15 */
const isTemporary = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status);

function refuseStatus({ statusCode = 0, statusMessage = "" }: IncomingMessage, url: URL): Error {
  const message = `'${redactUrl(url)}' answered ${statusCode} ${statusMessage}`.trimEnd();
  if (isTemporary(statusCode)) return new Error(message);
  return new PermanentError(`${message}: send an address that answers 200 with the file`);
}

const redirects: readonly number[] = [301, 302, 303, 307, 308];

function findRedirect({ statusCode = 0, headers: { location } }: IncomingMessage, url: URL): URL | undefined {
  if (!redirects.includes(statusCode) || location === undefined) return undefined;
  const target = URL.parse(location, url.href);
  if (target !== null) return target;
  throw new PermanentError(`'${redactUrl(url)}' redirects to '${location}', which is no address`);
}

/**
 * Asks for an address and follows its redirects, checking each one as if it had been sent.
 *
 * @throws PermanentError when it is no address of the public web, or answers that there is no such file
 * @throws Error when another attempt may work: no connection, a server in trouble
 */
export async function openUrl(address: string, options: OpenOptions): Promise<Opened> {
  const { maxRedirects, isAllowed, signal, resolve } = options;
  const lookup = lookupAllowed(isAllowed, resolve);
  let url = new URL(address);
  for (let followed = 0; followed <= maxRedirects; followed += 1) {
    requireWeb(url);
    requireAllowedHost(url, isAllowed);
    const response = await request(url, lookup, signal);
    if (response.statusCode === 200) return { response, url };
    const target = findRedirect(response, url);
    response.destroy();
    if (target === undefined) throw refuseStatus(response, url);
    url = target;
  }
  throw new PermanentError(
    `'${redactUrl(address)}' redirects more than ${maxRedirects} times: send the address it ends at, or raise MAX_REDIRECTS`,
  );
}

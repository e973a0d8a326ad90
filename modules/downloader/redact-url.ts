const secretParameter = /sig|token|key|secret|password|passwd|auth|credential/i;

/**
 * Says an address without what opens it: user and password go, and so do the values of query
 * parameters that sign or authorise.
 *
 * @example
 * ```ts
 * redactUrl("https://me:secret@example.com/a.mov?sig=abc&v=2"); // "https://example.com/a.mov?sig=***&v=2"
 * ```
 */
export function redactUrl(address: string | URL): string {
  const url = new URL(address);
  url.username = "";
  url.password = "";
  url.hash = "";
  for (const name of new Set(url.searchParams.keys())) {
    if (secretParameter.test(name)) url.searchParams.set(name, "***");
  }
  return url.href;
}

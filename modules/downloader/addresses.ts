import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { callbackify } from "node:util";
import { PermanentError } from "ion/kit";
import ipaddr from "ipaddr.js";

/** Azure's platform address: it looks public, and answers every virtual machine. https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 */
const platformAddresses: readonly string[] = ["168.63.129.16"];

/**
 * Whether an address is one of the public internet: not loopback, private, link-local (the clouds'
 * metadata), shared, multicast, reserved, nor a form that hides one of these (IPv4-mapped, NAT64, 6to4, Teredo).
 */
export function isPublicAddress(address: string): boolean {
  return ipaddr.process(address).range() === "unicast" && !platformAddresses.includes(address);
}

export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

const resolveBySystem: Resolve = (hostname) => lookup(hostname, { all: true });

/** Which addresses may be reached. */
export type IsAllowed = (address: string) => boolean;

function refuse(host: string): PermanentError {
  return new PermanentError(
    `'${host}' is not a public address: send an address of the internet, or set ALLOW_PRIVATE_ADDRESSES to 'true' where everybody who sends one may reach your network`,
  );
}

/** @throws PermanentError when the host is the literal of an address that may not be reached */
export function requireAllowedHost({ hostname }: URL, isAllowed: IsAllowed): void {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 && !isAllowed(host)) throw refuse(host);
}

/**
 * Makes a `lookup` for a connection that gives only addresses that may be reached.
 *
 * The connection goes to the very addresses that were checked: a name that means another address a
 * moment later (DNS rebinding) gains nothing.
 */
export function lookupAllowed(isAllowed: IsAllowed, resolve: Resolve = resolveBySystem): LookupFunction {
  const find = callbackify(
    async (hostname: string): Promise<readonly [LookupAddress, ...LookupAddress[]]> => {
      const [first, ...more] = (await resolve(hostname)).filter(({ address }) => isAllowed(address));
      if (first === undefined) throw refuse(hostname);
      return [first, ...more];
    },
  );
  return (hostname, options, callback) => {
    find(hostname, (error, found) => {
      if (error !== null) callback(error, []);
      else if (options.all) callback(null, [...found]);
      else callback(null, found[0].address, found[0].family);
    });
  };
}

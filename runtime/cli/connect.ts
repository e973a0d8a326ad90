import type { ClientOptions, ManagementClient } from "../management/client.ts";
import { parseWebAddress, readTokenFile } from "./arguments.ts";
import type { CliContext, GlobalOptions } from "./context.ts";

/** Whom a command talks to, as its options say. @throws IonError `invalid` */
export async function readConnection(
  { endpoint, tokenFile }: GlobalOptions,
  context: CliContext,
): Promise<ClientOptions> {
  const token = tokenFile === undefined ? context.token : await readTokenFile(tokenFile);
  return {
    endpoint: parseWebAddress("the endpoint")(endpoint ?? context.endpoint),
    ...(token !== undefined && { token }),
    signal: context.signal,
  };
}

/** Makes the client that a command's options ask for. @throws IonError `invalid` */
export async function connect(flags: GlobalOptions, context: CliContext): Promise<ManagementClient> {
  const { managementClient } = await import("../management/client.ts");
  return managementClient(await readConnection(flags, context));
}

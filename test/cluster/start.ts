import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { buildTestbed, downloadKedaResources, findObstacle } from "./build-testbed.ts";
import { applier, areEstablished } from "./objects.ts";
import { startTestbed, type Testbed } from "./testbed.ts";

const definition = z.looseObject({
  apiVersion: z.string(),
  kind: z.literal("CustomResourceDefinition"),
  metadata: z.looseObject({ name: z.string() }),
});

/** @returns why the cluster tests are skipped, or false. @throws Error on CI, where they may not be */
export async function findSkipReason(): Promise<string | false> {
  const obstacle = await findObstacle();
  if (obstacle !== undefined && process.env.CI === "true")
    throw new Error(`The cluster tests can't run: ${obstacle}`);
  return obstacle ?? false;
}

async function installKeda(testbed: Testbed): Promise<void> {
  const folder = await downloadKedaResources();
  const definitions = readdirSync(folder).map((file) =>
    definition.parse(parse(readFileSync(join(folder, file), "utf8"))),
  );
  const cluster = applier(testbed.client);
  await Promise.all(definitions.map((object) => cluster.apply(object)));
  const names = definitions.map(({ metadata }) => metadata.name);
  await areEstablished(testbed.client, names, AbortSignal.timeout(30_000));
}

/** Builds what is missing, starts an API server and makes it know KEDA's resources. */
export async function startCluster(): Promise<Testbed> {
  const testbed = await startTestbed(await buildTestbed(console.log));
  try {
    await installKeda(testbed);
    return testbed;
  } catch (thrown) {
    await testbed.stop();
    throw thrown;
  }
}

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Programs } from "./build-testbed.ts";
import { type KubernetesClient, kubernetesClient } from "./client.ts";
import { startWarded, type Warded } from "./warden.ts";

/** A Kubernetes API server with an empty store and no nodes: it checks, admits and stores; nothing runs. */
export interface Testbed extends AsyncDisposable {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /** The administrator's. */
  readonly client: KubernetesClient;
  /** Of Kubernetes, such as `v1.35.4`. */
  readonly version: string;
  /** From the first process to `/readyz`. */
  readonly startMilliseconds: number;
  /** Ends both processes and deletes what they wrote. Safe to repeat. */
  stop(): Promise<void>;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("Cannot tell which port is free.");
  return address.port;
}

/** Resolves once a file is there. */
async function fileExists(file: string, signal: AbortSignal): Promise<void> {
  const watcher = watch(dirname(file));
  try {
    while (!existsSync(file)) await once(watcher, "change", { signal });
  } finally {
    watcher.close();
  }
}

function startEtcd(file: string, folder: string): { etcd: Warded; socket: string } {
  // A socket in a folder of ours: no port to choose, and nobody else can reach the store, which has no login.
  const socket = join(folder, "etcd.sock");
  const etcd = startWarded("etcd", file, [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=unix://${socket}`,
    // Not used, and etcd refuses a socket here: https://github.com/etcd-io/etcd/pull/12469
    "--advertise-client-urls=http://127.0.0.1:0",
    "--listen-peer-urls=http://127.0.0.1:0",
    "--log-level=warn",
    // What is stored is thrown away.
    "--unsafe-no-fsync",
  ]);
  return { etcd, socket };
}

function startApiServer(
  file: string,
  folder: string,
  socket: string,
  port: number,
): { apiServer: Warded; token: string } {
  const token = randomBytes(32).toString("hex");
  const tokens = join(folder, "tokens.csv");
  writeFileSync(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  const key = join(folder, "service-accounts.pem");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(key, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  const apiServer = startWarded("kube-apiserver", file, [
    `--etcd-servers=unix://${socket}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    // It makes itself a certificate there.
    `--cert-dir=${folder}`,
    // An endpoint may not be a loopback address, and nothing here calls the kubernetes Service.
    "--endpoint-reconciler-type=none",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-signing-key-file=${key}`,
    `--service-account-key-file=${key}`,
    `--token-auth-file=${tokens}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    // As on AKS: what refuses a privileged pod shall be Pod Security, not this switch.
    "--allow-privileged=true",
  ]);
  return { apiServer, token };
}

/** Looks at `/readyz` until it says yes: it is the one thing about a server that can't be watched. */
async function isReady(client: KubernetesClient, signal: AbortSignal): Promise<void> {
  const look = (): Promise<boolean> =>
    client.request("/readyz").then(
      ({ status }) => status === 200,
      // It doesn't listen yet; a server that ended is its own error.
      () => false,
    );
  while (!(await look())) await setTimeout(25, undefined, { signal });
}

/**
 * Starts a store and an API server on loopback, and waits until it answers.
 *
 * @throws Error with what a program said last where it doesn't start, or after `timeoutSeconds`
 */
export async function startTestbed(programs: Programs, timeoutSeconds = 60): Promise<Testbed> {
  const started = performance.now();
  const signal = AbortSignal.timeout(timeoutSeconds * 1_000);
  const folder = mkdtempSync(join(tmpdir(), "ion-testbed-"));
  const running: Warded[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(running.map((program) => program.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { etcd, socket } = startEtcd(programs.etcd, folder);
    running.push(etcd);
    await Promise.race([fileExists(socket, signal), etcd.failed]);
    const port = await findFreePort();
    const { apiServer, token } = startApiServer(programs.apiServer, folder, socket, port);
    running.push(apiServer);
    // Written after the certificate, which is then complete.
    await Promise.race([fileExists(join(folder, "apiserver.key"), signal), apiServer.failed]);
    const url = `https://127.0.0.1:${port}`;
    const ca = readFileSync(join(folder, "apiserver.crt"), "utf8");
    const client = kubernetesClient({ url, ca, token });
    await Promise.race([isReady(client, signal), apiServer.failed, etcd.failed]);
    const stop = async (): Promise<void> => {
      client.close();
      await stopAll();
    };
    const startMilliseconds = performance.now() - started;
    return { url, client, version: programs.version, startMilliseconds, stop, [Symbol.asyncDispose]: stop };
  } catch (thrown) {
    await stopAll();
    if (!signal.aborted) throw thrown;
    const said = running.map((program) => program.describe()).join("\n");
    throw new Error(`The API server is not ready after ${timeoutSeconds} s.\n${said}`, { cause: thrown });
  }
}

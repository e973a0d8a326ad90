/** To the spawner. */
export type SpawnerRequest =
  | {
      readonly kind: "start";
      readonly id: number;
      readonly command: readonly [string, ...string[]];
      readonly folder: string;
      readonly environment: Readonly<Record<string, string>>;
    }
  | { readonly kind: "abandonOutput"; readonly id: number };

/** From the spawner, about the program with the id. */
export type SpawnerAnswer = { readonly id: number } & (
  | { readonly kind: "started"; readonly group: number }
  | {
      readonly kind: "refused";
      readonly error: { readonly code: string | undefined; readonly message: string };
    }
  | { readonly kind: "output"; readonly chunk: Uint8Array; readonly stream: "stdout" | "stderr" }
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: string }
  | { readonly kind: "closed" }
);

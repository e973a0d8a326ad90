import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localBus } from "../../runtime/adapters/local/bus.ts";
import { openStore } from "../../runtime/adapters/local/store/store.ts";
import { memoryBus } from "../../runtime/adapters/memory/bus.ts";
import { busSuite } from "./bus-suite.ts";
import { manualClock } from "./manual-clock.ts";

busSuite("memoryBus()", () => {
  const clock = manualClock();
  const port = memoryBus(clock);
  const reopen = async () => {
    port.releaseLocks();
    return port;
  };
  return { port, clock, close: async () => {}, reopen };
});

busSuite("localBus()", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ion-bus-"));
  let store = await openStore(join(folder, "ion.db"));
  return {
    port: localBus({ store }),
    reopen: async () => {
      await store.close();
      store = await openStore(join(folder, "ion.db"));
      return localBus({ store });
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});

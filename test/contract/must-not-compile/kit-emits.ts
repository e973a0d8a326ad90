// expect: is not assignable to parameter of type '"downloaded" | EventType<"downloaded"

import { run } from "../../../modules/kit/index.ts";
import { defineModule } from "../../../runtime/contract/index.ts";
import { command, downloaded, link, transcoded } from "./events.ts";

const fetch = defineModule({ name: "fetch", on: link, emits: [downloaded], command });

await run(fetch, async ({ emit }) => {
  emit(transcoded, { seconds: 1 });
});

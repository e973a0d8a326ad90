// expect: Type 'string' is not assignable to type 'number'

import { run } from "../../../modules/kit/index.ts";
import { defineModule } from "../../../runtime/contract/index.ts";
import { command, link, transcoded } from "./events.ts";

const transcode = defineModule({ name: "transcode", on: link, emits: [transcoded], command });

await run(transcode, async ({ emit }) => {
  emit(transcoded, { seconds: "1" });
});

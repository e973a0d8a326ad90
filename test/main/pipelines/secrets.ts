import { defineModule, event, pipeline } from "ion";
import { z } from "zod";

const asked = event("asked", z.object({}));
const lacking = event("lacking", z.object({}));
const command = ["node", "test/main/programs/environment.ts"] as const;

const keeper = defineModule({
  name: "keeper",
  on: asked,
  command,
  config: { MODE: "plain" },
  secrets: { TOKEN: { name: "STORE_TOKEN" } },
});

const needy = defineModule({
  name: "needy",
  on: lacking,
  command,
  secrets: { TOKEN: { name: "ABSENT_TOKEN" } },
});

export default pipeline("secrets", [keeper, needy], { sources: [asked, lacking] });

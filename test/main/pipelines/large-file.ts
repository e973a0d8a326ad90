import { defineModule, event, pipeline } from "ion";
import { z } from "zod";

const uploaded = event("film_uploaded", z.object({}));
const kept = event("film_kept", z.object({}));

/** Rewrites the last byte, so that what is committed is not what was uploaded. */
const keeper = defineModule({
  name: "keeper",
  on: uploaded,
  emits: [kept],
  command: [
    "sh",
    "-c",
    `cp "$ION_DIR/in/data/film.raw" "$ION_DIR/out/data/kept.raw" && printf end >> "$ION_DIR/out/data/kept.raw" &&
    echo '{"type":"film_kept","data":{},"files":["kept.raw"]}' > "$ION_DIR/out/events/kept.json"`,
  ],
});

const viewer = defineModule({
  name: "viewer",
  on: kept,
  command: ["sh", "-c", 'test -s "$ION_DIR/in/data/kept.raw"'],
});

export default pipeline("large-file", [keeper, viewer], { sources: [uploaded] });

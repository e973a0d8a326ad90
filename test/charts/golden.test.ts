import assert from "node:assert/strict";
import { test } from "node:test";
import { renderManifests } from "../../runtime/charts/render.ts";
import { readGolden } from "./golden.ts";
import { allOptions, fullStack } from "./pipelines.ts";

for (const { file, yaml } of renderManifests({ pipeline: allOptions, stack: fullStack })) {
  test(`golden/${file} is what is rendered; UPDATE_GOLDEN=1 writes it anew`, () => {
    assert.equal(yaml, readGolden(file, yaml));
  });
}

import type { PipelineSpec } from "./check.ts";
import type { Problem } from "./problem.ts";

/** A digest names one image for ever; a tag names another one tomorrow. https://github.com/opencontainers/distribution-spec */
const imageByDigest = /^[^@\s]+@sha256:[0-9a-f]{64}$/;

/** Whether an image is named by its digest, so that what runs is what was reviewed. */
export function isImageByDigest(image: string): boolean {
  return imageByDigest.test(image);
}

/** Checks that the images that are given are given by digest; on a laptop a module needs none. */
export function checkImages({ modules }: PipelineSpec): Problem[] {
  return modules.flatMap(({ name, image }) => {
    if (image === undefined || isImageByDigest(image)) return [];
    const message = `module '${name}': image must be given by digest, as 'registry/name@sha256:…': current value is '${image}'`;
    return [{ module: name, field: "image", value: image, message }];
  });
}

#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { enableCompileCache } from "node:module";

// The second start of any command finds its files compiled. What is imported statically is compiled before.
enableCompileCache();

await import("./command.ts");

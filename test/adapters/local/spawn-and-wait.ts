import { spawner } from "../../../runtime/adapters/local/spawner.ts";

/* Starts a program that holds a named pipe and would go on for ever, and waits to be killed. */

const { start } = spawner();
const program = await start({
  command: ["/bin/sh", "-c", `exec sleep 600 > ${process.argv[2]}`],
  folder: "/",
  environment: { PATH: process.env.PATH ?? "" },
  onOutput: () => {},
});
process.send?.(program.group);

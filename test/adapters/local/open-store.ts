import { openStore } from "../../../runtime/adapters/local/store/store.ts";
import { IonError } from "../../../runtime/contract/errors.ts";

// A program: opens a store in a process of its own and prints why it can't.
try {
  await (await openStore(process.argv[2] ?? "")).close();
} catch (thrown) {
  const { code, message } = IonError.from(thrown);
  console.log(JSON.stringify({ code, message }));
}

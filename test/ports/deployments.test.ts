import { localDeployments } from "../../runtime/adapters/local/deployments.ts";
import { type DeploymentsFixture, deploymentsSuite } from "./deployments-suite.ts";

function makeLocal(): DeploymentsFixture {
  const happened: string[] = [];
  let failure: string | undefined;
  const deployments = localDeployments({
    start: async ({ name }, version) => {
      if (failure !== undefined) {
        const message = failure;
        failure = undefined;
        throw new Error(message);
      }
      happened.push(`start ${name} ${version}`);
      return { stop: async () => void happened.push(`stop ${name} ${version}`) };
    },
  });
  const failNext = (message: string) => {
    failure = message;
  };
  return { deployments, happened, failNext };
}

deploymentsSuite("local", makeLocal);

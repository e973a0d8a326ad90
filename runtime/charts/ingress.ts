import { type Construct, KubeIngress } from "./kubernetes.ts";
import type { IngressSettings } from "./props.ts";

/** Without these nginx refuses files above 1 MB, and keeps a whole request before it passes it on. https://github.com/kubernetes/ingress-nginx/blob/main/docs/user-guide/nginx-configuration/annotations.md */
const streaming = {
  "nginx.ingress.kubernetes.io/proxy-body-size": "0",
  "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
} as const;

/** Gives the gateway its name on the internet, with TLS only. */
export function addIngress(scope: Construct, namespace: string, ingress: IngressSettings): void {
  const { host, tlsSecretName, className = "webapprouting.kubernetes.azure.com" } = ingress;
  const backend = { service: { name: "gateway", port: { name: "http" } } };
  new KubeIngress(scope, "ingress", {
    metadata: {
      name: "gateway",
      namespace,
      annotations: { ...streaming, "nginx.ingress.kubernetes.io/ssl-redirect": "true" },
    },
    spec: {
      ingressClassName: className,
      tls: [{ hosts: [host], secretName: tlsSecretName }],
      rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    },
  });
}

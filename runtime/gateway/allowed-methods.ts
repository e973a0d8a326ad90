interface Route {
  readonly method: string;
  /** Fastify's pattern: `/events/:type`, `/api/files/*`. */
  readonly url: string;
}

function covers(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const segments = path.split("/");
  const star = wanted.indexOf("*");
  if (star < 0 && wanted.length !== segments.length) return false;
  return (star < 0 ? wanted : wanted.slice(0, star)).every((part, index) =>
    part.startsWith(":") ? (segments[index] ?? "") !== "" : part === segments[index],
  );
}

/** The methods that a path knows, when it knows any. */
export function findAllowedMethods(routes: readonly Route[], path: string): string[] {
  return [...new Set(routes.filter(({ url }) => covers(url, path)).map(({ method }) => method))].sort();
}

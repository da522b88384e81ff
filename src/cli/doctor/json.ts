/** What stands at a path in something that came from a server and may be anything. */
export function at(source: unknown, ...path: readonly string[]): unknown {
  let value = source;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** The same for a list; empty where there is none. */
export function listAt(source: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = at(source, ...path);
  return Array.isArray(value) ? value : [];
}

/** The same for a text; empty where there is none. */
export function textAt(source: unknown, ...path: readonly string[]): string {
  const value = at(source, ...path);
  return typeof value === 'string' ? value : '';
}

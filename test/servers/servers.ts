export type ServerKind = 'fake-gcs-server' | 'gcsemulator';

/** The servers of others, and the environment variable that names a running one. */
export const SERVERS: readonly { readonly kind: ServerKind; readonly variable: string }[] = [
  { kind: 'fake-gcs-server', variable: 'FAKE_GCS_SERVER' },
  { kind: 'gcsemulator', variable: 'GCSEMULATOR' },
];

/** Where a server listens; undefined where there is none on this machine, which the run's setup has said. */
export function serverUrl(kind: ServerKind): string | undefined {
  const variable = SERVERS.find((server) => server.kind === kind)?.variable;
  return variable === undefined ? undefined : process.env[variable] || undefined;
}

/** Makes a bucket of a fresh name on a server, so that no two tests meet. */
export async function freshBucket(url: string): Promise<string> {
  const name = `test-${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  const answer = await fetch(`${url}/storage/v1/b?project=test`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${url} did not make bucket ${name}: status ${answer.status}`);
  return name;
}

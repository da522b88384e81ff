import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A server as no lock can bear it: it does whatever it is told, under whatever precondition. */
export async function startCarelessServer(
  target: string,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((incoming, outgoing) => {
    // A process that was killed takes its request along.
    pass(target, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function pass(target: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const url = new URL(incoming.url ?? '/', target);
  url.searchParams.delete('ifGenerationMatch');
  url.searchParams.delete('ifMetagenerationMatch');
  const type = incoming.headers['content-type'];
  const method = incoming.method ?? 'GET';
  const answer = await fetch(url, {
    method,
    headers: type === undefined ? {} : { 'content-type': type },
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  const body = Buffer.from(await answer.arrayBuffer());
  const headers = {
    'content-type': answer.headers.get('content-type') ?? '',
    date: answer.headers.get('date') ?? '',
  };
  outgoing.writeHead(answer.status, headers);
  outgoing.end(body);
}

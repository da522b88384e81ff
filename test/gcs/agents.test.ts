import { Agent as HttpAgent, request as sendRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { agentFor, type ConnectionWish } from '../../src/gcs/agents.ts';
import { keepsProcessAlive } from './held-open.ts';
import { startServer, type TestServer } from './servers.ts';

const ORDINARY: ConnectionWish = { isFresh: false, isBackground: false };
const BACKGROUND: ConnectionWish = { isFresh: false, isBackground: true };
const FRESH: ConnectionWish = { isFresh: true, isBackground: false };
const FRESH_BACKGROUND: ConnectionWish = { isFresh: true, isBackground: true };

/** What one sees of a connection while a request is on it. */
interface Used {
  readonly isHolding: boolean;
  readonly port: number | undefined;
}

/** Sends a request over the connection that a wish gets, and looks at it while the server has the request. */
async function use(server: TestServer, wish: ConnectionWish): Promise<Used> {
  const agent = await agentFor(new URL(server.origin), wish);
  const request = sendRequest(server.origin, { agent });
  const arrived = server.nextRequest();
  const answered = once(request, 'response');
  request.end();
  await arrived;
  const { socket } = request;
  if (socket === null) throw new Error('a request arrived that has no connection');
  const used = { isHolding: keepsProcessAlive(socket), port: socket.localPort };
  const [response] = await answered;
  response.resume();
  await once(response, 'end');
  // The connection is handed back in the turn after.
  await new Promise(setImmediate);
  return used;
}

/** Answers once the client has had a turn to be looked at. */
function startSlowServer(): Promise<TestServer> {
  return startServer((_, response) => void setImmediate(() => setImmediate(() => response.end())));
}

describe('a request that somebody awaits', () => {
  test('has the agent of the whole process, which is Node’s own', async () => {
    expect(await agentFor(new URL('http://localhost'), ORDINARY)).toBeUndefined();
    await using server = await startSlowServer();
    expect((await use(server, ORDINARY)).isHolding).toBe(true);
  });

  test('and wants a new connection has it for itself, to the end of the request', async () => {
    await using server = await startSlowServer();
    const closed = server.nextClose();
    const used = await use(server, FRESH);
    expect(used.isHolding).toBe(true);
    expect(server.requests[0]?.headers.connection).toBe('close');
    await closed;
  });
});

describe('a request in the background', () => {
  test('lets the process end, over a connection that is opened, and once it is used again', async () => {
    await using server = await startSlowServer();
    const first = await use(server, BACKGROUND);
    const second = await use(server, BACKGROUND);
    expect([first.isHolding, second.isHolding]).toEqual([false, false]);
    expect(second.port).toBe(first.port);
    expect(server.requests[0]?.headers.connection).toBe('keep-alive');
  });

  test('never lends its connection to one that somebody awaits', async () => {
    await using server = await startSlowServer();
    const background = await use(server, BACKGROUND);
    const awaited = await use(server, ORDINARY);
    expect([awaited.isHolding, awaited.port === background.port]).toEqual([true, false]);
  });

  test('that wants a new connection has it, and lets the process end', async () => {
    await using server = await startSlowServer();
    const kept = await use(server, BACKGROUND);
    const closed = server.nextClose();
    const fresh = await use(server, FRESH_BACKGROUND);
    expect([fresh.isHolding, fresh.port === kept.port]).toEqual([false, false]);
    await closed;
  });
});

test.each([FRESH, BACKGROUND])('an agent is made for the scheme of its URL: %j', async (wish) => {
  expect(await agentFor(new URL('https://localhost'), wish)).toBeInstanceOf(HttpsAgent);
  const plain = await agentFor(new URL('http://localhost'), wish);
  expect(plain).toBeInstanceOf(HttpAgent);
  expect(plain).not.toBeInstanceOf(HttpsAgent);
});

test.each([[undefined], [null], [{}], [{ unref: 7 }]])(
  'a connection that was put in the place of Node’s, and has nothing to let go, is taken as it is: %j',
  async (connection) => {
    const own = Object.getOwnPropertyDescriptor(HttpAgent.prototype, 'createConnection') ?? {};
    try {
      Object.assign(HttpAgent.prototype, { createConnection: () => connection });
      const agent = await agentFor(new URL('http://localhost'), FRESH_BACKGROUND);
      expect(agent?.createConnection({}, () => {})).toBe(connection);
    } finally {
      Object.defineProperty(HttpAgent.prototype, 'createConnection', own);
    }
  },
);

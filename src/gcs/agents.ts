import type { Agent } from 'node:http';

/** What kind of connection a request wants. */
export interface ConnectionWish {
  /** One that was not kept open: after a sleep those may be dead. */
  readonly isFresh: boolean;
  /** One that lets the process end while the request is under way: nobody awaits it. */
  readonly isBackground: boolean;
}

/** The agents of background requests, by scheme. Requests that somebody awaits must not get their connections. */
const backgroundAgents = new Map<string, Agent>();

/**
 * The agent for a request to this URL; undefined for Node's own, which the whole process shares. Loaded late,
 * so that importing the library loads no HTTP.
 */
export async function agentFor(url: URL, wish: ConnectionWish): Promise<Agent | undefined> {
  if (wish.isFresh) {
    const agent = await makeAgent(url.protocol, false);
    return wish.isBackground ? lettingGo(agent) : agent;
  }
  if (!wish.isBackground) return undefined;
  const known = backgroundAgents.get(url.protocol) ?? lettingGo(await makeAgent(url.protocol, true));
  backgroundAgents.set(url.protocol, known);
  return known;
}

async function makeAgent(protocol: string, keepAlive: boolean): Promise<Agent> {
  const { Agent: Made } = protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Made({ keepAlive });
}

/**
 * Makes an agent's connections let the process end, also while they are in use: Node makes them hold it when
 * they are opened, and again whenever a kept one is used anew. The agent's own step comes first: it takes the
 * connection out of the care that kept ones have, which would otherwise leave one more listener with each use.
 */
function lettingGo(agent: Agent): Agent {
  const open = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const connection = open(options, callback);
    letGo(connection);
    return connection;
  };
  const reuse = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (connection, request) => {
    reuse(connection, request);
    letGo(connection);
  };
  return agent;
}

function letGo(connection: object | null | undefined): void {
  const unref: unknown = connection && Reflect.get(connection, 'unref');
  if (typeof unref === 'function') Reflect.apply(unref, connection, []);
}

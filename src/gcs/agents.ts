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
 * they are opened, and again whenever a kept one is used anew.
 */
function lettingGo(agent: Agent): Agent {
  const open = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const connection = open(options, callback);
    const letGo: unknown = connection && Reflect.get(connection, 'unref');
    if (typeof letGo === 'function') Reflect.apply(letGo, connection, []);
    return connection;
  };
  agent.reuseSocket = (_socket, request) => {
    request.reusedSocket = true;
  };
  return agent;
}

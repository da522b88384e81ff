import type { ClientRequest } from 'node:http';

/** What takes the place of the signal and the agent in the options of one send. */
export interface SendOptions {
  readonly signal: AbortSignal;
  readonly agent?: unknown;
}

/** One look at the signal in the very turn in which the request leaves; `done` lets go of it. */
export interface LastLook {
  readonly options: SendOptions;
  /** The status with which a proxy refused to connect, where one did. */
  proxyRefusal(): number | undefined;
  done(): void;
}

/**
 * Keeps an aborted signal away from node-fetch, which gaxios sends through.
 *
 * gaxios loads node-fetch on its first request, so that an abort can come between our last look and the
 * sending. node-fetch then destroys the request's body with an error that nobody listens to, and that ends
 * the process. It does ask for its agent in the same turn in which it sends, and takes a function for it: that
 * is where the signal is looked at, and from where on an abort is passed on.
 *
 * @param agent - the agent that gaxios has chosen, such as that of a proxy; undefined for Node's own.
 */
export function lastLook(signal: AbortSignal, agent: unknown): LastLook {
  const passedOn = new AbortController();
  let proxyStatus: number | undefined;
  const passOn = (): void => passedOn.abort();
  const choose = (url: URL): unknown => {
    // Whoever waits has heard of the abort from the signal itself.
    if (signal.aborted) throw new Error('The signal had aborted before the request left.');
    signal.addEventListener('abort', passOn, { once: true });
    return withoutReplay(typeof agent === 'function' ? agent(url) : agent, (status) => {
      proxyStatus = status;
    });
  };
  return {
    options: { signal: passedOn.signal, agent: choose },
    proxyRefusal: () => proxyStatus,
    done: () => signal.removeEventListener('abort', passOn),
  };
}

/**
 * The same agent for one request, which ends where a proxy does not connect it.
 *
 * https-proxy-agent, which gaxios takes, hands a proxy's refusal on as if it were the store's answer. Nobody has
 * proven by a certificate who wrote that answer, and the request was never sent.
 */
function withoutReplay(agent: unknown, onRefusal: (status: number) => void): unknown {
  if (typeof agent !== 'object' || agent === null) return agent;
  const addRequest: unknown = Reflect.get(agent, 'addRequest');
  if (typeof addRequest !== 'function') return agent;
  const value = (request: ClientRequest, ...rest: unknown[]): unknown => {
    request.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
      if (statusCode === 200) return;
      onRefusal(statusCode);
      request.destroy(new Error('the proxy did not connect'));
    });
    return Reflect.apply(addRequest, agent, [request, ...rest]);
  };
  return Object.create(agent, { addRequest: { value } });
}

import { EventEmitter, getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { lastLook } from '../../src/gcs/last-look.ts';

const URL_ASKED = new URL('https://example.com/');

/** What is chosen where node-fetch asks for its agent. */
function chosen(agent: unknown, signal = new AbortController().signal) {
  const look = lastLook(signal, agent);
  const choose = look.options.agent as (url: URL) => unknown;
  return { look, choose: () => choose(URL_ASKED) };
}

/** A request as an agent gets it. */
class AskedRequest extends EventEmitter {
  readonly destroyed: unknown[] = [];
  destroy(error: unknown): void {
    this.destroyed.push(error);
  }
}

describe('the last look at the signal', () => {
  test('lets nothing leave once it has aborted', () => {
    expect(() => chosen(undefined, AbortSignal.abort()).choose()).toThrow('aborted before the request left');
  });

  test('passes on an abort that comes later, and leaves no listener behind', () => {
    const controller = new AbortController();
    const { look, choose } = chosen(undefined, controller.signal);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    choose();
    expect(look.options.signal.aborted).toBe(false);
    controller.abort();
    expect(look.options.signal.aborted).toBe(true);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    const other = new AbortController();
    const done = chosen(undefined, other.signal);
    done.choose();
    done.look.done();
    expect(getEventListeners(other.signal, 'abort')).toHaveLength(0);
    other.abort();
    expect(done.look.options.signal.aborted).toBe(false);
  });

  test.each([
    ['none', undefined],
    ['null', null],
    ['no object', 'x'],
    ['one that adds no requests', { addRequest: 7 }],
  ])('takes %s for the agent as it is', (_what, agent) => {
    expect(chosen(agent).choose()).toBe(agent);
  });

  test('asks a function for the agent, as node-fetch does', () => {
    const asked: unknown[] = [];
    const agent = { kept: true };
    const { choose } = chosen((url: unknown) => {
      asked.push(url);
      return agent;
    });
    expect(choose()).toBe(agent);
    expect(asked).toEqual([URL_ASKED]);
  });
});

describe('an agent that adds requests', () => {
  const added: unknown[][] = [];
  const agent = {
    name: 'theirs',
    addRequest(this: { name: string }, ...given: unknown[]): string {
      added.push([this.name, ...given]);
      return 'added';
    },
  };

  test('adds them as before, and is the same in all else', () => {
    added.length = 0;
    const { look, choose } = chosen(agent);
    const made = choose() as typeof agent;
    expect(made).not.toBe(agent);
    expect(made.name).toBe('theirs');
    const request = new AskedRequest();
    expect(made.addRequest(request, 'host', 443)).toBe('added');
    expect(added).toEqual([['theirs', request, 'host', 443]]);
    request.emit('proxyConnect', { statusCode: 200 });
    expect(request.destroyed).toEqual([]);
    expect(look.proxyRefusal()).toBeUndefined();
  });

  test('ends a request that a proxy does not connect, and says how the proxy put it', () => {
    const { look, choose } = chosen(agent);
    const request = new AskedRequest();
    (choose() as typeof agent).addRequest(request);
    request.emit('proxyConnect', { statusCode: 407 });
    expect(request.destroyed).toEqual([expect.objectContaining({ message: 'the proxy did not connect' })]);
    expect(look.proxyRefusal()).toBe(407);
    expect(request.listenerCount('proxyConnect')).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { type Call, expectAsIfNothing, isCall } from './calls.ts';
import { FaultProxy, type Line } from './proxy.ts';
import { httpWorld } from './world.ts';

const CALLS: readonly Call[] = ['C', 'G', 'R', 'T', 'D'];
const INTERIM = 'HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n';

/**
 * What HTTP itself may do between a client and a server: only there, since a world without a network knows neither
 * interim answers nor connections. That a request or an answer gets lost is played there by rows 2 to 6.
 */
describe('over HTTP', () => {
  it.concurrent.each(CALLS)('row 29: %s gets its answer after hints and a 100', async (call) => {
    await using world = await httpWorld();
    await using proxy = await FaultProxy.start(world.url);
    const begin = () => {
      const struck: Line[] = [];
      proxy.interim = (line) => {
        if (struck.length > 0 || !isCall(call, line)) return '';
        struck.push(line);
        return INTERIM;
      };
      return { struck };
    };
    await expectAsIfNothing(world, call, begin, 1, { apiEndpoint: proxy.url });
    expect(proxy.lines.length).toBeGreaterThan(0);
    await world.end();
  });

  for (const when of ['before', 'after'] as const) {
    it.concurrent.each(CALLS)(
      `row 29: %s gets through the end of a kept connection while it is under way (${when} its turn)`,
      async (call) => {
        await using world = await httpWorld();
        await using proxy = await FaultProxy.start(world.url);
        // Leaves a connection open for the call to use.
        await world.process().mutex({ apiEndpoint: proxy.url }).status();
        const begin = () => {
          const struck: Line[] = [];
          const closeOnce = (line: Line) => {
            if (struck.length > 0 || line.requestCount < 2 || !isCall(call, line)) return 'pass';
            struck.push(line);
            return 'close';
          };
          if (when === 'before') proxy.toServer = closeOnce;
          else proxy.toClient = closeOnce;
          return { struck };
        };
        await expectAsIfNothing(world, call, begin, 1, { apiEndpoint: proxy.url });
        await world.end();
      },
    );
  }
});

import type { Lease } from '../../../../src/lease.ts';
import type { Player, World } from '../../world.ts';
import type { Seen } from '../cell.ts';
import {
  eventOf,
  leftOf,
  NAMES,
  type Options,
  poolOf,
  type Primitive,
  rateOf,
  semaphoreOf,
  stored,
} from './primitives.ts';

/** A call that is about to be made. */
interface Ready {
  /** What its user is told, where it is no error. */
  call(): Promise<string>;
  /** What is in the bucket when all is at rest. */
  left(): Seen['left'];
  /** Gives back what there is. */
  finish?(): Promise<unknown>;
}

/** One request of one call, which is a column of the matrix. */
export interface Column {
  readonly of: Primitive;
  readonly head: string;
  /** What the request is, and what the name of its object, or the prefix, ends with. */
  readonly letter: 'L' | 'G' | 'C' | 'P' | 'D';
  readonly object: string;
  begin(world: World, player: Player, options: Options): Promise<Ready>;
  /** With the fault over all that there is can be had. */
  use(player: Player): Promise<void>;
}

const SLOTS = ['slot-0000', 'slot-0001'];
const said = ({ isHeld }: Pick<Lease, 'isHeld'>): string => (isHeld ? 'held' : 'not held');

async function useSemaphore(player: Player): Promise<void> {
  const semaphore = semaphoreOf(player);
  await semaphore.setPermits(2);
  await semaphore.run(() => undefined, { permits: 2 });
}

/** Stores what there is, as another process has done before. */
async function storePermits(world: World): Promise<void> {
  await world.settle(semaphoreOf(world.process()).setPermits(2));
}

function acquiringPermit(head: string, letter: Column['letter'], object: string): Column {
  return {
    of: 'semaphore',
    head,
    letter,
    object,
    use: useSemaphore,
    async begin(world, player, options) {
      await storePermits(world);
      const semaphore = semaphoreOf(player, options);
      let lease: Awaited<ReturnType<typeof semaphore.acquire>> | undefined;
      return {
        call: async () => said((lease = await semaphore.acquire())),
        left: () => leftOf(world, player, 'semaphore', SLOTS),
        finish: async () => lease?.release(),
      };
    },
  };
}

function holdingPermit(call: 'refresh' | 'release', letter: Column['letter']): Column {
  return {
    of: 'semaphore',
    head: call,
    letter,
    object: '/slot-000\\d',
    use: useSemaphore,
    async begin(world, player, options) {
      await storePermits(world);
      const lease = await world.settle(semaphoreOf(player, options).acquire());
      return {
        async call() {
          if (call === 'release') return String(await lease.release());
          await lease.refresh();
          return said(lease);
        },
        left: () => leftOf(world, player, 'semaphore', SLOTS),
        finish: async () => call === 'refresh' && lease.release(),
      };
    },
  };
}

async function usePool(player: Player): Promise<void> {
  const pool = poolOf(player);
  await pool.add(['a', 'b']);
  const both = await Promise.all(['a', 'b'].map((name) => pool.acquire({ only: [name] })));
  for (const pooled of both) await pooled.release();
}

async function storeResources(world: World): Promise<void> {
  const pool = poolOf(world.process());
  await world.settle(pool.add(['a', 'b']));
  await world.settle(pool.remove(['c']));
}

function acquiringResource(head: string, letter: Column['letter'], object: string): Column {
  return {
    of: 'pool',
    head,
    letter,
    object,
    use: usePool,
    async begin(world, player, options) {
      await storeResources(world);
      const pool = poolOf(player, options);
      let pooled: Awaited<ReturnType<typeof pool.acquire>> | undefined;
      return {
        async call() {
          pooled = await pool.acquire();
          return said(pooled.lease);
        },
        left: () => leftOf(world, player, 'pool', ['use-a', 'use-b']),
        finish: async () => pooled?.release(),
      };
    },
  };
}

function changingPool(call: 'add' | 'remove'): Column {
  const [names, after] = call === 'add' ? [['c'], '["a","b","c"]'] : [['b'], '["a"]'];
  return {
    of: 'pool',
    head: call,
    letter: 'P',
    object: '/resources',
    use: usePool,
    async begin(world, player) {
      await storeResources(world);
      return {
        async call() {
          const answered = await poolOf(player)[call](names);
          return answered.length === (call === 'add' ? 3 : 0) ? 'done' : answered.join();
        },
        left: () => (stored(world, 'pool', '/resources')?.['resources'] === after ? 'done' : 'not done'),
      };
    },
  };
}

async function useEvent(player: Player): Promise<void> {
  const event = eventOf(player);
  await event.set('anew');
  if ((await event.wait()) !== 'anew') throw new Error('the event is not set');
}

function changingEvent(call: 'set' | 'clear'): Column {
  return {
    of: 'event',
    head: call,
    letter: 'P',
    object: '',
    use: useEvent,
    async begin(world, player) {
      const setCount = await world.settle(eventOf(world.process()).set('before'));
      const event = eventOf(player);
      return {
        async call() {
          if (call === 'clear') await event.clear();
          else if ((await event.set('mine')) !== setCount + 1) return 'counted twice';
          return 'done';
        },
        left() {
          const { state, payload } = stored(world, 'event', '') ?? {};
          const isDone = call === 'clear' ? state === 'clear' : payload === 'mine';
          return isDone ? 'done' : 'not done';
        },
      };
    },
  };
}

const WAIT: Column = {
  of: 'event',
  head: 'wait',
  letter: 'G',
  object: '',
  use: useEvent,
  async begin(world, player, { acquireTimeoutMs }) {
    await world.settle(eventOf(world.process()).set('before'));
    return {
      call: async () =>
        (await eventOf(player).wait({ timeoutMs: acquireTimeoutMs })) === 'before' ? 'done' : 'wrong',
      left: () => (stored(world, 'event', '')?.['state'] === 'set' ? 'done' : 'not done'),
    };
  },
};

async function useRate(player: Player): Promise<void> {
  const limiter = rateOf(player);
  await limiter.reset();
  await limiter.take(10);
  await limiter.release();
}

/** Of what there is of a limit, how many shares are stored. */
function hasShares(world: World): boolean {
  return (stored(world, 'rate limiter', '')?.['shares'] ?? '') !== '';
}

const TAKE: Column = {
  of: 'rate limiter',
  head: 'take',
  letter: 'P',
  object: '',
  use: useRate,
  async begin(world, player, { acquireTimeoutMs }) {
    await world.settle(rateOf(world.process()).reset());
    const limiter = rateOf(player);
    return {
      async call() {
        await limiter.take(1, { timeoutMs: acquireTimeoutMs });
        return 'done';
      },
      left: () => (hasShares(world) ? 'done' : 'not done'),
      finish: () => limiter.release().catch(() => undefined),
    };
  },
};

const RESET: Column = {
  of: 'rate limiter',
  head: 'reset',
  letter: 'P',
  object: '',
  use: useRate,
  async begin(world, player) {
    const other = rateOf(world.process());
    await world.settle(other.take());
    return {
      async call() {
        await rateOf(player).reset();
        return 'done';
      },
      left: () => (hasShares(world) ? 'not done' : 'done'),
      finish: () => other.release(),
    };
  },
};

const SET_PERMITS: Column = {
  of: 'semaphore',
  head: 'setPermits',
  letter: 'P',
  object: '/permits',
  use: useSemaphore,
  async begin(world, player) {
    await storePermits(world);
    return {
      call: async () => ((await semaphoreOf(player).setPermits(3)) ? 'done' : 'refused'),
      left: () => (stored(world, 'semaphore', '/permits')?.['permits'] === '3' ? 'done' : 'not done'),
    };
  },
};

/** The calls that a fault meets, by what they are called in the matrix. */
export const COLUMNS = {
  look: acquiringPermit('acquire, its list', 'L', '/'),
  permit: acquiringPermit('acquire, its create', 'C', '/slot-000\\d'),
  refresh: holdingPermit('refresh', 'P'),
  release: holdingPermit('release', 'D'),
  setPermits: SET_PERMITS,
  resource: acquiringResource('acquire, its create', 'C', '/use-[ab]'),
  names: acquiringResource('acquire, its read of the names', 'G', '/resources'),
  add: changingPool('add'),
  remove: changingPool('remove'),
  set: changingEvent('set'),
  clear: changingEvent('clear'),
  wait: WAIT,
  take: TAKE,
  reset: RESET,
} as const satisfies Readonly<Record<string, Column>>;

export type Key = keyof typeof COLUMNS;

export const KEYS = Object.keys(COLUMNS) as readonly Key[];

/** What the name of the struck request's object, or its prefix, is. */
export function objectOf({ of, object }: Column): RegExp {
  return new RegExp(`^${NAMES[of]}${object}$`);
}

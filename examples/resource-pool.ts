/**
 * Three test accounts, each for one at a time, with a session that is made once and used again.
 *
 * Try it against the embedded emulator:
 *
 *     npm run emulator -- --bucket my-bucket        # in another terminal
 *     STORAGE_EMULATOR_HOST=http://127.0.0.1:4443 node dist/examples/resource-pool.js
 */
import { setTimeout as pause } from 'node:timers/promises';
import { GcsResourcePool } from '../src/index.ts'; // in your own program: from 'gcs-mutex'

/** What logging in gives. */
interface Session {
  readonly account: string;
  logOut(): void;
}

await using accounts = new GcsResourcePool<Session>(
  process.env['LOCK_BUCKET'] ?? 'my-bucket',
  'pools/test-accounts',
  {
    async create(account) {
      await pause(300);
      console.log(`${account}: logged in`);
      return { account, logOut: () => console.log(`${account}: logged out`) };
    },
    destroy: (session) => session.logOut(),
  },
);
// Whoever knows the accounts says which there are; everybody else leaves it out.
await accounts.add(['anna', 'ben', 'carl']);

async function test(name: string): Promise<void> {
  await accounts.run(async ({ resource, value: session, lease }) => {
    console.log(`${name} has ${resource}`);
    await pause(1_000, session, { signal: lease.signal });
  });
}

// Five want three.
const tests = ['sign-up', 'order', 'refund', 'search', 'sign-out'].map(test);
await pause(800);
const { counts, resources } = await accounts.status();
console.log(
  `${counts.held} held, ${counts.free} free:`,
  resources.map(({ resource, state }) => `${resource} ${state}`),
);
await Promise.all(tests);

// One that is in use may be removed: its holder keeps it, and nobody gets it afterwards.
const held = await accounts.acquire({ only: ['ben'] });
console.log('removed, and still in use:', await accounts.remove(['ben']));
await held.release();
const free = (await accounts.status()).resources.map(({ resource }) => resource);
console.log('left:', free);
await accounts.add(['ben']);

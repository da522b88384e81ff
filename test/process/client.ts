// A program under a lock, as a process of its own. It says what happens over its channel, one message an event,
// and does what its parent tells it. Compiled by the build; started by the tests.
// Loaded before the first request, so that no short ttl runs out meanwhile.
import 'google-auth-library';
import { GcsMutex, type GcsMutexOptions, type Lease } from '../../src/index.ts';

/** What a parent tells this process. */
export type Command =
  /** And sends a refresh at once, before the process can lose any time, if told so. */
  | { readonly kind: 'acquire'; readonly andRefresh?: true }
  | { readonly kind: 'run' }
  /** Keeps the event loop busy, as bad code does. */
  | { readonly kind: 'block'; readonly forMs: number }
  | { readonly kind: 'check' }
  | { readonly kind: 'memory' }
  | { readonly kind: 'release' }
  /** Lets go of the channel: from here on nothing but the lease could keep the process alive. */
  | { readonly kind: 'forget' };

/** What this process says. `at` is the wall clock, read just before anything else; `remainingMs` is counted from then. */
export type Message =
  | { readonly kind: 'ready'; readonly pid: number; readonly at: number }
  | { readonly kind: 'granted'; readonly leaseId: string; readonly at: number; readonly remainingMs: number }
  | { readonly kind: 'refreshed'; readonly at: number; readonly remainingMs: number }
  | { readonly kind: 'lost'; readonly reason: string }
  /** The deadline is over by a timer of the program's own. */
  | { readonly kind: 'overdue'; readonly isAborted: boolean }
  /** The most memory that it ever had. */
  | { readonly kind: 'memory'; readonly highestMib: number }
  | {
      readonly kind: 'state';
      readonly isHeld: boolean;
      readonly remainingMs: number;
      readonly isAborted: boolean;
      readonly reason: string | undefined;
    }
  | { readonly kind: 'released'; readonly wasHeld: boolean }
  | { readonly kind: 'failed'; readonly code: string };

const [bucket = '', name = '', optionsJson = '{}'] = process.argv.slice(2);
const options: GcsMutexOptions = JSON.parse(optionsJson);

function say(message: Message): void {
  if (process.connected) process.send?.(message);
}

const mutex = new GcsMutex(bucket, name, options, {
  logger: (event) => {
    if (event.kind === 'refreshed') say({ kind: 'refreshed', ...remaining() });
    if (event.kind === 'lost') say({ kind: 'lost', reason: event.reason });
  },
});
let lease: Lease | undefined;
let overdue: NodeJS.Timeout | undefined;

/** How much is left of the lease. A process that is stopped in between says too little, never too much. */
function remaining(): { readonly at: number; readonly remainingMs: number } {
  const at = Date.now();
  const remainingMs = lease?.remainingMs ?? 0;
  clearTimeout(overdue);
  // Timers that are due are called in the order of their times, however late that is.
  overdue = setTimeout(
    () => say({ kind: 'overdue', isAborted: lease?.signal.aborted ?? false }),
    remainingMs + 50,
  ).unref();
  return { at, remainingMs };
}

async function acquire(andRefresh: boolean): Promise<void> {
  lease = await mutex.acquire({ timeoutMs: Infinity });
  // What becomes of it is said by an event.
  if (andRefresh) lease.refresh().catch(() => undefined);
  say({ kind: 'granted', leaseId: lease.leaseId, ...remaining() });
}

/** The recipe of the README for a Cloud Run job: SIGTERM ends the work, and the lock is free before the exit. */
async function runUntilTerminated(): Promise<void> {
  const terminated = new AbortController();
  process.once('SIGTERM', () => terminated.abort(new Error('SIGTERM')));
  await mutex
    .run(
      async (held) => {
        say({ kind: 'granted', leaseId: held.leaseId, ...remaining() });
        await new Promise((_resolve, reject) => {
          held.signal.addEventListener('abort', () => reject(held.signal.reason), { once: true });
        });
      },
      { timeoutMs: Infinity, signal: terminated.signal },
    )
    .catch((error: unknown) => {
      if (error !== terminated.signal.reason) throw error;
    });
  process.disconnect?.();
}

function check(): void {
  // The first thing that the holder does is to look: no timer, no answer can have come in between.
  const isHeld = lease?.isHeld ?? false;
  const signal = lease?.signal;
  say({
    kind: 'state',
    isHeld,
    remainingMs: lease?.remainingMs ?? 0,
    isAborted: signal?.aborted ?? false,
    reason: lease?.lossError?.reason,
  });
}

function block(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
  check();
}

async function obey(command: Command): Promise<void> {
  switch (command.kind) {
    case 'acquire':
      return acquire(command.andRefresh === true);
    case 'run':
      return runUntilTerminated();
    case 'block':
      return block(command.forMs);
    case 'check':
      return check();
    case 'memory':
      return say({ kind: 'memory', highestMib: process.resourceUsage().maxRSS / 1024 });
    case 'release':
      return say({ kind: 'released', wasHeld: (await lease?.release()) ?? false });
    case 'forget':
      process.disconnect?.();
      return undefined;
    default:
      return command satisfies never;
  }
}

process.on('message', (command: Command) => {
  obey(command).catch((error: unknown) => {
    say({
      kind: 'failed',
      code: error instanceof Error && 'code' in error ? String(error.code) : String(error),
    });
  });
});
// On going on after a stop it looks at once, before anything else can tell it.
process.on('SIGCONT', check);
say({ kind: 'ready', pid: process.pid, at: Date.now() });

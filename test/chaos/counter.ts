// The counter that the lock protects, in a process of its own, which nobody stops or kills. It takes every write, as a
// resource without fencing does, and keeps the record of what each worker says and does, by its own clock where it can.
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { nowMs } from '../../src/cli/demo/clock.ts';
import type { ChaosEvent, LifeEvent } from './history.ts';
import type { CounterOrder, CounterReport, Told } from './messages.ts';

type Look = Extract<LifeEvent, { readonly kind: 'look' }>;

/** How much later a deadline must be for a look to be worth telling though the lease was held all along. */
const SAME_DEADLINE_MS = 5;

const originMs = Number(process.argv[2]);

function report(message: CounterReport): void {
  process.send?.(message);
}

function tell(event: ChaosEvent): void {
  report({ kind: 'event', event });
}

/** Leaves out the looks that say nothing new: the same as the one before and the one after, unless a refresh lies between. */
class Looks {
  /** The last that was told, and the last of those after it that were not. */
  #told: Look | undefined;
  #untold: Look | undefined;

  hear(look: Look): void {
    if (this.#isNews(look)) {
      this.flush();
      this.#told = look;
      tell(look);
    } else if (look.isHeld) {
      this.#untold = look;
    }
  }

  /** The last true look of a process that was killed is what its belief ends by. */
  flush(): void {
    if (this.#untold !== undefined) tell(this.#untold);
    this.#untold = undefined;
  }

  #isNews(look: Look): boolean {
    const told = this.#told;
    if (told?.leaseId !== look.leaseId || told.isHeld !== look.isHeld) return true;
    const deadlineMs = told.atMs + told.remainingMs;
    return look.isHeld && look.atMs + look.remainingMs > deadlineMs + SAME_DEADLINE_MS;
  }
}

/** The value that all read and write. */
let value = 0;

function answer(told: Told, looks: Looks, socket: Socket): void {
  // First of all: it is this moment at which the counter changes.
  const atMs = nowMs() - originMs;
  switch (told.kind) {
    case 'look':
      return looks.hear(told);
    case 'enter':
    case 'leave':
      tell({ ...told, atMs });
      break;
    case 'read':
      tell({ ...told, atMs, value });
      break;
    case 'write': {
      const found = value;
      value = told.basedOn + 1;
      tell({ ...told, atMs, found, value });
      break;
    }
    case 'started':
    case 'waiting':
    case 'believes':
    case 'left':
    case 'blocked':
    case 'unblocked':
      return tell(told);
    default:
      return told satisfies never;
  }
  socket.write(`${value}\n`);
}

/** The workers that live. */
const pids = new Set<number>();
let openCount = 0;
let isOver = false;

function concludeIfOver(): void {
  if (isOver && openCount === 0) report({ kind: 'concluded' });
}

const server = createServer({ noDelay: true }, (socket) => {
  openCount += 1;
  const looks = new Looks();
  const lines = createInterface({ input: socket });
  // The end of a killed process may look like an error; what it said before counts all the same.
  for (const emitter of [socket, lines]) emitter.on('error', () => undefined);
  lines.on('line', (line) => answer(JSON.parse(line), looks, socket));
  socket.once('close', () => {
    looks.flush();
    openCount -= 1;
    concludeIfOver();
  });
});

// When to end is the driver's decision.
for (const name of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(name, () => undefined);
process.on('message', (order: CounterOrder) => {
  if (order.kind === 'guard') pids.add(order.pid);
  if (order.kind === 'gone') pids.delete(order.pid);
  if (order.kind === 'conclude') isOver = true;
  concludeIfOver();
});
process.once('disconnect', () => {
  // The driver is gone. The workers end by themselves, but for those that are stopped.
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
  process.exit();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) report({ kind: 'listening', port: address.port });
});

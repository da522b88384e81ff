import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Ruling } from './messages.ts';
import { beliefsOf, findOverlaps, judge, type Look } from './overlap.ts';

/**
 * The judge: a process of its own, to which the workers tell every look at their leases. It hears nothing
 * from the director but that the play is over.
 */
class Judge {
  readonly #looks: Look[] = [];
  readonly #lines = new Set<Socket>();
  #malformedCount = 0;
  #isOver = false;
  #hasAccused = false;
  #hasRuled = false;

  hear(socket: Socket): void {
    this.#lines.add(socket);
    const lines = createInterface({ input: socket });
    // The end of a killed process may look like an error; what it said before counts all the same.
    for (const emitter of [socket, lines]) emitter.on('error', () => undefined);
    lines.on('line', (line) => this.#note(line));
    socket.once('close', () => {
      this.#lines.delete(socket);
      this.#ruleIfOver();
    });
  }

  /** Gives the verdict as soon as every line has been read to its end. */
  conclude(): void {
    this.#isOver = true;
    this.#ruleIfOver();
  }

  #note(line: string): void {
    const look = parseLook(line);
    if (look === undefined) {
      this.#malformedCount += 1;
      return;
    }
    this.#looks.push(look);
    if (look.isHeld && !this.#hasAccused) this.#accuseIfProven();
  }

  /** Ends a run that has failed already: only what no later report could excuse. */
  #accuseIfProven(): void {
    const [overlap] = findOverlaps(beliefsOf(this.#looks, 'proven'));
    if (overlap === undefined) return;
    this.#hasAccused = true;
    rule({ kind: 'violation', overlap });
  }

  #ruleIfOver(): void {
    if (!this.#isOver || this.#lines.size > 0 || this.#hasRuled) return;
    this.#hasRuled = true;
    rule({ kind: 'verdict', verdict: judge(this.#looks), malformedCount: this.#malformedCount });
  }
}

function rule(ruling: Ruling): void {
  // A director that is gone needs no ruling.
  process.send?.(ruling, undefined, undefined, () => undefined);
}

function parseLook(line: string): Look | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isLook(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLook(value: unknown): value is Look {
  if (typeof value !== 'object' || value === null) return false;
  const { worker, leaseId, atMs, isHeld, remainingMs }: Partial<Record<keyof Look, unknown>> = value;
  return (
    typeof worker === 'string' &&
    typeof leaseId === 'string' &&
    Number.isFinite(atMs) &&
    typeof isHeld === 'boolean' &&
    Number.isFinite(remainingMs)
  );
}

/** Judges until the director is gone. */
export function sitInJudgement(): Promise<never> {
  // A Ctrl-C reaches the whole group of processes; the judge ends with the director's channel.
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => undefined);
  const bench = new Judge();
  const server = createServer((socket) => bench.hear(socket));
  process.on('message', () => bench.conclude());
  process.once('disconnect', () => process.exit());
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object' && address !== null) rule({ kind: 'listening', port: address.port });
  });
  return new Promise(() => {});
}

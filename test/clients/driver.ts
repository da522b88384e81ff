import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Call, Outcome, Player } from './calls.ts';

/**
 * Starts a program that carries out calls: one line of JSON in, one line of JSON out, in turn, until its input ends.
 */
export function startDriver(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Player {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
  });
  // Looked at by every call; without one, a program that cannot be started is nobody's failure.
  failed.catch(() => {});
  return {
    play: async (call: Call): Promise<Outcome> => {
      child.stdin.write(`${JSON.stringify(call)}\n`);
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (done === true) throw new Error(`the driver ended; it complained: ${complaints}`);
      const outcome: Outcome & { readonly failure?: string } = JSON.parse(value);
      if (outcome.failure !== undefined) throw new Error(`${outcome.failure}\n${complaints}`);
      return outcome;
    },
    close: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}

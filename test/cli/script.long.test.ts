import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { putOnPath } from './command.ts';
import { LockStore, urlOf } from './lock-store.ts';
import { scratchFolder } from './scratch.ts';

/** Runs a plain bash script in a folder of its own. @returns what it prints, and the file `log` that it wrote. */
async function runScript(text: string): Promise<{ readonly stdout: string; readonly log: string[] }> {
  await using store = await LockStore.open();
  await using folder = await scratchFolder();
  const script = join(folder.path, 'script.sh');
  await writeFile(
    script,
    `#!/bin/bash\nset -u\ncd "$(dirname "$0")"\nLOCK=${urlOf('locks/script')}\n${text}`,
  );
  await writeFile(join(folder.path, 'log'), '');
  const env = { ...process.env, ...(await putOnPath(folder.path)), STORAGE_EMULATOR_HOST: store.server.url };
  const { stdout } = await promisify(execFile)('bash', [script], { env });
  return { stdout, log: (await readFile(join(folder.path, 'log'), 'utf8')).trimEnd().split('\n') };
}

describe('a plain bash script', () => {
  it.concurrent('starts two wrappers over and over, whose commands never meet', async () => {
    const { stdout, log } = await runScript(`
      # Whoever works writes two lines with a pause between, in which the other one would get in.
      job() { gcs-mutex run "$LOCK" -- bash -c 'echo "begin $0" >> log; sleep 0.1; echo "end $0" >> log' "$1"; }
      left() { for n in 1 2 3 4; do job "left $n" || echo "left failed with $?"; done; }
      right() { for n in 1 2 3 4; do job "right $n" || echo "right failed with $?"; done; }
      left 2>/dev/null & right 2>/dev/null &
      wait
    `);
    expect(stdout).toBe('');
    expect(log).toHaveLength(16);
    const names = log.filter((_line, index) => index % 2 === 0).map((line) => line.replace('begin ', ''));
    expect(log, 'each begin is followed by its own end').toEqual(
      names.flatMap((name) => [`begin ${name}`, `end ${name}`]),
    );
    expect(names.toSorted()).toEqual(
      ['left', 'right'].flatMap((side) => [1, 2, 3, 4].map((n) => `${side} ${n}`)),
    );
  });

  it.concurrent('learns by exit codes that somebody else is at work', async () => {
    const { stdout, log } = await runScript(`
      gcs-mutex run "$LOCK" -- bash -c 'echo begin >> log; until [ -e done ]; do sleep 0.05; done; echo end >> log' &
      until [ -s log ]; do sleep 0.05; done
      gcs-mutex run -n "$LOCK" -- touch ran 2>message; echo "with -n: $?"
      gcs-mutex run -w 200ms "$LOCK" -- touch ran 2>>message; echo "with -w: $?"
      gcs-mutex run -n -E 75 "$LOCK" -- touch ran 2>>message; echo "with -E 75: $?"
      gcs-mutex run -nq -E 0 "$LOCK" -- touch ran; echo "with -E 0: $?"
      if gcs-mutex status "$LOCK" >/dev/null; then echo 'at work'; fi
      ls ran 2>/dev/null; grep -c 'not acquired.*the command was not started' message
      gcs-mutex run -w 5m "$LOCK" -- bash -c 'echo mine >> log; exit 7' & waiting=$!
      touch done
      wait $waiting; echo "waited for: $?"
      gcs-mutex status "$LOCK" >/dev/null || echo "free: $?"
    `);
    expect(stdout.split('\n')).toEqual([
      'with -n: 124',
      'with -w: 124',
      'with -E 75: 75',
      'with -E 0: 0',
      'at work',
      '3',
      'waited for: 7',
      'free: 1',
      '',
    ]);
    expect(log).toEqual(['begin', 'end', 'mine']);
  });
});

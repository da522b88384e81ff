import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median, quantile } from './statistics.ts';

const RUNS = 21;

/** What is shipped, and not the files that it is made of. */
const INDEX = JSON.stringify(new URL('../bundle/index.js', import.meta.url).href);
const COMMAND = fileURLToPath(new URL('../bundle/cli.cjs', import.meta.url));

/** What a fresh process does, from its start to its end. */
interface Program {
  readonly name: string;
  /** The arguments of `node`. */
  readonly args: readonly string[];
}

const evaluate = (source: string): readonly string[] => ['--input-type=module', '--eval', source];

function programs(url: string): readonly Program[] {
  const endpoint = JSON.stringify(url);
  return [
    { name: 'node, doing nothing', args: evaluate('') },
    { name: 'import gcs-mutex', args: evaluate(`await import(${INDEX});`) },
    {
      name: 'gcs-mutex: acquire, release',
      args: evaluate(`const { GcsMutex } = await import(${INDEX});
        await new GcsMutex('bench', 'start-up', { apiEndpoint: ${endpoint} }).run(() => {});`),
    },
    {
      name: '@google-cloud/storage: save, delete',
      args: evaluate(`const { Storage } = await import('@google-cloud/storage');
        const storage = new Storage({ apiEndpoint: ${endpoint}, projectId: 'bench' });
        const file = storage.bucket('bench').file('start-up-official');
        await file.save('held', { resumable: false, validation: false, preconditionOpts: { ifGenerationMatch: 0 } });
        await file.delete();`),
    },
    { name: BARE_SCRIPT, args: evaluate(bareScript(url)) },
    { name: RUN, args: [COMMAND, 'run', 'gs://bench/start-up-command', '--', 'true'] },
  ];
}

const BARE_SCRIPT = 'google-auth-library: same, around true';
const RUN = 'gcs-mutex run -- true';

/** What somebody would write by hand: the same two requests around a program, and nothing that makes a lock of them. */
function bareScript(url: string): string {
  return `const { PassThroughClient } = await import('google-auth-library');
    const { spawn } = await import('node:child_process');
    const client = new PassThroughClient();
    const object = ${JSON.stringify(`${url}/storage/v1/b/bench/o/start-up-bare`)};
    const insert = ${JSON.stringify(`${url}/upload/storage/v1/b/bench/o?uploadType=media&name=start-up-bare&ifGenerationMatch=0`)};
    const { data } = await client.request({ url: insert, method: 'POST', data: 'held', headers: { 'content-type': 'text/plain' } });
    process.exitCode = await new Promise((resolve) => spawn('true', { stdio: 'inherit' }).once('exit', resolve));
    await client.request({ url: object + '?ifGenerationMatch=' + data.generation, method: 'DELETE' });`;
}

/** Times whole processes in turn, and tells each as what it adds to a bare `node`. */
export async function freshProcesses(url: string): Promise<void> {
  const all = programs(url);
  const times = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  for (let run = 0; run < RUNS; run += 1) {
    for (const { name, args } of all) times.get(name)?.push(await timeOf(args, url));
  }
  const medianOf = (name: string): number => median(times.get(name) ?? []);
  console.log(`A fresh process, start to end, ${RUNS} runs in turn`);
  const bare = medianOf(all[0]?.name ?? '');
  for (const { name } of all) {
    const ms = medianOf(name);
    console.log(
      `  ${name.padEnd(40)} median ${ms.toFixed(0)} ms  over bare node +${(ms - bare).toFixed(0)} ms`,
    );
  }
  // Those of one round are compared: a slow minute of the machine meets both.
  const ratios = times.get(RUN)?.map((ms, run) => ms / (times.get(BARE_SCRIPT)?.[run] ?? NaN)) ?? [];
  console.log(
    `  ${RUN} takes x ${median(ratios).toFixed(2)} of ${BARE_SCRIPT} (half of the rounds: ` +
      `${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)})`,
  );
}

async function timeOf(args: readonly string[], url: string): Promise<number> {
  const startedAt = performance.now();
  const env = { ...process.env, STORAGE_EMULATOR_HOST: url };
  const child = spawn(process.execPath, args, { stdio: 'inherit', env });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`a measured process ended with exit code ${String(code)}`);
  return performance.now() - startedAt;
}

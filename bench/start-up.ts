import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { median } from './statistics.ts';

const RUNS = 11;

const INDEX = JSON.stringify(new URL('../src/index.js', import.meta.url).href);

/** What a fresh process does, from its start to its end. */
function programs(url: string): readonly { readonly name: string; readonly source: string }[] {
  const endpoint = JSON.stringify(url);
  return [
    { name: 'node, doing nothing', source: '' },
    { name: 'import gcs-mutex', source: `await import(${INDEX});` },
    {
      name: 'gcs-mutex: acquire, release',
      source: `const { GcsMutex } = await import(${INDEX});
        await new GcsMutex('bench', 'start-up', { apiEndpoint: ${endpoint} }).run(() => {});`,
    },
    {
      name: '@google-cloud/storage: save, delete',
      source: `const { Storage } = await import('@google-cloud/storage');
        const storage = new Storage({ apiEndpoint: ${endpoint}, projectId: 'bench' });
        const file = storage.bucket('bench').file('start-up-official');
        await file.save('held', { resumable: false, validation: false, preconditionOpts: { ifGenerationMatch: 0 } });
        await file.delete();`,
    },
  ];
}

/** Times whole processes in turn, and tells each as what it adds to a bare `node`. */
export async function freshProcesses(url: string): Promise<void> {
  const all = programs(url);
  const times = all.map((): number[] => []);
  for (let run = 0; run < RUNS; run += 1) {
    for (const [index, { source }] of all.entries()) times[index]?.push(await timeOf(source));
  }
  console.log(`A fresh process, start to end, ${RUNS} runs in turn`);
  const bare = median(times[0] ?? []);
  for (const [index, { name }] of all.entries()) {
    const ms = median(times[index] ?? []);
    console.log(
      `  ${name.padEnd(34)} median ${ms.toFixed(0)} ms  over bare node +${(ms - bare).toFixed(0)} ms`,
    );
  }
}

async function timeOf(source: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`a measured process ended with exit code ${String(code)}`);
  return performance.now() - startedAt;
}

/**
 * Carries out calls with `@google-cloud/storage`, of the major version whose package is named.
 *
 * Run as `node dist/test/clients/node-driver.js PACKAGE URL BUCKET`.
 */
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Bucket, Storage } from '@google-cloud/storage';
import type { Call, Outcome } from './calls.ts';

const [name = '', apiEndpoint = '', bucketName = ''] = process.argv.slice(2);
const { Storage: Client } = (await import(name)) as { Storage: typeof Storage };
const bucket = new Client({ apiEndpoint, projectId: 'p' }).bucket(bucketName);

for await (const line of createInterface({ input: process.stdin })) {
  const outcome = await carryOut(bucket, JSON.parse(line) as Call).catch(failed);
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

async function carryOut(at: Bucket, call: Call): Promise<Outcome> {
  switch (call.op) {
    case 'create': {
      const metadata = { contentType: 'text/plain', metadata: call.metadata };
      await at
        .file(call.name)
        .save(call.text.repeat(call.repeat), { metadata, preconditionOpts: guardsOf(call) });
      return { status: 200 };
    }
    case 'describe': {
      const [object] = await at.file(call.name).getMetadata();
      return { status: 200, object: { ...object, size: String(object.size) } as Outcome['object'] & {} };
    }
    case 'read': {
      const { offset, length } = call;
      const range = {
        ...(offset === undefined ? {} : { start: offset }),
        ...(offset === undefined || length === undefined ? {} : { end: offset + length - 1 }),
      };
      const [body] = await at.file(call.name).download(range);
      return { status: 200, size: body.length, md5: createHash('md5').update(body).digest('hex') };
    }
    case 'patch':
      await at.file(call.name).setMetadata({ metadata: call.metadata }, guardsOf(call));
      return { status: 200 };
    case 'list': {
      const { prefix, delimiter } = call;
      const [files, , answer] = await at.getFiles({ prefix, delimiter, autoPaginate: false });
      const { prefixes = [] } = answer as { prefixes?: string[] };
      return { status: 200, names: files.map((file) => file.name), prefixes };
    }
    case 'delete':
      await at.file(call.name).delete(guardsOf(call));
      return { status: 200 };
    default:
      return call satisfies never;
  }
}

function guardsOf(call: { ifGenerationMatch?: string; ifMetagenerationMatch?: string }) {
  const { ifGenerationMatch, ifMetagenerationMatch } = call;
  return {
    ...(ifGenerationMatch === undefined ? {} : { ifGenerationMatch }),
    ...(ifMetagenerationMatch === undefined ? {} : { ifMetagenerationMatch }),
  };
}

function failed(error: Error & { code?: unknown; status?: unknown }): Outcome | { failure: string } {
  const status = Number(error.code ?? error.status);
  return status >= 300 ? { status } : { failure: error.stack ?? error.message };
}

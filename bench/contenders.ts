import { Agent, request } from 'node:http';
import { Storage } from '@google-cloud/storage';
import { GcsMutex } from '../src/index.ts';

/** One way to do the two requests of an uncontended lock: create an object if it is absent, then delete it. */
export interface Contender {
  readonly name: string;
  createAndDelete(): Promise<void>;
}

/** Ours first: the others are told as a ratio to it. */
export function contenders(url: string, bucket: string): readonly [Contender, ...Contender[]] {
  return [mutex(url, bucket), officialClient(url, bucket), bareHttp(url, bucket)];
}

function mutex(url: string, bucket: string): Contender {
  const lock = new GcsMutex(bucket, 'ours', { apiEndpoint: url, mutationIntervalMs: 0 });
  return {
    name: 'gcs-mutex: acquire, release',
    createAndDelete: async () => {
      const lease = await lock.acquire();
      await lease.release();
    },
  };
}

function officialClient(url: string, bucket: string): Contender {
  const storage = new Storage({ apiEndpoint: url, projectId: 'bench' });
  const file = storage.bucket(bucket).file('official');
  return {
    name: '@google-cloud/storage: save, delete',
    createAndDelete: async () => {
      await file.save('held', {
        resumable: false,
        validation: false,
        preconditionOpts: { ifGenerationMatch: 0 },
        metadata: { metadata: { holder: 'bench' } },
      });
      await file.delete({ ifGenerationMatch: String(file.metadata.generation) });
    },
  };
}

function bareHttp(url: string, bucket: string): Contender {
  const agent = new Agent({ keepAlive: true });
  const send = (method: string, path: string, body?: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'text/plain' };
      const call = request(url + path, { method, agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve(Buffer.concat(chunks).toString()));
        answer.on('error', reject);
      });
      call.on('error', reject);
      call.end(body);
    });
  return {
    name: 'bare node:http: POST, DELETE',
    createAndDelete: async () => {
      const upload = `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=bare&ifGenerationMatch=0`;
      const { generation }: { generation: string } = JSON.parse(await send('POST', upload, 'held'));
      await send('DELETE', `/storage/v1/b/${bucket}/o/bare?ifGenerationMatch=${generation}`);
    },
  };
}

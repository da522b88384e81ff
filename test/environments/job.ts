import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Order, Report } from './client.ts';
import { BUCKET, CERTIFICATE, type Google } from './google.ts';
import type { Kind } from './kinds.ts';
import { SUBJECT_TOKEN } from './token-endpoints.ts';

const CLIENT = fileURLToPath(new URL('../../dist/test/environments/client.js', import.meta.url));

/** The lock's object. */
export const NAME = 'locks/nightly';

/** A process in an environment as Google makes it, with one kind of credentials. */
export class Job implements AsyncDisposable {
  /** Everything that it printed: the library never prints. */
  output = '';
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#process = child;
    this.#folder = folder;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
  }

  /** @param authPackage - under which name the google-auth-library is installed that the process is to load. */
  static async start(google: Google, kind: Kind, authPackage: string): Promise<Job> {
    const folder = await mkdtemp(join(tmpdir(), 'gcs-mutex-job-'));
    const at = (name: string): string => join(folder, name);
    await writeFile(at('certificate.pem'), CERTIFICATE.cert);
    await writeFile(at('subject'), SUBJECT_TOKEN);
    const file = kind.file?.({ subjectFile: at('subject'), origin: google.origin });
    if (file !== undefined) await writeFile(at('credentials.json'), JSON.stringify(file));
    const env = {
      PATH: process.env['PATH'],
      // No credentials of the person who runs the tests.
      HOME: folder,
      CLOUDSDK_CONFIG: folder,
      NODE_EXTRA_CA_CERTS: at('certificate.pem'),
      ...google.env,
      ...(file === undefined ? {} : { GOOGLE_APPLICATION_CREDENTIALS: at('credentials.json') }),
    };
    const child = fork(CLIENT, [BUCKET, NAME], {
      env,
      execArgv: ['--import', loading(authPackage)],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new Job(child, folder);
  }

  /** Gives an order, and what came of it. */
  async order(order: Order): Promise<Report> {
    this.#process.send(order);
    const ended = once(this.#process, 'exit').then(() => {
      throw new Error(`the process ended; it printed: ${this.output}`);
    });
    const [report] = await Promise.race([once(this.#process, 'message'), ended]);
    ended.catch(() => {});
    return report as Report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    await rm(this.#folder, { recursive: true });
  }
}

/** A module that makes Node load the library of that name wherever google-auth-library is asked for. */
function loading(authPackage: string): string {
  const hooks = `export const resolve = (name, context, next) =>
    next(name === 'google-auth-library' ? ${JSON.stringify(authPackage)} : name, context);`;
  const asUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
  return asUrl(`import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks))});`);
}

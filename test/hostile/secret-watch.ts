import { generateKeyPairSync } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { JWT, OAuth2Client } from 'google-auth-library';
import { expect } from 'vitest';
import type { Emulator } from '../../emulator/index.ts';
import { EVENTS_CHANNEL } from '../../src/events.ts';
import type { AuthLike } from '../../src/gcs/types.ts';
import { Lease } from '../../src/lease.ts';
import type { GcsMutex } from '../../src/mutex.ts';
import { textsOf } from './texts.ts';

/** A token that no pattern of tokens knows: it is kept out of texts by never being put there. */
export const KNOWN_TOKEN = 'known-4f9d1c6e8b2a';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
/** One line of the key of {@link knownAuth}, as a text would show it. */
const KEY_LINE = privateKey.split('\n')[3] ?? '';

/** Credentials with secrets that are known: a bare token, or a service account that signs its own. */
export function knownAuth(kind: 'token' | 'service-account'): AuthLike {
  if (kind === 'token') {
    const client = new OAuth2Client();
    client.setCredentials({ access_token: KNOWN_TOKEN });
    return client;
  }
  const scopes = ['https://www.googleapis.com/auth/cloud-platform'];
  const client = new JWT({ email: 'lock@project.test', key: privateKey, scopes });
  client.useJWTAccessWithScope = true;
  return client;
}

/** What this process printed, warned of, or told the diagnostics channel since this module was loaded. */
const heard: unknown[] = [];
for (const stream of [process.stdout, process.stderr]) listenTo(stream, ['write']);
listenTo(console, ['debug', 'error', 'info', 'log', 'trace', 'warn']);
process.on('warning', (warning) => heard.push(warning));
subscribe(EVENTS_CHANNEL, (event) => heard.push(event));

function listenTo(target: object, methods: readonly string[]): void {
  for (const name of methods) {
    const method: unknown = Reflect.get(target, name);
    if (typeof method !== 'function') continue;
    Reflect.set(target, name, (...args: unknown[]): unknown => {
      heard.push(args[0]);
      return Reflect.apply(method, target, args);
    });
  }
}

/** Keeps everything that locks of a test's world give to their users, and finds secrets in it. */
export class SecretWatch {
  readonly #given: unknown[] = [];
  readonly #leases: Lease[] = [];

  /** The same mutex, whose results and rejections, and those of its leases, are kept. */
  watched(mutex: GcsMutex): GcsMutex {
    this.#watch(mutex, ['acquire', 'tryAcquire', 'run', 'tryRun', 'status', 'breakLock']);
    return mutex;
  }

  /** Fails where a token that the store was sent, or a known secret, is in anything but its own header. */
  expectNoSecrets(emulator: Emulator, events: readonly unknown[]): void {
    const secrets = new Set([KNOWN_TOKEN, KEY_LINE]);
    const sent: unknown[] = [];
    for (const { url, body, headers } of emulator.requests) {
      const { authorization, ...others } = headers;
      const token = authorization?.split(' ')[1];
      if (token !== undefined) secrets.add(token);
      sent.push(decodeURIComponent(url), Buffer.from(body).toString(), others);
    }
    const given = this.#given.filter((value) => !(value instanceof Lease));
    const losses = this.#leases.flatMap((lease): unknown[] => [lease.lossError, lease.signal.reason]);
    const texts = [sent, given, losses, events, heard.splice(0)].flatMap((each) => textsOf(each));
    for (const secret of secrets) {
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
        const showing = texts.filter((text) => text.includes(form)).map((text) => text.slice(0, 2_000));
        expect(showing, 'no token is shown anywhere').toEqual([]);
      }
    }
  }

  #note = (value: unknown): void => {
    this.#given.push(value);
    if (!(value instanceof Lease) || this.#leases.includes(value)) return;
    this.#leases.push(value);
    this.#watch(value, ['refresh', 'release']);
  };

  #watch(target: object, methods: readonly string[]): void {
    for (const name of methods) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') throw new TypeError(`no method ${name}`);
      const value = (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(method, target, args);
        void Promise.resolve(result).then(this.#note, this.#note);
        return result;
      };
      Object.defineProperty(target, name, { value, configurable: true, writable: true });
    }
  }
}

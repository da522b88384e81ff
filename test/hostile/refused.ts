import { expect } from 'vitest';
import type { Transport } from '../../src/gcs/transport.ts';
import { GcsMutex } from '../../src/mutex.ts';

/** The arguments of a mutex, of any kind. */
interface Given {
  readonly bucket?: unknown;
  readonly name?: unknown;
  readonly options?: unknown;
}

/** Makes a mutex of anything, with good arguments for those that are left out. */
export function make({ bucket = 'bucket', name = 'name', options }: Given, transport: Transport): GcsMutex {
  const isPlain =
    options === undefined || (typeof options === 'object' && options !== null && !Array.isArray(options));
  const given = isPlain ? { apiEndpoint: 'http://127.0.0.1:4443', ...options } : options;
  return Reflect.construct(GcsMutex, [bucket, name, given, { transport }]);
}

/**
 * The error with which arguments are refused, before any I/O. It has the code of all wrong arguments, and a
 * message of one line that names what is wrong, the rule and the value.
 */
export function refusalOf(given: Given, argument: string): Error {
  let requestCount = 0;
  const transport = (): Promise<never> => {
    requestCount += 1;
    return Promise.reject(new Error('nobody may call this'));
  };
  let refusal: unknown;
  try {
    make(given, transport);
  } catch (error) {
    refusal = error;
  }
  expect(requestCount).toBe(0);
  if (!(refusal instanceof TypeError) && !(refusal instanceof RangeError)) {
    throw new Error(`not refused: ${String(refusal)}`);
  }
  expect(refusal).toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    message: expect.stringMatching(/^.+ must be .+, got .+$/),
  });
  expect(refusal.message.startsWith(argument), refusal.message).toBe(true);
  return refusal;
}

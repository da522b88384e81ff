import { ApiError, invalid } from '../errors.ts';

/** The longest object name, in bytes of UTF-8. */
const OBJECT_NAME_MAX_BYTES = 1024;

/**
 * Refuses a name that an object may not have ("Object naming requirements" in Google's documentation): 1 to
 * 1024 bytes of UTF-8, no carriage return or line feed, not `.` or `..`, not below
 * `.well-known/acme-challenge/`.
 */
export function checkObjectName(name: string): void {
  if (name === '') throw new ApiError(400, 'Required', { reason: 'required' });
  const bytes = Buffer.byteLength(name);
  if (bytes > OBJECT_NAME_MAX_BYTES) {
    throw invalid(
      `The maximum object length is ${OBJECT_NAME_MAX_BYTES} characters, but got a name with ${bytes} characters: '${name.slice(0, 32)}...'`,
    );
  }
  if (/[\r\n\p{Surrogate}]/u.test(name)) {
    throw invalid(`Disallowed unicode characters present in object name '${name}'`);
  }
  if (name === '.' || name === '..' || name.startsWith('.well-known/acme-challenge/')) {
    throw invalid(`Invalid object name: '${name}'`);
  }
}

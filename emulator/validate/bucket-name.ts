import { invalid } from '../errors.ts';

/**
 * Refuses a name that a bucket may not have ("Bucket naming requirements" in Google's documentation): 3 to 63
 * lower-case letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit; up to 222 with
 * dots, each part at most 63; no IP address, no `goog` in front, no `google` or look-alike within.
 */
export function checkBucketName(name: string): void {
  if (!isBucketName(name)) throw invalid(`Invalid bucket name: '${name}'`);
}

/** Whether a bucket may have this name. */
export function isBucketName(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9._-]*[a-z0-9]$/.test(name)) return false;
  if (name.length < 3 || name.length > (name.includes('.') ? 222 : 63)) return false;
  if (name.split('.').some((part) => part.length === 0 || part.length > 63)) return false;
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name)) return false;
  return !name.startsWith('goog') && !/g[o0][o0]gle/.test(name);
}

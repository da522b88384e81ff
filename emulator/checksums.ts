import { createHash } from 'node:crypto';

/** The reflected CRC-32C polynomial (RFC 4960, appendix B). */
const POLYNOMIAL = 0x82_f6_3b_78;

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  }
  return value;
});

/** CRC-32C in base64 of the big-endian word, as an object's `crc32c` has it. */
export function crc32c(bytes: Uint8Array): string {
  let sum = 0xff_ff_ff_ff;
  for (const byte of bytes) sum = (TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
  const word = Buffer.alloc(4);
  word.writeUInt32BE((sum ^ 0xff_ff_ff_ff) >>> 0);
  return word.toString('base64');
}

/** MD5 in base64, as an object's `md5Hash` has it. */
export function md5Hash(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64');
}

import { randomBytes, randomUUID } from 'node:crypto';

/** Where chance comes from. */
export interface Random {
  /** A number in [0, 1), for jitter. */
  draw(): number;
  /** A new lease id: 128 random bits as 32 hexadecimal digits. */
  leaseId(): string;
  /** A new random UUID, for idempotency tokens. */
  uuid(): string;
}

/** The system's source: cryptographic for ids, `Math.random` for jitter. */
export const systemRandom: Random = {
  draw: () => Math.random(),
  leaseId: () => randomBytes(16).toString('hex'),
  uuid: () => randomUUID(),
};

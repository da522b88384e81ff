export { ManualClock, ManualMachine, rest } from './manual-clock.ts';
export type { ImaginedProcess } from './imagined-process.ts';
export { createMemoryBucket, type MemoryBucket } from './memory-bucket.ts';
export { seededRandom } from './seeded-random.ts';

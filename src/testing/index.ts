export { ManualClock, ManualMachine, rest } from './manual-clock.ts';
export { createMemoryBucket, type ImaginedProcess, type MemoryBucket } from './memory-bucket.ts';
export { seededRandom } from './seeded-random.ts';

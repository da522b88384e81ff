/** Tests that send nothing through the clients that a lock may be given, and why. */
interface Apart {
  readonly file: string;
  /** How their full names begin; left out: all tests of the file, which is left out of the projects. */
  readonly tests?: readonly string[];
  readonly why: string;
}

/**
 * What the projects of other clients leave out. `test/through/setup.ts` fails each other test that sends nothing
 * through the client of its project, and each of these that does.
 */
export const APART: readonly Apart[] = [
  { file: 'test/faults/matrix/table.test.ts', why: 'the table is data' },
  { file: 'test/faults/unhurried-clock.test.ts', why: 'a clock by itself' },
  { file: 'test/faults/matrix/kin/cells.test.ts', why: 'what is built on the lock sends as the lock does' },
  {
    file: 'test/regressions/removed-while-its-holder-slept.test.ts',
    why: 'a pool, on the bucket in memory',
  },
  {
    file: 'test/regressions/silence-while-others-are-listed.test.ts',
    why: 'a semaphore and a pool, on the bucket in memory',
  },
  {
    file: 'test/regressions/permit-kept-by-a-doubled-create.test.ts',
    why: 'a semaphore, on the bucket in memory',
  },
  {
    file: 'test/regressions/cleaned-while-acquired.test.ts',
    why: 'a semaphore and a pool, on the bucket in memory',
  },
  {
    file: 'test/regressions/release-that-sleeps-to-its-end.test.ts',
    why: 'a semaphore, on the bucket in memory',
  },
  {
    file: 'test/regressions/more-permits-than-were-written.test.ts',
    why: 'a rate limiter, on the bucket in memory',
  },
  {
    file: 'test/regressions/overtaken-in-the-line-for-permits.test.ts',
    why: 'a rate limiter, on the bucket in memory',
  },
  {
    file: 'test/faults/row-46-any-point.test.ts',
    why: 'counts turns of the event loop, which HTTP does not keep',
  },
  {
    file: 'test/faults/mutation-rule.test.ts',
    why: 'the rate is the store’s; what clients see of it is row 17',
  },
  {
    file: 'test/mutex/call-options.test.ts',
    why: 'wrong options of calls are refused before there is any request',
  },
  { file: 'test/regressions/frozen-clocks.test.ts', why: 'the reducer alone' },
  { file: 'test/mutex/options.test.ts', why: 'wrong options are refused before there is any client' },
  { file: 'test/mutex/holder.test.ts', why: 'the label is made of the environment alone' },
  { file: 'test/mutex/manual-clock.test.ts', why: 'the driven clock has no store' },
  { file: 'test/mutex/import.test.ts', why: 'starts processes of its own, which load the built package' },
  {
    file: 'test/faults/rows-39-40.test.ts',
    why: 'a world for each of hundreds of clocks; the clients see nothing of them',
  },
  {
    file: 'test/regressions/listener-left-with-each-refresh.test.ts',
    why: 'the default transport, in real time',
  },
  { file: 'test/regressions/abort-before-the-first-write.test.ts', why: 'a client of its own, which aborts' },
  { file: 'test/mutex/errors.test.ts', tests: ['every error'], why: 'errors are made by hand' },
  { file: 'test/mutex/memory.test.ts', tests: ['the memory of'], why: 'a memory is data' },
  {
    file: 'test/mutex/status.test.ts',
    tests: [
      'GcsMutex.fromUrl > makes',
      'GcsMutex.fromUrl > refuses',
      "a lock's name > may not",
      'a bucket > may not',
    ],
    why: 'wrong names are refused before any request',
  },
  {
    file: 'test/mutex/acquire.test.ts',
    tests: ['acquire > rejects wrong options'],
    why: 'before any request',
  },
  {
    file: 'test/mutex/run.test.ts',
    tests: ['run > takes no lock for what is not'],
    why: 'before any request',
  },
  {
    file: 'test/faults/row-46-calls.test.ts',
    tests: ['an abort > row 46: before the call'],
    why: 'sends nothing',
  },
  {
    file: 'test/bucket.test.ts',
    tests: [''],
    why: 'makes its own Buckets, and lets the mutex pick its transport',
  },
];

/** Whether a test is known to send nothing through the client of its project. */
export function staysApart(file: string, name: string): boolean {
  return APART.some((apart) => apart.file === file && apart.tests?.some((start) => name.startsWith(start)));
}

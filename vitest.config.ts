import { defineConfig } from 'vitest/config';
import { APART } from './test/through/apart.ts';
import type { Through } from './test/through/way.ts';

/** The tests of what a lock promises, which run through the clients that it may be given as well. */
const PROMISES = [
  'test/mutex/**/*.test.ts',
  'test/faults/**/*.test.ts',
  'test/regressions/**/*.test.ts',
  'test/driver.test.ts',
  'test/bucket.test.ts',
];

const STORAGE_8 = 'google-cloud-storage-8';
const NEWER = { '@google-cloud/storage': STORAGE_8, 'google-auth-library': 'google-auth-library-11' };

/** A project whose locks reach their stores in another way. */
function throughClient(name: string, through: Through, alias: Record<string, string> = {}) {
  return {
    extends: true,
    resolve: { alias },
    test: {
      name,
      include: PROMISES,
      exclude: [
        'test/**/*.long.test.ts',
        ...APART.filter(({ tests }) => tests === undefined).map(({ file }) => file),
      ],
      setupFiles: ['test/through/setup.ts'],
      provide: { through },
    },
  } as const;
}

export default defineConfig({
  // Node 20 cannot parse `await using`; compile it away as the shipped build does.
  oxc: { target: 'es2022' },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'tests', include: ['test/**/*.test.ts'], exclude: ['test/**/*.long.test.ts'] },
      },
      {
        extends: true,
        // Other people's programs, packages to install, processes by the dozen: minutes, so not for every change.
        test: {
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        extends: true,
        // The credentials of environments once more, with the newer google-auth-library.
        test: {
          name: 'environments-11',
          include: ['test/environments/*.long.test.ts'],
          provide: { authPackage: 'google-auth-library-11' },
        },
      },
      throughClient('bucket-7', {
        way: 'bucket',
        storagePackage: '@google-cloud/storage',
        userAgent: 'google-api-nodejs-client/9.',
        missesBrokenAnswers: true,
      }),
      throughClient('auth-10', {
        way: 'auth',
        storagePackage: '@google-cloud/storage',
        userAgent: 'google-api-nodejs-client/10.',
      }),
      throughClient(
        'bucket-8',
        { way: 'bucket', storagePackage: STORAGE_8, userAgent: 'google-api-nodejs-client/11.' },
        NEWER,
      ),
      throughClient(
        'auth-11',
        { way: 'auth', storagePackage: STORAGE_8, userAgent: 'google-api-nodejs-client/11.' },
        NEWER,
      ),
    ],
    globalSetup: ['test/servers/global-setup.ts'],
    // For what hangs: whatever a machine with much else to do needs for a test that takes seconds must not end it.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Half of the tests wait for other processes: two files at a time fit on two cores.
    maxWorkers: 2,
    // The files share their worker's modules: loading them anew for each of 90 files took half of the time.
    isolate: false,
    retry: 0,
    allowOnly: false,
  },
});

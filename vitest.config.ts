import { defineConfig } from 'vitest/config';

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
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
    globalSetup: ['test/servers/global-setup.ts'],
    // A test that needs longer starts processes and says so itself.
    testTimeout: 10_000,
    // Half of the tests wait for other processes: two files at a time fit on two cores.
    maxWorkers: 2,
    // The files share their worker's modules: loading them anew for each of 90 files took half of the time.
    isolate: false,
    retry: 0,
    allowOnly: false,
  },
});

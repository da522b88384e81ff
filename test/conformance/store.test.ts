import { afterAll, beforeAll, describe } from 'vitest';
import { createEmulator, type EmulatorServer, startEmulator } from '../../emulator/index.ts';
import { describeOn } from '../servers/describe-on.ts';
import { ABOVE_THE_LIMIT, UNDER_RETENTION, WITH_COPIES } from './claims/bucket-settings.ts';
import { environmentTarget, HOW_TO_NAME_A_BUCKET } from './environment.ts';
import { claimTests, conformanceSuite } from './suite.ts';
import { inProcess, overHttp } from './targets.ts';

describe('on the embedded emulator, without a port', () => {
  const target = inProcess(createEmulator());
  conformanceSuite({}, () => target);
});

describe('on the embedded emulator, over HTTP', () => {
  let server: EmulatorServer;
  beforeAll(async () => {
    // Generations without any order, so that no claim can lean on one.
    server = await startEmulator({ generationOrder: 'random' });
  });
  afterAll(() => server.close());
  conformanceSuite({}, () => overHttp(server.url));
});

for (const server of ['gcsemulator', 'fake-gcs-server'] as const) {
  describeOn(server, (url) => conformanceSuite({ server }, () => overHttp(url)));
}

const environment = environmentTarget(process.env);
if (environment === undefined) process.stderr.write(`${HOW_TO_NAME_A_BUCKET}\n`);
else {
  const { hasCredentials } = environment;
  describe('on the bucket that the environment names', { timeout: 120_000 }, () => {
    conformanceSuite({ isShared: true, ...(hasCredentials && { hasCredentials }) }, () => environment);
  });
}

/** What only the embedded emulator can be set to: nobody sets it on a bucket that is somebody's. */
describe('on the embedded emulator, as a bucket or the service may be set', () => {
  const retaining = inProcess(createEmulator(), { retentionPeriodS: 3_600 });
  claimTests(UNDER_RETENTION, () => retaining);

  const copying = inProcess(createEmulator(), { versioning: true, softDeleteS: 604_800 });
  claimTests(WITH_COPIES, () => copying);

  const limited = inProcess(createEmulator({ mutationsPerSecond: 1, clock: () => Date.UTC(2030, 0, 1) }));
  claimTests(ABOVE_THE_LIMIT, () => limited);
});

import { startEmulator } from '../emulator/index.ts';

/** As Google, one write a second to an object; or as many as come. */
const ration = process.argv.includes('--rationed') ? { mutationsPerSecond: 1, mutationBurst: 1 } : {};
const server = await startEmulator({ buckets: ['bench'], requestLogLimit: 1, ...ration });
process.send?.(server.url);

import { startEmulator } from '../emulator/index.ts';

const server = await startEmulator({ buckets: ['bench'], requestLogLimit: 1 });
process.send?.(server.url);

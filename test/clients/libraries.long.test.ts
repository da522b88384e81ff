import { describeClient, LIBRARIES } from './tools.ts';

for (const client of LIBRARIES) describeClient(client);

import { describeClient, GCLOUD } from './tools.ts';

describeClient(GCLOUD);

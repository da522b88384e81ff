import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { defaultHolder } from '../../src/holder.ts';

const HERE = `${hostname()} pid ${process.pid}`;

describe('the default label of a holder', () => {
  it.each([
    [
      'a Cloud Run job',
      {
        CLOUD_RUN_JOB: 'nightly',
        CLOUD_RUN_EXECUTION: 'nightly-x7k',
        CLOUD_RUN_TASK_INDEX: '3',
        CLOUD_RUN_TASK_ATTEMPT: '0',
      },
      'Cloud Run job nightly, execution nightly-x7k, task 3, attempt 0',
    ],
    [
      'a Cloud Run job of an incomplete environment',
      { CLOUD_RUN_JOB: 'nightly' },
      'Cloud Run job nightly, execution ?, task ?, attempt ?',
    ],
    [
      'a Cloud Run service',
      { K_SERVICE: 'api', K_REVISION: 'api-00042-abc' },
      `Cloud Run service api, revision api-00042-abc, ${HERE}`,
    ],
    [
      'a GitHub run',
      { GITHUB_RUN_ID: '99', GITHUB_RUN_ATTEMPT: '2', GITHUB_REPOSITORY: 'some/thing' },
      'GitHub run 99, attempt 2, some/thing',
    ],
    [
      'a pod',
      { KUBERNETES_SERVICE_HOST: '10.0.0.1', POD_NAME: 'worker-5' },
      `Kubernetes pod worker-5 pid ${process.pid}`,
    ],
    ['a pod without its name', { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, `Kubernetes pod ${HERE}`],
    ['any other machine', {}, HERE],
    ['a machine with empty variables', { CLOUD_RUN_JOB: '', K_SERVICE: '', GITHUB_RUN_ID: '' }, HERE],
  ])('tells of %s', (_where, environment, label) => {
    expect(defaultHolder(environment)).toBe(label);
  });

  it('is always one that the store and a terminal take: short, printable ASCII', () => {
    const label = defaultHolder({ CLOUD_RUN_JOB: `jöb\n${'x'.repeat(500)}` });
    expect(label).toMatch(/^[\u0020-\u007e]{256}$/);
    expect(label.startsWith('Cloud Run job j?b?xxx')).toBe(true);
  });
});

import { hostname } from 'node:os';
import { MAX_HOLDER_LENGTH } from './protocol/record.ts';

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A label that tells people where a holder runs. It is never compared, so it need not be unique.
 *
 * Sources: Cloud Run's container contract (https://docs.cloud.google.com/run/docs/container-contract),
 * GitHub's default variables, and the variables that Kubernetes sets in every container.
 */
export function defaultHolder(environment: Environment): string {
  return label(environment)
    .replaceAll(/[^\u0020-\u007e]/g, '?')
    .slice(0, MAX_HOLDER_LENGTH);
}

function label(environment: Environment): string {
  const { CLOUD_RUN_JOB: job, K_SERVICE: service, GITHUB_RUN_ID: run } = environment;
  const process_ = `${hostname()} pid ${process.pid}`;
  if (job) {
    const execution = environment['CLOUD_RUN_EXECUTION'] ?? '?';
    const task = environment['CLOUD_RUN_TASK_INDEX'] ?? '?';
    const attempt = environment['CLOUD_RUN_TASK_ATTEMPT'] ?? '?';
    return `Cloud Run job ${job}, execution ${execution}, task ${task}, attempt ${attempt}`;
  }
  if (service) {
    return `Cloud Run service ${service}, revision ${environment['K_REVISION'] ?? '?'}, ${process_}`;
  }
  if (run) {
    const repository = environment['GITHUB_REPOSITORY'] ?? '?';
    return `GitHub run ${run}, attempt ${environment['GITHUB_RUN_ATTEMPT'] ?? '?'}, ${repository}`;
  }
  if (environment['KUBERNETES_SERVICE_HOST']) {
    // In a pod the host name is the pod's name.
    return `Kubernetes pod ${environment['POD_NAME'] ?? hostname()} pid ${process.pid}`;
  }
  return process_;
}

import type { Answer } from '../objects.ts';

/** Whether a write was carried out. */
export function isSuccess({ status }: Answer): boolean {
  return status === 200 || status === 204;
}

/** Whether an answer says, in Google's error body, that a version is gone. */
export function isGone({ status, error }: Answer): boolean {
  return [404, 412].includes(status) && error.code === status;
}

/**
 * Now, in milliseconds from an arbitrary origin that every process of this machine shares.
 *
 * `process.hrtime` reads the system's monotonic clock, so that two processes can compare what it gave them;
 * `performance.now` starts at zero in each of them, and the wall clock may be set while the demo runs.
 */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

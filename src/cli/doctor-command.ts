import { randomBytes } from 'node:crypto';
import { type Connection, connect } from '../connection.ts';
import { createStore } from '../gcs/json-api.ts';
import { folderFromUrl, type LockFolder } from '../lock-name.ts';
import { withTimeLimit } from '../time-limit.ts';
import { type ConnectionOptions, connectionOptions } from './connection.ts';
import { BUCKET_FIELDS, settingsFindings } from './doctor/bucket-settings.ts';
import { figuresOf } from './doctor/figures.ts';
import { type Finding, fine, unknown, warning } from './doctor/finding.ts';
import { identityFinding } from './doctor/identity.ts';
import { listFinding, nameFindings } from './doctor/names.ts';
import { Probe } from './doctor/probe.ts';
import { tellReport } from './doctor/report.ts';
import { scopeFindings } from './doctor/scope.ts';
import { Interruption } from './interruption.ts';
import { Notes } from './notes.ts';
import { placeOf } from './place.ts';
import { print, printJson } from './print.ts';

export interface DoctorOptions extends ConnectionOptions {
  readonly json?: boolean;
}

const WRITE_PAUSE_MS = 1_100;
/** From here on tokens and signatures begin to be refused. */
const WORRYING_CLOCK_MS = 60_000;

/**
 * Looks at everything that a lock needs of a bucket, by doing it.
 *
 * It works below the library's public names, since it does what no lock would do: requests that must be refused.
 *
 * @returns what the process ends with: 0 fine, 1 warnings, 2 unfit.
 */
export async function doctorCommand(url: string, options: DoctorOptions): Promise<number> {
  const folder = folderFromUrl(url);
  const connection = connect(folder.bucket, connectionOptions(options), {});
  using interruption = new Interruption();
  const { signal } = interruption;
  const notes = new Notes({ json: options.json });
  await notes.prepareLive();
  notes.live(`looking at ${url}; that takes a quarter of a minute on Google`);
  const name = `${folder.prefix}gcs-mutex-doctor-${randomBytes(6).toString('hex')}`;
  const probe = probeOf(folder.bucket, name, connection, signal);
  try {
    const { endpoint } = connection;
    const identity = await identityFinding(endpoint, connection.settings.requestTimeoutMs);
    const isReachable = await probe.run();
    const list = isReachable ? [await listFinding(folder, connection, signal)] : [];
    const names =
      isReachable && folder.prefix !== '' ? await nameFindings(placeOf(nameOf(url), options), signal) : [];
    const settings = isReachable ? await bucketFindings(folder, connection, signal) : [];
    const scope = scopeFindings(endpoint.sendsCredentials, probe.findings);
    const findings = [
      identity,
      ...scope,
      ...probe.findings,
      ...list,
      ...names,
      ...clockFindings(probe),
      ...settings,
    ];
    const figures = probe.times.writes.length > 0 ? figuresOf(probe.times) : undefined;
    notes.endLive();
    if (options.json === true) printJson({ url, findings, figures });
    else print(tellReport(findings, figures, process.stdout));
    return exitCodeOf(findings);
  } catch (error) {
    if (!signal.aborted) throw error;
    return interruption.exitCode;
  } finally {
    notes.endLive();
    if (probe.mayBeLeft) warnOfObject(notes, `gs://${folder.bucket}/${name}`);
  }
}

function warnOfObject(notes: Notes, object: string): void {
  notes.warn(`the object of the probe may be left: ${object}`, { event: 'probe-left', object });
}

/** The URL as that of something with a name: a slash at its end is that of a folder. */
function nameOf(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}

function probeOf(
  bucket: string,
  name: string,
  { endpoint, parts, settings, userProject }: Connection,
  signal: AbortSignal,
): Probe {
  const store = createStore({ endpoint, bucket, name, userProject }, parts.transport);
  const writePauseMs = endpoint.isEmulator ? 0 : WRITE_PAUSE_MS;
  return new Probe({ store, signal, requestTimeoutMs: settings.requestTimeoutMs, writePauseMs });
}

async function bucketFindings(
  folder: LockFolder,
  { endpoint, parts, settings, userProject }: Connection,
  signal: AbortSignal,
): Promise<Finding[]> {
  const payer = userProject === undefined ? '' : `&userProject=${encodeURIComponent(userProject)}`;
  const url = `${endpoint.origin}/storage/v1/b/${encodeURIComponent(folder.bucket)}?projection=noAcl&fields=${encodeURIComponent(BUCKET_FIELDS)}${payer}`;
  const request = { method: 'GET', url, headers: {}, maxBodyBytes: 1_000_000 } as const;
  try {
    const answer = await withTimeLimit({ clock: parts.clock, settings }, signal, (limit) =>
      parts.transport(request, limit),
    );
    if (answer.status !== 200) return notTold(`HTTP ${answer.status}`);
    return settingsFindings(JSON.parse(answer.body), folder.prefix, userProject !== undefined);
  } catch (error) {
    signal.throwIfAborted();
    return notTold(error instanceof Error ? error.message : 'no answer');
  }
}

function notTold(why: string): Finding[] {
  const remedy =
    'grant storage.buckets.get (roles/storage.bucketViewer), or let somebody run this who has it';
  return [unknown("the bucket's settings", `could not be read: ${why}`, remedy)];
}

/** No client's clock decides about a lock; one that is far off makes trouble with tokens all the same. */
function clockFindings({ serverMinusLocalMs }: Probe): Finding[] {
  if (serverMinusLocalMs === undefined) return [];
  const apartMs = Math.abs(serverMinusLocalMs);
  const told =
    apartMs < 1_000
      ? 'agrees with the store to a second'
      : `${Math.round(apartMs / 1_000)} s ${serverMinusLocalMs > 0 ? 'behind' : 'ahead of'} the store`;
  if (apartMs < WORRYING_CLOCK_MS) return [fine('clock here', told)];
  return [
    warning('clock here', told, 'set the clock (NTP): locks do not need it, but tokens may be refused'),
  ];
}

function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ verdict }) => verdict === 'unfit')) return 2;
  return findings.some(({ verdict }) => verdict !== 'fine') ? 1 : 0;
}

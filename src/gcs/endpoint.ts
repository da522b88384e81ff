import { wrongType } from './invalid-argument.ts';
import type { BucketLike } from './types.ts';

/** Where requests go, and whether they carry credentials. */
export interface Endpoint {
  /** Scheme, host and port, without a trailing slash. */
  readonly origin: string;
  /** Whether this is an emulator or a server for tests, where shorter times are allowed. */
  readonly isEmulator: boolean;
  /** Whether an access token is sent along. */
  readonly sendsCredentials: boolean;
  /**
   * Whether the origin is Google's default one, to be replaced by that of the credentials' universe domain,
   * which is known on the first request only.
   */
  readonly followsUniverse: boolean;
  /** The universe domain that the environment names. */
  readonly universeDomain?: string;
}

/** What {@link resolveEndpoint} looks at. */
export interface EndpointSources {
  /** The option `apiEndpoint`; wins over all others. */
  readonly apiEndpoint?: string | undefined;
  /** A `Bucket` of `@google-cloud/storage`; wins over the environment, which its client has read. */
  readonly bucket?: BucketLike | undefined;
  /** Whether the option `auth` was given. */
  readonly hasAuth?: boolean;
  /** The environment's variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Google's own endpoint, in the default universe. */
export const GOOGLE_ORIGIN = 'https://storage.googleapis.com';

/**
 * Decides where requests go and whether they carry credentials. Does no I/O.
 *
 * A token is sent to Google and to whatever `https` endpoint was asked for by name, never to an emulator
 * that the environment names, and over plain http only to a loopback host, and only where `auth` or
 * `useAuthWithCustomEndpoint` asks for it.
 *
 * @throws TypeError where an endpoint is not an http(s) origin, or a token would travel in the clear.
 */
export function resolveEndpoint(sources: EndpointSources): Endpoint {
  const { apiEndpoint, bucket, env, hasAuth = false } = sources;
  if (apiEndpoint !== undefined) {
    const url = parseOrigin('apiEndpoint', apiEndpoint, 'https');
    return endpointAt('apiEndpoint', url, hasAuth || !looksLikeEmulator(url));
  }
  const emulatorHost = env['STORAGE_EMULATOR_HOST'];
  if (bucket !== undefined && bucket.storage.apiEndpoint !== withHttps(emulatorHost)) {
    return endpointOf(bucket, hasAuth);
  }
  if (emulatorHost !== undefined && emulatorHost !== '') {
    const url = parseOrigin('STORAGE_EMULATOR_HOST', emulatorHost, 'http');
    return { origin: url.origin, isEmulator: true, sendsCredentials: false, followsUniverse: false };
  }
  return googleEndpoint(hasAuth ? undefined : env['GOOGLE_CLOUD_UNIVERSE_DOMAIN']);
}

/** Whether a host, as `URL.hostname` spells it, is this machine itself. */
export function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname) ||
    // An IPv4 address mapped into IPv6, as URL normalises it: 7f00 to 7fff is 127.
    /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(hostname)
  );
}

/** Whether a token may travel to this URL: over TLS, or without leaving the machine. */
export function mayCarryToken(url: URL): boolean {
  return url.protocol === 'https:' || isLoopbackHost(url.hostname);
}

/** Whether a string can be a universe domain, so that nothing else gets into a URL that a token goes to. */
export function isUniverseDomain(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,8}$/.test(value);
}

function googleEndpoint(universeDomain: string | undefined): Endpoint {
  const base = { isEmulator: false, sendsCredentials: true };
  if (universeDomain === undefined || universeDomain === '') {
    return { ...base, origin: GOOGLE_ORIGIN, followsUniverse: true };
  }
  if (!isUniverseDomain(universeDomain)) {
    throw wrongType('GOOGLE_CLOUD_UNIVERSE_DOMAIN', universeDomain, 'a domain name');
  }
  return { ...base, origin: `https://storage.${universeDomain}`, followsUniverse: false, universeDomain };
}

function endpointOf(bucket: BucketLike, hasAuth: boolean): Endpoint {
  const { apiEndpoint, customEndpoint, useAuthWithCustomEndpoint } = bucket.storage;
  const url = parseOrigin('bucket.storage.apiEndpoint', apiEndpoint, 'https');
  const sendsCredentials = hasAuth || customEndpoint !== true || useAuthWithCustomEndpoint === true;
  return endpointAt('bucket.storage.apiEndpoint', url, sendsCredentials);
}

function endpointAt(option: string, url: URL, sendsCredentials: boolean): Endpoint {
  if (sendsCredentials && !mayCarryToken(url)) {
    throw wrongType(option, url.origin, 'https where credentials are sent (or http on a loopback host)');
  }
  return { origin: url.origin, isEmulator: looksLikeEmulator(url), sendsCredentials, followsUniverse: false };
}

/**
 * What the client of a `Bucket` makes of an emulator's host without a scheme: https, where every other
 * client reads http. Such a bucket is taken to mean what the variable says.
 */
function withHttps(emulatorHost: string | undefined): string | undefined {
  if (emulatorHost === undefined || emulatorHost.includes('://')) return undefined;
  return `https://${emulatorHost.replace(/\/+$/, '')}`;
}

function looksLikeEmulator(url: URL): boolean {
  return url.protocol === 'http:' || isLoopbackHost(url.hostname);
}

/** Reads every spelling that the Google clients accept: without a scheme, with `/`, with `/storage/v1`. */
function parseOrigin(option: string, value: unknown, defaultScheme: 'http' | 'https'): URL {
  if (typeof value !== 'string') throw wrongType(option, value, ORIGIN_RULE);
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(value);
  const text = hasScheme ? value : `${defaultScheme}://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin =
    url !== undefined &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '' &&
    /^\/*(storage\/v1\/*)?$/.test(url.pathname);
  if (!isOrigin) throw wrongType(option, withoutUserInfo(value), ORIGIN_RULE);
  return url;
}

const ORIGIN_RULE = 'an http or https origin such as "http://localhost:4443"';

/** The value for an error's message, without a password that somebody put into the URL, wherever it ends. */
function withoutUserInfo(value: string): string {
  return value.replace(/.*@/s, '***@');
}

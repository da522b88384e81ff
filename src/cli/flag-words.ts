import { exactDuration } from './duration.ts';

/** How the library names a setting, and how the command line does. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['ttlMs', '--ttl'],
  ['refreshIntervalMs', '--refresh-interval'],
  ['marginMs', '--margin'],
  ['clockSkewMs', '--clock-skew'],
  ['takeover', '--takeover'],
  ['requestTimeoutMs', '--request-timeout'],
  ['maxHoldMs', '--max-hold'],
  ['timeoutMs', '--wait'],
  ['holder', '--holder'],
  ['metadata', '--metadata'],
  ['apiEndpoint', '--api-endpoint'],
  ['userProject', '--user-project'],
  ['permits', '--take'],
  ['resources', '--resources'],
  ['only', '--only'],
  // All of a pool, once others were added.
  ['names', 'with --add, the resources'],
  ['limit', '--limit'],
  ['windowMs', '--limit, its duration,'],
  ['count', '--count'],
  ['payload', '--payload'],
]);

/** What was given, in quotes, and URLs: there any word may stand. */
const GIVEN = /("(?:[^"\\]|\\.)*"|gs:\/\/\S+)/;

/** Says what is wrong with an argument of the library as the user of the command line knows it. */
export function withFlags(message: string): string {
  return withDurations(message)
    .replace(/^((?:a name in|a key of) )?(\w+)/, (_all, before = '', name) => `${before}${flagOf(name)}`)
    .split(GIVEN)
    .map((part, index) => (index % 2 === 1 ? part : withFlagsWithin(part)))
    .join('');
}

/** Behind its beginning, a sentence has some of the settings' names as words of its own. */
function withFlagsWithin(part: string): string {
  return part.replaceAll(/\b[a-z]+[A-Z]\w*/g, flagOf).replace(' the limit, ', ' the --limit, ');
}

function flagOf(name: string): string {
  return FLAGS.get(name) ?? name;
}

/** A sentence about a setting of milliseconds has no other numbers in it, but percentages. */
function withDurations(message: string): string {
  if (!/^\w+Ms /.test(message)) return message;
  return message
    .replace(' a whole number ', ' ')
    .replace(' milliseconds', '')
    .replaceAll(/\b\d+(?:\.\d+)?\b(?! %)/g, (ms) => exactDuration(Math.round(Number(ms))));
}

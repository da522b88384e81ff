import type { Millis } from '../protocol/timing.ts';

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

const IMF_FIXDATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/**
 * Reads a time of the JSON API (RFC 3339, years 1970 to 9999), or gives undefined.
 *
 * Digits finer than a millisecond are rounded up, so that no record looks older than it is. `Date.parse`
 * is not used: it takes much that is not RFC 3339, and reads some of it in the local zone.
 */
export function parseRfc3339(value: unknown): Millis | undefined {
  const match = typeof value === 'string' ? RFC_3339.exec(value) : null;
  if (match === null) return undefined;
  const [, year, month, day, hours, minutes, seconds, fraction = '', sign, offsetHours, offsetMinutes] =
    match;
  const base = utc(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hours),
    Number(minutes),
    Number(seconds),
  );
  const millis = Math.ceil(Number(fraction.padEnd(9, '0')) / 1e6);
  const offset = offsetMs(sign, Number(offsetHours ?? 0), Number(offsetMinutes ?? 0));
  return inRange(base + millis - offset);
}

/** Reads a `Date` header in the one form that servers may send (IMF-fixdate), or gives undefined. */
export function parseHttpDate(value: string | null): Millis | undefined {
  const match = IMF_FIXDATE.exec(String(value));
  if (match === null) return undefined;
  const [, dayName, day, monthName, year, hours, minutes, seconds] = match;
  const month = MONTHS.indexOf(String(monthName));
  const time = utc(Number(year), month, Number(day), Number(hours), Number(minutes), Number(seconds));
  if (DAYS[new Date(time).getUTCDay()] !== dayName) return undefined;
  return inRange(time);
}

/**
 * NaN where a part is out of its range: `Date.UTC` alone would carry it over to the next. Hours that are, as months and
 * days, show by another date.
 */
function utc(
  year: number,
  month: number,
  day: number,
  hours: number,
  minutes: number,
  seconds: number,
): Millis {
  // Years below 100 would be of the twentieth century.
  if (year < 1970 || minutes > 59 || seconds > 59) return NaN;
  const date = new Date(Date.UTC(year, month, day, hours, minutes, seconds));
  return date.getUTCMonth() === month && date.getUTCDate() === day ? date.getTime() : NaN;
}

/** NaN where a part is out of its range. */
function offsetMs(sign: string | undefined, hours: number, minutes: number): Millis {
  if (hours > 23 || minutes > 59) return NaN;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function inRange(time: Millis): Millis | undefined {
  return time >= 0 && time <= Date.UTC(9999, 11, 31, 23, 59, 59, 999) ? time : undefined;
}

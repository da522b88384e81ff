/** The `code` of the TypeErrors and RangeErrors that wrong arguments get, always before any I/O. */
const CODE = 'ERR_INVALID_ARGUMENT';

/** Shows a value in a message: short, and without running any of its code. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  if (typeof value === 'function') return 'a function';
  return String(value);
}

/** An argument of the wrong type. `rule` completes the sentence "NAME must be …". */
export function wrongType(name: string, value: unknown, rule: string): TypeError {
  return Object.assign(new TypeError(`${name} must be ${rule}, got ${show(value)}`), { code: CODE });
}

/** An argument out of its bounds. `rule` completes the sentence "NAME must be …". */
export function outOfRange(name: string, value: unknown, rule: string, withWhat = ''): RangeError {
  return Object.assign(new RangeError(`${name} must be ${rule}, got ${show(value)}${withWhat}`), {
    code: CODE,
  });
}

/** An option that does not exist: most likely a misspelt one, which must not be ignored in silence. */
export function unknownOption(name: string, known: readonly string[]): TypeError {
  return Object.assign(new TypeError(`unknown option ${show(name)}; known are ${known.join(', ')}`), {
    code: CODE,
  });
}

/** A value of TLA+ as TLC prints it: sets are arrays, records and functions are objects. */
export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** Reads one value of TLC's output. */
export function parseValue(text: string): Value {
  const tokens = text.match(/"[^"]*"|\|->|:>|@@|<<|>>|[[\]{}(),]|-?\w+/g) ?? [];
  let next = 0;
  const take = (): string => tokens[next++] ?? '';
  const peek = (): string => tokens[next] ?? '';
  const until = (close: string): Value[] => {
    const values: Value[] = [];
    while (peek() !== close && peek() !== '') {
      values.push(value());
      if (peek() === ',') take();
    }
    take();
    return values;
  };
  const pairs = (close: string, separator: string): Value => {
    const found: [string, Value][] = [];
    while (peek() !== close && peek() !== '') {
      const key = take();
      take();
      found.push([key, value()]);
      if (peek() === separator) take();
    }
    take();
    return Object.fromEntries(found);
  };
  const value = (): Value => {
    const token = take();
    if (token === '{') return until('}');
    if (token === '<<') return until('>>');
    if (token === '[') return pairs(']', ',');
    if (token === '(') return pairs(')', '@@');
    if (token.startsWith('"')) return token.slice(1, -1);
    if (token === 'TRUE' || token === 'FALSE') return token === 'TRUE';
    return /^-?\d+$/.test(token) ? Number(token) : token;
  };
  return value();
}

/** A value on one line, in few characters. */
export function formatValue(value: Value): string {
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `{${value.map(formatValue).join(', ')}}`;
  const { k, c, g = '', m = '', n = '', cur, w } = value;
  if (k !== undefined && c !== undefined) {
    const words = [cur === true ? 'present' : 'of an ended acquisition', ...(w === true ? ['awaited'] : [])];
    const numbers = `g ${formatValue(g)}, m ${formatValue(m)}, n ${formatValue(n)}`;
    return `${formatValue(k)} of ${formatValue(c)} (${numbers}), ${words.join(', ')}`;
  }
  return `(${Object.entries(value)
    .map(([key, part]) => `${key} ${formatValue(part)}`)
    .join(', ')})`;
}

/** What changed from one value to another, a line for each part that did. */
export function changesOf(path: string, before: Value | undefined, after: Value): string[] {
  if (before === undefined || typeof before !== 'object' || typeof after !== 'object') {
    return before === after
      ? []
      : [`${path}: ${before === undefined ? '' : `${formatValue(before)} -> `}${formatValue(after)}`];
  }
  if (isList(after)) {
    const [was, is] = [isList(before) ? before.map(formatValue) : [], after.map(formatValue)];
    return [
      ...was.filter((element) => !is.includes(element)).map((element) => `${path}: less ${element}`),
      ...is.filter((element) => !was.includes(element)).map((element) => `${path}: more ${element}`),
    ];
  }
  return Object.entries(after).flatMap(([key, part]) =>
    changesOf(`${path}.${key}`, isList(before) ? undefined : before[key], part),
  );
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

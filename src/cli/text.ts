/** What draws on a terminal, or turns around what stands beside it, or ends a line for some. */
const DRAWING = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Shows control characters, which legal names may have, instead of letting them draw on a terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(DRAWING, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${hexOf(code, 2)}` : `\\u${hexOf(code, 4)}`;
  });
}

/** How many characters of a value a sentence repeats: enough for the path of a file. */
const MOST_OF_A_VALUE = 200;

/** Cuts a value that is shown only so that it is known which one is meant. */
export function cutValue(value: string): string {
  return value.length > MOST_OF_A_VALUE ? `${value.slice(0, MOST_OF_A_VALUE)}…` : value;
}

/**
 * Cuts what a sentence repeats of a command line, which may be of any length; but for URLs, by which it says what it is
 * about, and whose length is checked.
 */
export function cutWords(sentence: string, commandLine: readonly string[]): string {
  const values = commandLine
    .filter((word) => !word.startsWith('gs://'))
    // As they are, and as the values of --flag=value and of -fvalue.
    .flatMap((word) => [word, word.slice(word.indexOf('=') + 1), word.slice(2)])
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)])
    .filter((value) => value.length > MOST_OF_A_VALUE)
    .toSorted((one, other) => other.length - one.length);
  return values.reduce((text, value) => text.replaceAll(value, cutValue), sentence);
}

/** A value for programs, as one line of JSON, which may be looked at on a terminal as well. */
export function jsonLine(value: unknown): string {
  // JSON leaves some of them as they are; outside of its strings there are none.
  const text = JSON.stringify(value);
  return `${text.replaceAll(DRAWING, (character) => `\\u${hexOf(character.charCodeAt(0), 4)}`)}\n`;
}

function hexOf(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** What draws on a terminal, or turns around what stands beside it, or ends a line for some. */
const DRAWING = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Shows control characters, which legal names may have, instead of letting them draw on a terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(DRAWING, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${hexOf(code, 2)}` : `\\u${hexOf(code, 4)}`;
  });
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

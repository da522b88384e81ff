/**
 * Any text as printable ASCII, which is all that custom metadata takes: other characters, and the percent sign that
 * marks them, as their bytes of UTF-8.
 *
 * @param text - well-formed Unicode.
 */
export function encodeText(text: string): string {
  return text.replaceAll(/[^ -~]|%/gu, (character) => encodeURIComponent(character));
}

/** What `encodeText` made of a text; undefined where it made no such thing. */
export function decodeText(encoded: string): string | undefined {
  try {
    const text = decodeURIComponent(encoded);
    return encodeText(text) === encoded ? text : undefined;
  } catch {
    return undefined;
  }
}

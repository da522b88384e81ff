import { ApiError } from './errors.ts';

/** The two parts of a `multipart/related` upload. */
export interface RelatedParts {
  /** The first part's text, which must be JSON. */
  readonly metadata: string;
  /** The second part's own `Content-Type`, if it has one. */
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/**
 * Splits a `multipart/related` body (RFC 2387) into its metadata and its media.
 *
 * @param contentType - the request's `Content-Type`, which names the boundary.
 * @throws ApiError 400 when the body does not have exactly two parts.
 */
export function splitRelated(contentType: string, bytes: Uint8Array): RelatedParts {
  const boundary = /;\s*boundary=(?:"([^"]+)"|'([^']+)'|([^\s;]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2] ?? boundary?.[3];
  if (mark === undefined || !/^multipart\/related\b/i.test(contentType)) throw malformed();
  // Latin-1 maps bytes to characters one to one, so offsets in the text are offsets in the bytes.
  const text = Buffer.from(bytes).toString('latin1');
  const lineEnd = lineEndOf(text, mark);
  const pieces = `${lineEnd}${text}`.split(`${lineEnd}--${mark}`);
  // Before the first delimiter there is nothing, after the last one only its closing dashes.
  const last = pieces.at(-1);
  if (pieces.length !== 4 || !last?.startsWith('--')) throw malformed();
  const [metadata, media] = [readPart(pieces[1], lineEnd), readPart(pieces[2], lineEnd)];
  return {
    metadata: Buffer.from(metadata.content, 'latin1').toString('utf8'),
    contentType: media.headers.get('content-type'),
    body: Uint8Array.from(Buffer.from(media.content, 'latin1')),
  };
}

type LineEnd = '\r\n' | '\n';

/**
 * How the lines of a body end: in CR LF, or in a bare LF throughout, as `gcloud` writes them, which quotes its
 * boundary with apostrophes too (seen with Google Cloud SDK 528). The first delimiter decides, so that a CR at the
 * end of the media stays part of it.
 */
function lineEndOf(text: string, mark: string): LineEnd {
  const first = text.indexOf(`--${mark}`) + mark.length + 2;
  return /^[ \t]*\n/.test(text.slice(first, first + 100)) ? '\n' : '\r\n';
}

const PART: Readonly<Record<LineEnd, RegExp>> = {
  '\r\n': /^[ \t]*\r\n((?:[^\r\n]+\r\n)*)\r\n([\s\S]*)$/,
  '\n': /^[ \t]*\n((?:[^\r\n]+\n)*)\n([\s\S]*)$/,
};

function readPart(
  piece: string | undefined,
  lineEnd: LineEnd,
): { headers: Map<string, string>; content: string } {
  // The rest of a delimiter's line may hold blanks; then headers, an empty line, and the content.
  const found = piece === undefined ? null : PART[lineEnd].exec(piece);
  if (found === null) throw malformed();
  const headers = new Map<string, string>();
  for (const line of (found[1] ?? '').split(lineEnd)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, content: found[2] ?? '' };
}

function malformed(): ApiError {
  return new ApiError(400, 'Malformed multipart body.', { reason: 'badRequest' });
}

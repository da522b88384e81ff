import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, md5Hash } from '../../emulator/checksums.ts';
import { splitRelated } from '../../emulator/multipart.ts';
import { related } from './client.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const TYPE = 'multipart/related; boundary=mark';

describe('a multipart upload', () => {
  it('is split into its metadata, its media and the type of its media', () => {
    const parts = splitRelated(TYPE, bytes(related('{"name":"ü"}', 'line\r\nline')));
    expect(parts).toEqual({
      metadata: '{"name":"ü"}',
      contentType: 'text/plain',
      body: bytes('line\r\nline'),
    });
  });

  it('carries any bytes unchanged', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (media) => {
        const [head, tail] = related('{}', '@').split('@');
        const whole = Buffer.concat([bytes(head ?? ''), media, bytes(tail ?? '')]);
        expect(Buffer.from(splitRelated(TYPE, whole).body).equals(media)).toBe(true);
      }),
    );
  });

  it('may quote its boundary, and put blanks and text around its delimiters', () => {
    const text = `preamble\r\n${related('{}', 'x').replaceAll('--mark\r\n', '--mark \t\r\n')}epilogue`;
    expect(splitRelated('multipart/related; boundary="mark"', bytes(text)).body).toEqual(bytes('x'));
  });

  it('may end its lines in a bare LF, and quote its boundary with apostrophes, as gcloud does', () => {
    const text = related('{"name":"x"}', 'line\r\nline\r')
      .replaceAll('\r\n', '\n')
      .replace('line\n', 'line\r\n');
    expect(splitRelated("multipart/related; boundary='mark'", bytes(text))).toEqual({
      metadata: '{"name":"x"}',
      contentType: 'text/plain',
      body: bytes('line\r\nline\r'),
    });
  });

  it('may have a part without headers', () => {
    const text = '--mark\r\n\r\n{}\r\n--mark\r\n\r\nx\r\n--mark--';
    expect(splitRelated(TYPE, bytes(text))).toEqual({
      metadata: '{}',
      contentType: undefined,
      body: bytes('x'),
    });
  });

  it.each([
    ['no boundary in its type', 'multipart/related', related('{}', 'x')],
    ['another type', 'multipart/mixed; boundary=mark', related('{}', 'x')],
    ['another boundary', 'multipart/related; boundary=other', related('{}', 'x')],
    ['one part', TYPE, '--mark\r\n\r\n{}\r\n--mark--'],
    ['three parts', TYPE, '--mark\r\n\r\n{}\r\n--mark\r\n\r\nx\r\n--mark\r\n\r\ny\r\n--mark--'],
    ['no closing delimiter', TYPE, '--mark\r\n\r\n{}\r\n--mark\r\n\r\nx'],
    ['a part that is nothing but headers', TYPE, '--mark\r\nA: b\r\n--mark\r\n\r\nx\r\n--mark--'],
    ['nothing in it', TYPE, ''],
    ['line ends of both kinds', TYPE, related('{}', 'x').replace('\r\n', '\n')],
  ])('with %s is malformed', (_what, type, text) => {
    expect(() => splitRelated(type, bytes(text))).toThrow('Malformed multipart body.');
  });
});

describe('checksums', () => {
  it('agree with published vectors', () => {
    // RFC 3720, appendix B.4: 32 zero bytes, 32 bytes of ones, 0 to 31.
    expect(Buffer.from(crc32c(new Uint8Array(32)), 'base64').toString('hex')).toBe('8a9136aa');
    expect(Buffer.from(crc32c(new Uint8Array(32).fill(255)), 'base64').toString('hex')).toBe('62a8ab43');
    expect(Buffer.from(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 'base64').toString('hex')).toBe(
      '46dd794e',
    );
    expect(crc32c(bytes(''))).toBe('AAAAAA==');
    // RFC 1321, appendix A.5.
    expect(Buffer.from(md5Hash(bytes('abc')), 'base64').toString('hex')).toBe(
      '900150983cd24fb0d6963f7d28e17f72',
    );
  });
});

import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { expect, it } from 'vitest';
import { LiveLine } from '../../src/cli/live-line.ts';

/** A terminal of so many columns, and all that was written to it. */
function terminal(columns: number): { readonly stream: WriteStream; readonly written: () => string } {
  const stream: WriteStream = Object.assign(Object.create(WriteStream.prototype), new PassThrough(), {
    columns,
  });
  let text = '';
  stream.write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  return { stream, written: () => text };
}

it('draws over itself, leaves room for the ^C that a terminal shows, and goes away', () => {
  const { stream, written } = terminal(20);
  const line = new LiveLine(stream);
  line.draw('x'.repeat(30));
  expect(written()).toBe(`${'x'.repeat(16)}…`);
  line.draw('short');
  line.end();
  line.end();
  expect(written().replaceAll(/\p{Cc}\[/gu, '<')).toBe(`${'x'.repeat(16)}…<1G<2Kshort<1G<2K`);
});

/** A stream that may be a terminal. */
type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>;

/**
 * Whether a stream is a terminal on which something can be drawn over and over: not one that says itself that it cannot
 * move its cursor, and not one without a size, as `ssh -tt` and `script` without a terminal make them, where all would
 * be cut to nothing.
 */
export function canDraw({ isTTY, columns }: Stream): boolean {
  return isTTY && columns > 0 && process.env['TERM'] !== 'dumb';
}

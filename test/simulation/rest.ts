let turn: Promise<void> | undefined;

/**
 * Lets everything come to rest that needs no I/O: one turn of the event loop, which all worlds that are being
 * played at the moment share. A turn for each would take most of their time.
 */
export function rest(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}

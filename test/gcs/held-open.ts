import type { Socket } from 'node:net';

/** Whether a connection keeps the process alive: Node says so of its handle only. */
export function keepsProcessAlive(socket: Socket): boolean {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) throw new Error('the connection is closed');
  const hasRef: unknown = Reflect.get(handle, 'hasRef');
  if (typeof hasRef !== 'function') throw new Error('this Node does not say what keeps it alive');
  return Reflect.apply(hasRef, handle, []) === true;
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { COMMAND } from '../cli/command.ts';

it('a judge takes the reset connection of a killed worker for its end', async () => {
  const judge = fork(COMMAND, ['demo-judge']);
  const ended = once(judge, 'exit');
  const hear = async (): Promise<unknown> => (await Promise.race([once(judge, 'message'), ended]))[0];
  const listening = await hear();
  expect(listening).toMatchObject({ kind: 'listening' });
  const port = Number(typeof listening === 'object' && listening !== null && Reflect.get(listening, 'port'));
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  // Two who hold the lock at once: what the judge says of that tells that it is listening to this line.
  const looks = [
    ['anna', 1],
    ['ben', 2],
    ['anna', 3],
    ['ben', 4],
  ].map(([worker, atMs]) => ({ worker, leaseId: String(worker), atMs, isHeld: true, remainingMs: 9 }));
  socket.write(looks.map((look) => `${JSON.stringify(look)}\n`).join(''));
  expect(await hear()).toMatchObject({ kind: 'violation' });
  socket.resetAndDestroy();
  judge.send('the play is over');
  expect(await hear()).toMatchObject({ kind: 'verdict', verdict: { lookCount: 4 } });
  judge.disconnect();
  expect(await ended).toEqual([0, null]);
});

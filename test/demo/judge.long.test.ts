import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { COMMAND } from '../cli/command.ts';

it('a judge takes the reset connection of a killed worker for its end', { timeout: 20_000 }, async () => {
  const judge = fork(COMMAND, ['demo-judge']);
  const ended = once(judge, 'exit');
  const hear = async (): Promise<unknown> => (await Promise.race([once(judge, 'message'), ended]))[0];
  const listening = await hear();
  expect(listening).toMatchObject({ kind: 'listening' });
  const port = Number(typeof listening === 'object' && listening !== null && Reflect.get(listening, 'port'));
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  await new Promise((resolve) => void socket.write('{"half a line', resolve));
  socket.resetAndDestroy();
  judge.send('the play is over');
  expect(await hear()).toMatchObject({ kind: 'verdict' });
  judge.disconnect();
  expect(await ended).toEqual([0, null]);
});

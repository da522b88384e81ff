import { expect, it } from 'vitest';
import { mutate } from '../simulation/planted/build.ts';
import { DIST } from './dist.ts';
import { LEAKS } from './leaks.ts';

it.each(LEAKS)('the planted leak still has a place in the code: $name', (leak) => {
  expect([...mutate(leak, DIST).values()].join('\n')).toContain(leak.instead);
});

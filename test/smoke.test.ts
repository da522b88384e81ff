import { expect, it } from 'vitest';
it('runs', async () => {
  const log: string[] = [];
  {
    await using x = {
      async [Symbol.asyncDispose]() {
        log.push('d');
      },
    };
    void x;
  }
  expect(log).toEqual(['d']);
});

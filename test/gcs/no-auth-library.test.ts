import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.doUnmock('google-auth-library');
  vi.resetModules();
});

it('a package that was left out of a bundle is named, and not taken for missing credentials', async () => {
  vi.doMock('google-auth-library', () => {
    throw new Error("Cannot find package 'google-auth-library'");
  });
  vi.resetModules();
  const { GcsMutex } = await import('../../src/index.ts');
  for (const apiEndpoint of [undefined, 'http://127.0.0.1:9']) {
    const mutex = new GcsMutex('some-bucket', 'a', apiEndpoint === undefined ? {} : { apiEndpoint });
    await expect(mutex.status()).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining('google-auth-library could not be loaded'),
    });
  }
});

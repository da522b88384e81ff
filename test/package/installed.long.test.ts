import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUTH_LIBRARIES, describeInstalled, installed, nodeBinary, NODES } from './installing.ts';
import { loadedNames, ROOT, run, SUBPATHS, valueNames } from './packing.ts';

/** What the consumer `main.ts` prints. */
const OUTCOME = 'held once, released true: acquired waiting released\n';

/**
 * node-domexception, which google-auth-library brings by way of gaxios and node-fetch, is deprecated in favour of
 * what Node has built in. Nothing that we could leave out.
 */
const KNOWN_DEPRECATIONS: ReadonlySet<string> = new Set(['node_modules/node-domexception']);

const ESBUILD = 'esbuild@0.28.2';

/** google-auth-library is CommonJS and calls `require`, which an ES module has not. */
const REQUIRE_IN_A_MODULE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

await describeInstalled('the packed package, installed in a project of its user', (workshop) => {
  const projects = { older: '', newer: '' };
  beforeAll(async () => {
    for (const age of ['older', 'newer'] as const) {
      projects[age] = await workshop.install(age, [AUTH_LIBRARIES[age]]);
      await copyFile(join(ROOT, 'dist/test/package/consumer/main.js'), join(projects[age], 'main.js'));
    }
  });

  describe.each(['older', 'newer'] as const)('with the %s google-auth-library', (age) => {
    it('brings the packages in production-packages.txt, of which none runs a script', async () => {
      const packages = await installed(projects[age]);
      const places = Object.keys(packages).toSorted();
      const hint = 'If this change is meant: npx vitest run --project long test/package/installed -u';
      await expect(`${places.join('\n')}\n`, hint).toMatchFileSnapshot('production-packages.txt');
      expect(places.filter((place) => packages[place]?.hasInstallScript)).toEqual([]);
      const deprecated = places.filter((place) => packages[place]?.deprecated !== undefined);
      expect(deprecated.filter((place) => !KNOWN_DEPRECATIONS.has(place))).toEqual([]);
    });
  });

  describe.each(NODES)('on Node %s', (version) => {
    // As npm chooses: google-auth-library 11 wants Node 22.
    const age = version.startsWith('20.') ? 'older' : 'newer';
    let node: string;
    beforeAll(async () => {
      node = await nodeBinary(version);
    });

    it.each(['import', 'require'] as const)('gives its names by %s, without a warning', async (system) => {
      const names = await loadedNames(node, projects[age], system);
      for (const subpath of SUBPATHS) expect(names[subpath], subpath).toEqual(await valueNames(subpath));
    });

    it('holds and releases a lock by import', async () => {
      expect(await run(node, ['main.js'], { cwd: projects[age] })).toEqual({ stdout: OUTCOME, stderr: '' });
    });

    it('holds and releases a lock by require', async () => {
      const source = `
        const { GcsMutex } = require('gcs-mutex');
        const { startEmulator } = require('gcs-mutex/emulator');
        const { version } = require('gcs-mutex/package.json');
        startEmulator({ buckets: ['my-bucket'] }).then(async (server) => {
          const mutex = new GcsMutex('my-bucket', 'locks/a', { apiEndpoint: server.url });
          console.log(process.version, await mutex.run((lease) => lease.isHeld), await mutex.status());
          await server.close();
        });`;
      const answer = await run(node, ['--input-type=commonjs', '--eval', source], { cwd: projects[age] });
      expect(answer).toEqual({ stdout: `v${version} true undefined\n`, stderr: '' });
    });
  });

  describe('bundled by esbuild', () => {
    let esbuild: string;
    beforeAll(async () => {
      esbuild = join(await workshop.installTools([ESBUILD]), 'node_modules/.bin/esbuild');
    });

    it.each([
      ['an ES module', 'esm', 'beside google-auth-library', ['--external:google-auth-library']],
      ['an ES module', 'esm', 'around google-auth-library', [`--banner:js=${REQUIRE_IN_A_MODULE}`]],
      ['a CommonJS file', 'cjs', 'beside google-auth-library', ['--external:google-auth-library']],
      ['a CommonJS file', 'cjs', 'around google-auth-library', []],
    ])('holds a lock as %s (%s) %s', async (_form, format, _place, options) => {
      for (const project of Object.values(projects)) {
        const bundle = join(project, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
        const how = ['--bundle', '--platform=node', '--target=node20', '--log-level=warning'];
        const built = await run(
          esbuild,
          ['main.js', ...how, `--format=${format}`, `--outfile=${bundle}`, ...options],
          { cwd: project },
        );
        expect(built.stderr).toBe('');
        // google-auth-library 11 in a bundle needs nothing of Node 22 as long as it only passes requests on.
        expect(await run(process.execPath, [bundle])).toEqual({ stdout: OUTCOME, stderr: '' });
      }
    });
  });
});

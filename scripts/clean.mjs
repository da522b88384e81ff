// Removes what the build wrote, so that no file of an earlier tree is tested, linted or packed.
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });

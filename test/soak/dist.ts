import { fileURLToPath } from 'node:url';

/** The compiled project, whether this file is compiled or not: what is soaked is what ships. */
export const DIST = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/' : '../../', import.meta.url),
);

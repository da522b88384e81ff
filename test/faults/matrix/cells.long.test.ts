import { playOverHttp } from '../rows.ts';
import { WHOLE_CELLS } from './cells.ts';

// `npm test` plays two of the variants of a cell over HTTP, those that need no long wait, and all on a manual clock.
playOverHttp('over HTTP, each variant of each fault', WHOLE_CELLS);

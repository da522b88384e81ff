import { playRows } from '../../rows.ts';
import { KIN_CELLS } from './cells.ts';

// `npm test` plays one variant of each cell of the rows that can hurt most.
playRows(KIN_CELLS);

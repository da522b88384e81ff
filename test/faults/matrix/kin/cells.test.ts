import { playRows } from '../../rows.ts';
import { WORST_KIN_CELLS } from './cells.ts';

playRows(WORST_KIN_CELLS);

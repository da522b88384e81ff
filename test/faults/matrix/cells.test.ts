import { playRows } from '../rows.ts';
import { CELLS } from './cells.ts';

playRows(CELLS);

import type { Survivor } from './report.ts';

/** A survivor, and in one sentence why no test can tell it from the code. */
export interface Explained extends Survivor {
  readonly why: string;
}

/** The rows of a page whose first cell is a file of ours, in backticks: file, code, what it becomes, why. */
export function readExplained(page: string): Explained[] {
  return page
    .split('\n')
    .filter((line) => /^\| `src\/[^`]*` \| `/.test(line))
    .map((line) => {
      const cells = line.split(/(?<!\\)\|/).slice(1, -1);
      const [file = '', code = '', becomes = '', why = ''] = cells.map((cell) => cell.trim());
      return { file: unquoted(file), code: unquoted(code), becomes: unquoted(becomes), why };
    });
}

/** A survivor as such a row, to be completed. */
export function formatRow({ file, code, becomes }: Survivor): string {
  return `| ${[file, code, becomes].map(quoted).join(' | ')} |  |`;
}

/** Two backticks where the code has one, and no bare pipe, which would end the cell. */
function quoted(code: string): string {
  const marks = code.includes('`') ? '``' : '`';
  const space = marks.length > 1 ? ' ' : '';
  return marks + space + code.replaceAll('|', '\\|') + space + marks;
}

function unquoted(cell: string): string {
  const code = cell.startsWith('``') ? cell.slice(2, -2).trim() : cell.slice(1, -1);
  return code.replaceAll('\\|', '|');
}

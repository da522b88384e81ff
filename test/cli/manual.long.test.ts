import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { isInstalled, reportMissing } from './terminal.ts';

const PAGE = fileURLToPath(new URL('../../dist/gcs-mutex.1', import.meta.url));
/** What marked-man does at the beginning of every section, and how it writes a date: neither shows. */
const HARMLESS = /WARNING: (skipping paragraph macro: PP after S[HS]|cannot parse date, using it verbatim)/;

/** How it prints what is bold: the character, a step back, and the character again. */
const BOLD = /.[\b]/g;

async function mandoc(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('mandoc', [...args, PAGE]).catch((error: unknown) => {
    // It ends with another code than 0 where it has anything to say.
    if (error instanceof Error && 'stdout' in error) return { stdout: String(error.stdout) };
    throw error;
  });
  return stdout;
}

const canRead = isInstalled('mandoc');
if (!canRead) reportMissing('mandoc', 'nobody reads the manual page');

describe.skipIf(!canRead)('the manual page', () => {
  it('is read without an error, or a warning that matters', async () => {
    const lines = (await mandoc('-T', 'lint', '-W', 'warning')).trimEnd().split('\n');
    expect(lines.filter((line) => line !== '' && !HARMLESS.test(line))).toEqual([]);
  });

  it('says of each command what its help says', async () => {
    const page = (await mandoc('-T', 'utf8', '-O', 'width=1000')).replaceAll(BOLD, '');
    const program = createProgram({ version: '', command: undefined, onExitCode: () => {} });
    const help = program.createHelp();
    for (const command of help.visibleCommands(program).filter((each) => each.name() !== 'help')) {
      const [, section = ''] = page.split(`\n   gcs-mutex ${command.name()} `);
      expect(section).toContain(command.description());
      for (const option of help.visibleOptions(command)) {
        expect(section).toContain(`${option.flags.replaceAll(/[<>]/g, '')}:\n`);
        expect(section).toContain(help.optionDescription(option));
      }
    }
    expect(page).toContain('gcs-mutex permits [options] <url> [n]');
    expect(page).toContain('126  the command cannot be executed');
    expect(page).not.toContain('demo-worker');
  });
});

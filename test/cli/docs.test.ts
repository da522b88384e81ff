import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

const UPDATE = 'If this change is meant: npx vitest run test/cli/docs.test.ts -u';

const INVOCATION = { version: '0.0.0', command: undefined, onExitCode: () => {} };

function programOfDocs(): Command {
  return createProgram(INVOCATION);
}

/** Those that are for people. */
function visibleCommands(program: Command): Command[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
}

/** What `--help` prints, on a terminal of a certain width. */
function helpOf(command: Command, columns: number): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => columns,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

describe('the help', () => {
  it('is what docs/cli.md says', async () => {
    const program = programOfDocs();
    const sections = visibleCommands(program).map(
      (command) => `## ${command.name()}\n\n\`\`\`text\n${helpOf(command, 100)}\`\`\`\n`,
    );
    const page = [
      '# The command `gcs-mutex`\n',
      '<!-- Made of the help texts: npx vitest run test/cli/docs.test.ts -u -->\n',
      'What `gcs-mutex COMMAND --help` says. [Running commands](running-commands.md) tells what happens to signals, process groups and',
      'a command whose lock is lost, and has recipes.\n',
      `\`\`\`text\n${helpOf(program, 100)}\`\`\`\n`,
      ...sections,
    ].join('\n');
    await expect(page, UPDATE).toMatchFileSnapshot('../../docs/cli.md');
  });

  it.each(visibleCommands(programOfDocs()).map((command) => [command.name(), command] as const))(
    'of %s is the same where no other command is declared',
    (name, command) => {
      const alone = visibleCommands(createProgram(INVOCATION, name));
      expect(alone.map((each) => each.name())).toEqual([name]);
      expect(alone.map((each) => helpOf(each, 80))).toEqual([helpOf(command, 80)]);
    },
  );

  it.each(visibleCommands(programOfDocs()).map((command) => [command.name(), command] as const))(
    'of %s has an example',
    (_name, command) => {
      expect(helpOf(command, 80)).toMatch(/\nExamples?:\n {2}.*gcs-mutex /);
    },
  );

  it.each(programOfDocs().commands.map((command) => [command.name(), command] as const))(
    'of %s fits 80 columns',
    (_name, command) => {
      for (const line of helpOf(command, 80).split('\n')) {
        // What stands in an example is copied as it is.
        if (!/^ {2}(gcs-mutex|echo) /.test(line)) expect(line.length, line).toBeLessThanOrEqual(80);
      }
    },
  );
});

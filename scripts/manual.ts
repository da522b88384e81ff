import type { Command, Option } from 'commander';
import { createProgram } from '../src/cli/program.ts';

/**
 * Prints the manual page of the command as Markdown, from which `marked-man` makes what man(1) reads. All of it comes
 * from where `--help` comes from.
 */
function manualPage(program: Command): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help');
  return [
    `# ${program.name()}(1) -- ${withoutStop(program.description())}`,
    '## SYNOPSIS',
    commands
      .map((command) => `\`${program.name()} ${command.name()}\` ${escape(usageOf(command))}`)
      .join('\n'),
    '## DESCRIPTION',
    escape(program.description()),
    commands.map((command) => `* \`${command.name()}\`:\n  ${escape(command.summary())}`).join('\n'),
    '## COMMANDS',
    ...commands.map((command) => sectionOf(command, program.name())),
  ].join('\n\n');
}

function sectionOf(command: Command, programName: string): string {
  const help = command.createHelp();
  const options = help
    .visibleOptions(command)
    .map((option) => optionItem(option, help.optionDescription(option)));
  const title = `### ${programName} ${command.name()} ${escape(usageOf(command))}`;
  return [title, escape(command.description()), ...options, textBelow(command)].join('\n\n');
}

/** What the usage says behind the command's name. */
function usageOf(command: Command): string {
  const usage = command.usage();
  const words = command.registeredArguments
    .map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`))
    .join(' ');
  return usage.includes('gs://') ? usage : `[options] ${words}`.trim();
}

function optionItem({ flags }: Option, description: string): string {
  const term = flags
    .replaceAll(/-[-\w]+/g, (flag) => `\`${flag}\``)
    .replaceAll(/<([^>]*)>/g, (_all, value: string) => `*${value}*`);
  return `* ${term}:\n  ${escape(description)}`;
}

/** What stands below the options: exit codes, examples, as it is. */
function textBelow(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHasColors: () => false });
  command.outputHelp();
  const below = text.slice(command.helpInformation().length).trim();
  return below === '' ? '' : `\`\`\`\n${below}\n\`\`\``;
}

function escape(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>]/g, String.raw`\$&`);
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}

const program = createProgram({ version: '', command: undefined, onExitCode: () => {} });
process.stdout.write(`${manualPage(program)}\n`);

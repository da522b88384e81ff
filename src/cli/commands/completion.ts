import { Argument, type Command } from 'commander';

const HELP = `
What the shell then asks at each Tab is answered by gcs-mutex itself, without a
word to any bucket. bash needs its package bash-completion, zsh its compinit
before that line.

Examples:
  echo 'source <(gcs-mutex completion bash)' >> ~/.bashrc
  echo 'source <(gcs-mutex completion zsh)' >> ~/.zshrc
  gcs-mutex completion fish > ~/.config/fish/completions/gcs-mutex.fish
`;

/** `gcs-mutex completion`. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a script that completes command lines')
    .description('Prints a script for a shell that completes commands and options at Tab.')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish', 'powershell']))
    .addHelpText('after', HELP)
    .action(async (shell: string) => {
      const { default: tab } = await import('@bomb.sh/tab/commander');
      tab(program).setup(program.name(), program.name(), shell);
    });
}

/** What a shell calls for each Tab: `gcs-mutex complete -- words…`. */
export async function addCompletionRequests(program: Command): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  // It offers what only a shell calls as well.
  tab(program).commands.delete('complete');
}

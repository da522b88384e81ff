import { existsSync } from 'node:fs';
import { it } from 'vitest';
import { describeInTerminal, isInstalled, reportMissing, Terminal } from './terminal.ts';

const BASH_COMPLETION = '/usr/share/bash-completion/bash_completion';

/** How to start a shell that has read nothing of its user's, and what it is told then, as our help says. */
const SHELLS = [
  {
    shell: 'bash',
    start: ['bash', '--noprofile', '--norc'],
    setUp: `source ${BASH_COMPLETION}; source <(gcs-mutex completion bash)`,
    missing: existsSync(BASH_COMPLETION) ? undefined : 'bash-completion',
  },
  {
    shell: 'zsh',
    start: ['zsh', '-f'],
    setUp: 'autoload -U compinit && compinit -u; source <(gcs-mutex completion zsh)',
    missing: isInstalled('zsh') ? undefined : 'zsh',
  },
  {
    shell: 'fish',
    start: ['fish', '-C', "function fish_prompt; echo '$ '; end"],
    setUp:
      'mkdir -p ~/.config/fish/completions; gcs-mutex completion fish > ~/.config/fish/completions/gcs-mutex.fish',
    missing: isInstalled('fish') ? undefined : 'fish',
  },
] as const;

describeInTerminal('Tab', () => {
  for (const { shell, start, setUp, missing } of SHELLS) {
    if (missing !== undefined) reportMissing(missing, `nobody presses Tab in ${shell}`);
    it.skipIf(missing !== undefined)(
      `completes command lines in ${shell}`,
      { concurrent: true },
      async () => {
        await using terminal = await Terminal.open({ url: 'http://127.0.0.1:1', shell: start });
        await terminal.enter(`${setUp}; echo set up`);
        await terminal.shows(/^set up$/m);
        // C-u empties the line in its turn; a shell that is still busy with C-c loses what is typed behind it.
        await terminal.type('gcs-mutex stat');
        await terminal.press('Tab');
        await terminal.shows('gcs-mutex status');
        await terminal.press('C-u');
        await terminal.type('gcs-mutex run --on-lost k');
        await terminal.press('Tab');
        await terminal.shows('--on-lost kill');
        await terminal.press('C-u');
        await terminal.type('gcs-mutex clean --dr');
        await terminal.press('Tab');
        await terminal.shows('clean --dry-run');
      },
    );
  }
});

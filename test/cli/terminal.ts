import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from 'vitest';
import { putOnPath } from './command.ts';
import { type ScratchFolder, scratchFolder } from './scratch.ts';

const POLL_MS = 50;
const PATIENCE_MS = 600_000;
/** More than any command here draws. */
const ROWS = 50;

/** What a terminal starts with. */
export interface TerminalOptions {
  /** Where the store is that a `gcs-mutex` in it talks to. */
  readonly url: string;
  readonly columns?: number;
  /** Default: a bash that has read nothing. */
  readonly shell?: readonly string[];
}

const BASH = ['bash', '--noprofile', '--norc'];

/** A terminal as a person has it, in which `gcs-mutex` is a command: tmux draws it, keys are typed into it. */
export class Terminal implements AsyncDisposable {
  readonly #socket = `gcs-mutex-${randomBytes(6).toString('hex')}`;
  readonly #folder: ScratchFolder;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: ScratchFolder, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = environment;
  }

  static async open({ url, columns = 80, shell = BASH }: TerminalOptions): Promise<Terminal> {
    const folder = await scratchFolder();
    const { NO_COLOR: _colours, TMUX: _outer, ...own } = process.env;
    const terminal = new Terminal(folder, {
      ...own,
      ...(await putOnPath(folder.path)),
      HOME: folder.path,
      XDG_CONFIG_HOME: join(folder.path, '.config'),
      XDG_DATA_HOME: join(folder.path, '.local'),
      LC_ALL: 'C.UTF-8',
      PS1: '$ ',
      TZ: zoneAtNoon(),
      STORAGE_EMULATOR_HOST: url,
    });
    const size = ['-x', String(columns), '-y', String(ROWS)];
    await terminal.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, ...shell);
    await terminal.shows('$');
    return terminal;
  }

  /** Types a text, as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text);
  }

  /** Types a line and Enter. */
  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press('Enter');
  }

  /** Presses a key, as tmux names it: `C-c`. */
  async press(key: string): Promise<void> {
    await this.#tmux('send-keys', key);
  }

  /** The rows of the screen, without those at its end that are empty. */
  async rows(): Promise<string[]> {
    const text = await this.#tmux('capture-pane', '-p');
    return text.trimEnd().split('\n');
  }

  /** Whether the cursor is shown. */
  async hasCursor(): Promise<boolean> {
    return (await this.#tmux('display-message', '-p', '#{cursor_flag}')).trim() === '1';
  }

  /** Waits until the screen shows something. @returns its rows at that moment. */
  async shows(what: string | RegExp): Promise<string[]> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const rows = await this.rows();
      const screen = rows.join('\n');
      if (typeof what === 'string' ? screen.includes(what) : what.test(screen)) return rows;
      if (performance.now() > giveUpAt) throw new Error(`never showed ${what}, but:\n${screen}`);
      await pause(POLL_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server');
    await this.#folder[Symbol.asyncDispose]();
  }

  async #tmux(...args: string[]): Promise<string> {
    // -u: the screen is UTF-8, whatever the machine's own language is.
    const { stdout } = await promisify(execFile)('tmux', ['-u', '-L', this.#socket, ...args], {
      env: this.#environment,
    });
    return stdout;
  }
}

/** Rows without the last digit of their minutes, which goes on. */
export function blurred(rows: readonly string[]): string[] {
  return rows.map((row) => row.replaceAll(/\dm\b/g, '_m'));
}

/** The zone in which it is noon or soon after, so that the last hours were today: days are told in another form. */
function zoneAtNoon(): string {
  const west = new Date().getUTCHours() - 12;
  return `Etc/GMT${west < 0 ? '' : '+'}${west}`;
}

/** Says loudly what is not tried for want of something. @throws where that is not allowed. */
export function reportMissing(what: string, consequence: string): void {
  const message = `${what} is not installed (scripts/install-terminal.sh)`;
  if (process.env['GCS_MUTEX_REQUIRE_SERVERS'] === '1') throw new Error(message);
  process.stderr.write(`\nSKIPPED: ${message}: ${consequence}.\n\n`);
}

/** Whether there is a program of this name. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** Describes what is seen in terminals, or says loudly that nobody looks. */
export function describeInTerminal(name: string, suite: () => void): void {
  const canLook = isInstalled('tmux');
  if (!canLook) reportMissing('tmux', `nobody looks at ${name}`);
  describe.skipIf(!canLook)(name, suite);
}

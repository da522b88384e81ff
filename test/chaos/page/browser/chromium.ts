import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
/** It asks nobody for anything, and needs neither a screen nor rights that a container lacks. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where a browser is that tests can open pages in: named by `CHROMIUM`, or on the path. */
export function findBrowser(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) =>
    existsSync(path),
  );
}

/** Says loudly where there is none. @throws where that is not allowed. */
export function reportMissingBrowser(): void {
  const message = 'there is no Chromium (scripts/install-browser.sh), and none is named by CHROMIUM';
  if (process.env['GCS_MUTEX_REQUIRE_SERVERS'] === '1') throw new Error(message);
  process.stderr.write(`\nSKIPPED: ${message}: the page of a chaos run is not opened.\n\n`);
}

/** Without a window, and with a profile of its own that goes with it. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: FLAGS, timeout: 300_000 });
}

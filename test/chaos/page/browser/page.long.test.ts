import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChaosHistory } from '../../history.ts';
import { findBrowser, openBrowser, reportMissingBrowser } from './chromium.ts';
import { fixtureHistory } from '../fixture.ts';
import { historyPage } from '../page.ts';

const executable = findBrowser();
if (executable === undefined) reportMissingBrowser();

const WORKERS = 8;
const MINUTE = { seed: 1, durationMs: 60_000, workerCount: WORKERS, faultEveryMs: 700 };
const HALF_HOUR = { seed: 2, durationMs: 1_800_000, workerCount: WORKERS, faultEveryMs: 150, isBroken: true };

/** A page that is open, and everything that went wrong in it. */
interface Opened extends AsyncDisposable {
  readonly page: Page;
  readonly errors: string[];
  readonly requests: string[];
}

describe.skipIf(executable === undefined)('the page of a chaos run, in a browser', () => {
  let folder: string;
  let browser: Browser;
  const files = new Map<ChaosHistory, string>();
  const minute = fixtureHistory(MINUTE);
  const halfHour = fixtureHistory(HALF_HOUR);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gcs-mutex-page-'));
    for (const [index, history] of [minute, halfHour].entries()) {
      const file = join(folder, `${index}.html`);
      await writeFile(file, await historyPage(history));
      files.set(history, pathToFileURL(file).href);
    }
    browser = await openBrowser(executable ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  async function open(history: ChaosHistory, options: BrowserContextOptions = {}): Promise<Opened> {
    const context = await browser.newContext(options);
    // For what hangs: a browser, too, may have to wait for the machine.
    context.setDefaultTimeout(300_000);
    const page = await context.newPage();
    const [errors, requests]: [string[], string[]] = [[], []];
    page.on('pageerror', (error) => errors.push(error.message));
    // A policy that is violated is told here, too.
    page.on('console', (message) => errors.push(message.text()));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(files.get(history) ?? '');
    await page.waitForSelector('canvas#picture[data-until]');
    return { page, errors, requests, [Symbol.asyncDispose]: () => context.close() };
  }

  /** Which part of the run is to be seen. */
  async function shown(page: Page): Promise<{ readonly from: number; readonly until: number }> {
    // Two frames: what was asked for is drawn in the next one.
    return page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      const { from, until } = document.querySelector<HTMLElement>('#picture')?.dataset ?? {};
      return { from: Number(from), until: Number(until) };
    });
  }

  it.each([
    ['a minute', minute],
    ['half an hour with ten thousand faults', halfHour],
  ])('shows a lane for each process of %s, with no error and no request', async (_name, history) => {
    await using opened = await open(history);
    const { page } = opened;
    expect(await page.getByRole('list', { name: 'Lanes' }).getByRole('listitem').count()).toBe(WORKERS);
    expect(await page.title()).toBe('Chaos run on emulator');
    expect(await shown(page)).toEqual({ from: 0, until: history.facts.durationMs });
    expect(opened.errors).toEqual([]);
    expect(opened.requests).toEqual([files.get(history)]);
  });

  it('says on top whether the lock held', async () => {
    await using good = await open(minute);
    expect(await good.page.locator('.verdict').textContent()).toMatch(/^✓ Never two holders at once/);
    await using bad = await open(halfHour);
    expect(await bad.page.locator('.verdict').textContent()).toMatch(/^✗ 2 violations/);
    expect(await bad.page.locator('.wrong li').allTextContents()).toEqual([
      expect.stringContaining('believed at once'),
      expect.stringContaining('wrote over 5'),
    ]);
    const count = Object.values(halfHour.verdict.faultCounts).reduce((sum, each) => sum + each, 0);
    expect(count).toBeGreaterThan(10_000);
    expect((await bad.page.locator('.figures dd').first().textContent())?.replaceAll(/\D/g, '')).toBe(
      `${count}`,
    );
  });

  it.each(['light', 'dark'] as const)(
    'draws each belief in its lane, in the colours for %s',
    async (colorScheme) => {
      await using opened = await open(minute, { colorScheme, viewport: { width: 1920, height: 1080 } });
      const beliefs = minute.facts.workers.map((worker) => {
        const own = minute.beliefs.filter((belief) => belief.worker === worker);
        return own.map(({ fromMs, untilMs }) => (fromMs + untilMs) / 2 / minute.facts.durationMs);
      });
      const seen = await opened.page.evaluate((parts) => {
        const canvas = document.querySelector<HTMLCanvasElement>('#picture');
        const context = canvas?.getContext('2d');
        const [width, height] = [canvas?.width ?? 1, canvas?.height ?? 1];
        const pixels = context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
        const colourAt = (x: number, y: number): string => {
          const bytes = Array.from(pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 3));
          return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
        };
        const style = getComputedStyle(document.documentElement);
        return {
          wanted: style.getPropertyValue('--believing').trim(),
          // The lower edge of the block, which nothing else is drawn over but a hatch.
          found: parts.map((own, lane) =>
            own.map((part) => colourAt(Math.floor(part * width), 28 + lane * 40 + 24)),
          ),
        };
      }, beliefs);
      expect(seen.wanted).toBe(colorScheme === 'light' ? '#0072b2' : '#56b4e9');
      for (const [lane, colours] of seen.found.entries()) {
        expect(beliefs[lane]?.length).toBeGreaterThan(0);
        expect(colours, `lane ${lane}`).toContain(seen.wanted);
      }
      expect(opened.errors).toEqual([]);
    },
  );

  it('is zoomed and moved by buttons, keys, wheel and drag', async () => {
    await using opened = await open(halfHour, { viewport: { width: 1280, height: 900 } });
    const { page } = opened;
    const width = async (): Promise<number> => shown(page).then(({ from, until }) => until - from);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    expect(await width()).toBeCloseTo(900_000, -2);
    const before = await shown(page);
    await page.getByRole('button', { name: 'Later' }).click();
    expect((await shown(page)).from).toBeGreaterThan(before.from);
    await page.locator('#picture').focus();
    await page.keyboard.press('+');
    expect(await width()).toBeCloseTo(450_000, -2);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('0');
    expect(await shown(page)).toEqual({ from: 0, until: 1_800_000 });
    const box = await page.locator('#picture').boundingBox();
    await page.mouse.move((box?.x ?? 0) + 400, (box?.y ?? 0) + 100);
    await page.mouse.wheel(0, -500);
    await expect.poll(width, { timeout: 120_000 }).toBeLessThan(1_500_000);
    const wheeled = await shown(page);
    await page.mouse.down();
    await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 100);
    await page.mouse.up();
    expect((await shown(page)).from).toBeGreaterThan(wheeled.from);
    expect(opened.errors).toEqual([]);
  });

  it('tells what is under the pointer, and goes from fault to fault', async () => {
    await using opened = await open(minute, { viewport: { width: 1920, height: 1080 } });
    const { page } = opened;
    const [belief] = minute.beliefs;
    if (belief === undefined) throw new Error('nobody believed');
    const box = await page.locator('#picture').boundingBox();
    const lane = minute.facts.workers.indexOf(belief.worker);
    const part = (belief.fromMs + belief.untilMs) / 2 / minute.facts.durationMs;
    const at = { x: part * (box?.width ?? 0), y: 28 + lane * 40 + 18 };
    await page.locator('#picture').hover({ position: at });
    expect(await page.getByRole('tooltip').textContent()).toContain(`lease ${belief.leaseId}`);
    await page.locator('#picture').click({ position: at });
    const details = page.locator('#details');
    expect(await details.textContent()).toMatch(
      new RegExp(`· ${belief.worker}\n(.|\n)*process ${belief.incarnation}`),
    );
    await page.getByLabel('Jump to').selectOption('killed');
    const { killed } = minute.verdict.faultCounts;
    expect(await page.locator('#position').textContent()).toBe(`${killed}`);
    await page.getByRole('button', { name: 'Next of this kind' }).click();
    expect(await details.textContent()).toContain('killed (SIGKILL)');
    expect(await page.locator('#position').textContent()).toMatch(new RegExp(`^\\d+ of ${killed}$`));
    expect(opened.errors).toEqual([]);
  });

  it('fits a telephone, where a tap tells and two fingers zoom', async () => {
    const viewport = { width: 360, height: 740 };
    await using opened = await open(halfHour, { viewport, hasTouch: true, isMobile: true });
    const { page } = opened;
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await page.locator('#picture').scrollIntoViewIfNeeded();
    const box = await page.locator('#picture').boundingBox();
    const y = (box?.y ?? 0) + 120;
    await page.touchscreen.tap((box?.x ?? 0) + 120, y);
    expect(await page.locator('#details').textContent()).toMatch(/^\d+:\d\d\.\d{3} · worker-3/);
    const touch = await page.context().newCDPSession(page);
    const fingers = (apart: number) => [0, 1].map((id) => ({ id, x: 200 + (id === 0 ? -apart : apart), y }));
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(20) });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: fingers(40) });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    const { from, until } = await shown(page);
    expect(until - from).toBeCloseTo(900_000, -3);
    expect(opened.errors).toEqual([]);
  });
});

/**
 * A browser for end-to-end tests, and pages in it that notice what goes wrong.
 *
 *     browserSuite('signing', (rig) => {
 *       test('…', async () => {
 *         const { page, close } = await rig.open({ width: 360 });
 *         await page.goto(`${site.url}/docs`);
 *         await checkAxe(page);
 *         await close();
 *       });
 *     });
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { fontsConf } from './fonts.ts';
import { wantNone } from './none.ts';
import { unpackBrowser } from './unpack.ts';

const FLAGS = [
  // It opens our own pages only; and root, or a container, has no sandbox to give.
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--no-pings',
  // Nothing but this machine answers: all else is sent to a proxy that is not there.
  '--proxy-server=http://127.0.0.1:9',
  '--font-render-hinting=none',
];

/** Launches one: one for each file of tests is enough, as pages share nothing. */
export async function openBrowser(): Promise<Browser> {
  const { executable, libraries, fontCache } = await unpackBrowser();
  // Each checkout has fonts of its own, which what was unpacked outlives.
  const home = mkdtempSync(join(tmpdir(), 'assent-browser-'));
  const conf = join(home, 'fonts.conf');
  writeFileSync(conf, fontsConf(fontCache));
  const env = { ...process.env, HOME: home, LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: conf };
  const browser = await chromium.launch({ executablePath: executable, args: FLAGS, env });
  browser.once('disconnected', () => rmSync(home, { recursive: true, force: true }));
  return browser;
}

export interface PageOptions {
  /** In CSS pixels, before zoom; 1280 by default. */
  readonly width?: number;
  readonly height?: number;
  /** What the browser says it would rather read; Chinese by default. */
  readonly lang?: string;
  readonly scheme?: 'light' | 'dark';
  /** 2: the browser's zoom at 200 %. */
  readonly zoom?: number;
  readonly javaScript?: boolean;
}

export interface Opened {
  readonly page: Page;
  /** What went wrong so far: errors on the console, thrown errors, failed requests, requests to another host. */
  readonly problems: readonly string[];
  /** Forgets those that contain a text: what a test provokes. Wants there to be one. */
  forgive(part: string): void;
  /** Closes it, and wants that nothing went wrong. */
  close(): Promise<void>;
}

/** What is not there by then does not come, also where other tests run beside. */
const ACTION_MS_MAX = 15_000;

/** Opens a page with cookies of its own. */
export async function openPage(browser: Browser, options: PageOptions = {}): Promise<Opened> {
  const { width = 1280, height = 900, lang = 'zh-CN', scheme = 'light', zoom = 1, javaScript = true } = options;
  const context = await browser.newContext({
    viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
    deviceScaleFactor: zoom,
    locale: lang,
    colorScheme: scheme,
    javaScriptEnabled: javaScript,
    reducedMotion: 'reduce',
    // A lasting answer of a worker would hide requests from us.
    serviceWorkers: 'block',
  });
  context.setDefaultTimeout(ACTION_MS_MAX);
  const page = await context.newPage();
  let problems: string[] = [];
  watch(page, (problem) => problems.push(problem));
  return {
    page,
    get problems() {
      return problems;
    },
    forgive(part) {
      const left = problems.filter((problem) => !problem.includes(part));
      expect(left.length, `a problem with “${part}” among ${JSON.stringify(problems)}`).toBeLessThan(problems.length);
      problems = left;
    },
    async close() {
      await context.close();
      wantNone(problems, 'on a page');
    },
  };
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

const LOUD = ['error', 'warning'];
/** Chromium wants sites to take RS256; we refuse it (ADR 0015). */
const NO_RSA = 'publicKey.pubKeyCredParams is missing at least one of the default algorithm identifiers';

function watch(page: Page, tell: (problem: string) => void): void {
  page.on('console', (message) => {
    const { url } = message.location();
    if (LOUD.includes(message.type()) && !message.text().startsWith(NO_RSA))
      tell(`console: ${message.text()} (${url})`);
  });
  page.on('pageerror', (error) => tell(`thrown: ${error.stack ?? error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // What the next page, or a download, cuts off has not failed.
    if (why !== 'net::ERR_ABORTED') tell(`failed: ${request.method()} ${request.url()} ${why}`);
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (!['data:', 'blob:', 'file:'].includes(protocol) && !LOOPBACK.includes(hostname))
      tell(`foreign: ${request.url()}`);
  });
}

/** That a page is no wider than its window: nobody scrolls sideways to read. */
export async function checkWidth(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const over = [...document.body.querySelectorAll('*')].filter(
      (each) => each.getBoundingClientRect().right > clientWidth + 1 && each.checkVisibility(),
    );
    return scrollWidth <= clientWidth ? [] : over.slice(0, 5).map((each) => each.outerHTML.slice(0, 120));
  });
  wantNone(wide, `wider than its window: ${page.url()}`);
}

/**
 * Goes over all that can be reached: every link, and the address of every form, from some pages on, in some states of who is
 * signed in. No dead link, no dead anchor, no blank page, nothing on the console.
 */
import type { Page } from 'playwright-core';
import type { Opened } from './browser.ts';
import { wantNone } from './none.ts';

/** Somebody who goes about: a page with the cookies of being signed in, and where they start. */
export interface Role {
  readonly name: string;
  readonly opened: Opened;
  readonly start: readonly string[];
}

export interface Crawled {
  readonly role: string;
  /** The pages that were seen, as paths with their queries, in order. */
  readonly pages: readonly string[];
  /** What is not a page: files. */
  readonly files: readonly string[];
  /** Where forms post to. */
  readonly posts: readonly string[];
  /** Links that lead away: not followed. */
  readonly away: readonly string[];
}

/** Pages that this many links lead to are enough: past it a page makes links without end. */
const PAGES_MAX = 500;

export async function crawl(site: { readonly url: string }, roles: readonly Role[]): Promise<readonly Crawled[]> {
  const all: Crawled[] = [];
  for (const role of roles) all.push(await crawlAs(site.url, role));
  return all;
}

async function crawlAs(url: string, { name, opened, start }: Role): Promise<Crawled> {
  const { page } = opened;
  const pages = new Set<string>();
  const files = new Set<string>();
  const posts = new Set<string>();
  const away = new Set<string>();
  const faults: string[] = [];
  const anchors: { readonly from: string; readonly to: string; readonly id: string }[] = [];
  const ids = new Map<string, ReadonlySet<string>>();
  const waiting = start.map((path) => ({ path: pathOf(new URL(path, url)), from: '(start)' }));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { path, from } = next;
    if (pages.has(path) || files.has(path)) continue;
    const fault = (text: string) => faults.push(`${name}: ${path} (from ${from}): ${text}`);
    const answer = await page.context().request.get(url + path, { failOnStatusCode: false });
    const isPage = (answer.headers()['content-type'] ?? '').startsWith('text/html');
    (isPage ? pages : files).add(path);
    if (pages.size > PAGES_MAX) throw new Error(`more than ${PAGES_MAX} pages: ${[...pages].slice(-10).join(' ')}`);
    if (answer.status() >= 400) fault(`status ${answer.status()}`);
    if (!isPage) continue;
    const seen = await look(page, url + path);
    if (seen.text.trim() === '') fault('a blank page');
    if (seen.headings !== 1) fault(`${seen.headings} visible h1`);
    ids.set(path, new Set(seen.ids));
    for (const href of seen.links) {
      const to = new URL(href);
      if (!['http:', 'https:'].includes(to.protocol)) fault(`a link of another kind: ${href}`);
      else if (to.origin !== url) away.add(href);
      else {
        if (to.hash !== '') anchors.push({ from: path, to: pathOf(to), id: decodeURIComponent(to.hash.slice(1)) });
        waiting.push({ path: pathOf(to), from: path });
      }
    }
    for (const { action, method } of seen.forms) {
      const to = new URL(action);
      if (to.origin !== url) away.add(action);
      else if (method === 'get') waiting.push({ path: pathOf(to), from: path });
      else if (!posts.has(pathOf(to))) {
        posts.add(pathOf(to));
        const text = await postFromElsewhere(page, to);
        if (text !== undefined) fault(`a form to ${pathOf(to)}: ${text}`);
      }
    }
  }
  for (const { from, to, id } of anchors) {
    if (id !== '' && id !== 'top' && ids.get(to)?.has(id) === false)
      faults.push(`${name}: ${from}: no #${id} on ${to}`);
  }
  wantNone([...faults, ...opened.problems], name);
  return { role: name, pages: [...pages], files: [...files], posts: [...posts], away: [...away] };
}

const pathOf = ({ pathname, search }: URL) => pathname + search;

/** A form is not sent by going over it; as another site would send it, it is to be there, and refused. */
async function postFromElsewhere(page: Page, { href }: URL): Promise<string | undefined> {
  const answer = await page.context().request.post(href, {
    headers: { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
    form: {},
    maxRedirects: 0,
    failOnStatusCode: false,
  });
  if (answer.status() < 400) return `another site may post it (${answer.status()})`;
  if ([404, 405].includes(answer.status()) || answer.status() >= 500) return `status ${answer.status()}`;
  return undefined;
}

interface Seen {
  readonly text: string;
  readonly headings: number;
  readonly ids: readonly string[];
  readonly links: readonly string[];
  readonly forms: readonly { readonly action: string; readonly method: string }[];
}

async function look(page: Page, url: string): Promise<Seen> {
  await page.goto(url);
  return page.evaluate(() => {
    const links = [...document.querySelectorAll<HTMLAnchorElement>('a[href], area[href]')];
    // A button may send its form elsewhere.
    const buttons = [...document.querySelectorAll<HTMLButtonElement>('button[formaction]')];
    const forms = [...document.querySelectorAll('form')].map((form) => ({
      // A field may be called `action`.
      action: new URL(form.getAttribute('action') ?? '', location.href).href,
      method: (form.getAttribute('method') ?? 'get').toLowerCase(),
    }));
    return {
      // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not seen.
      text: document.body.innerText,
      headings: [...document.querySelectorAll('h1')].filter((each) => each.checkVisibility()).length,
      ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
      links: links.map(({ href }) => href),
      forms: [
        ...forms,
        ...buttons.map((each) => ({
          action: each.formAction,
          method: each.formMethod || (each.form?.method ?? 'get'),
        })),
      ],
    };
  });
}

/**
 * That every character which a page shows has a glyph. Chromium says which fonts drew a node, but counts the box of a missing
 * glyph as the first font's; so what it says is held against what those fonts have.
 */
import type { CDPSession, Page } from 'playwright-core';
import { fontCoverage } from './fonts.ts';
import { wantNone } from './none.ts';

/** Spaces, joiners, selectors: what is not drawn. */
const UNDRAWN = /[\p{White_Space}\p{Control}\p{Default_Ignorable_Code_Point}]/u;

const RARE_MARK = 'data-rig-rare';

/** Wants a glyph for each: in the text that is visible, in fields, and in what the style sheet writes. */
export async function checkGlyphs(page: Page): Promise<void> {
  wantNone(await findMissingGlyphs(page), `without a glyph: ${page.url()}`);
}

/** Characters without a glyph, such as `U+E000`, in order. */
export async function findMissingGlyphs(page: Page): Promise<readonly string[]> {
  const coverage = await fontCoverage();
  const [[, first] = [undefined, new Set<number>()]] = coverage;
  const shown = pointsOf(await page.evaluate(readShown));
  const missing = new Set<number>();
  // What the first font lacks is another's to draw, if the browser found that other.
  for (const point of shown.filter((each) => !first.has(each))) {
    if (![...coverage.values()].some((each) => each.has(point))) missing.add(point);
  }
  const session = await page.context().newCDPSession(page);
  try {
    const families = await drawnBy(session, 'body');
    const strange = families.filter((family) => !coverage.has(family));
    if (strange.length > 0) throw new Error(`drawn by a font that we don’t know: ${strange.join(', ')}`);
    const rare = shown.filter((each) => !first.has(each) && !missing.has(each));
    for (const point of await undrawn(page, session, rare, coverage)) missing.add(point);
  } finally {
    await session.detach();
  }
  return [...missing].sort((a, b) => a - b).map((point) => `U+${point.toString(16).toUpperCase().padStart(4, '0')}`);
}

/** Those of some rare characters that stand in an element which no font with them drew. */
async function undrawn(
  page: Page,
  session: CDPSession,
  rare: readonly number[],
  coverage: ReadonlyMap<string, ReadonlySet<number>>,
): Promise<readonly number[]> {
  if (rare.length === 0) return [];
  const texts = await page.evaluate(markRare, [RARE_MARK, String.fromCodePoint(...rare)] as const);
  const found: number[] = [];
  for (const [at, text] of texts.entries()) {
    const families = await drawnBy(session, `[${RARE_MARK}="${at}"]`);
    const has = (point: number) => families.some((family) => coverage.get(family)?.has(point) ?? false);
    found.push(...pointsOf(text).filter((point) => rare.includes(point) && !has(point)));
  }
  await page.evaluate((mark) => {
    for (const each of document.querySelectorAll(`[${mark}]`)) each.removeAttribute(mark);
  }, RARE_MARK);
  return found;
}

async function drawnBy(session: CDPSession, selector: string): Promise<readonly string[]> {
  await session.send('DOM.enable');
  await session.send('CSS.enable');
  const { root } = await session.send('DOM.getDocument', { depth: 0 });
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector });
  const { fonts } = await session.send('CSS.getPlatformFontsForNode', { nodeId });
  return fonts.map(({ familyName }) => familyName);
}

function pointsOf(text: string): readonly number[] {
  return [...new Set(text)].filter((each) => !UNDRAWN.test(each)).map((each) => each.codePointAt(0) as number);
}

/** In the page: all that it shows. */
function readShown(): string {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not shown.
  const said: string[] = [document.title, document.body.innerText];
  for (const each of document.querySelectorAll('body, body *')) {
    if (!each.checkVisibility()) continue;
    if (each instanceof HTMLInputElement && each.type !== 'password') said.push(each.value, each.placeholder);
    if (each instanceof HTMLTextAreaElement) said.push(each.value, each.placeholder);
    if (each instanceof HTMLOptionElement) said.push(each.label);
    for (const pseudo of ['::before', '::after', '::marker']) {
      const { content } = getComputedStyle(each, pseudo);
      for (const [, quoted = ''] of content.matchAll(/"((?:[^"\\]|\\.)*)"/g)) said.push(quoted);
    }
  }
  return said.join('\n');
}

/** In the page: marks the elements whose own text has one of some characters; answers the texts, in order. */
function markRare([mark, rare]: readonly [string, string]): string[] {
  const wanted = [...rare];
  const texts: string[] = [];
  for (const each of document.body.querySelectorAll('*')) {
    const own = [...each.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const text = own.map((node) => node.textContent ?? '').join('');
    if (!each.checkVisibility() || !wanted.some((point) => text.includes(point))) continue;
    each.setAttribute(mark, String(texts.length));
    texts.push(text);
  }
  return texts;
}

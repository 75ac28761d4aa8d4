/** Accessibility, as far as a program can tell: axe-core, with every rule of WCAG 2.2 A and AA and of good practice. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { wantNone } from './none.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** Wants no violation. It runs by the debugger's protocol: the page's policy stays as it is. */
export async function checkAxe(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async (tags) => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const found = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
    return found.violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
    );
  }, TAGS);
  wantNone(violations, page.url());
}

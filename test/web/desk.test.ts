/** A clerk's desk: its pages as they are sent, and that they bring every word that the module says. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ID_TYPES } from '#core/identifier/identifier.ts';
import { DESK_WORDS as DESK } from '../../src/web/desk/words.ts';
import { type Door, openDoor } from '../api/door.ts';

const PATHS = ['/desk', '/desk/request', '/desk/letters', '/desk/counter'];
const MODULES = new URL('../../src/web/scripts/desk/', import.meta.url);

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.fixture.close());

describe.each(PATHS)('%s', (path) => {
  it('runs our own modules only, and asks nobody but us', async () => {
    const { status, headers, text } = await door.get(path);
    expect(status).toBe(200);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(text).toMatch(/<script type="module" src="\/scripts\/desk\.js\?v=[\w-]{12}"><\/script>/);
    expect(text).not.toMatch(/<script(?![^>]* src="\/scripts\/)/);
    expect(text).not.toMatch(/ on[a-z]+="| style="/);
    expect(text).not.toMatch(/(?:src|href|action)="https?:/);
  });

  it('says in Chinese, and in English, what it needs where no script runs', async () => {
    const zh = (await door.get(path)).text;
    const en = (await door.get(`${path}?lang=en`)).text;
    expect(zh).toContain('<html lang="zh-CN"');
    expect(zh).toContain(`${DESK.needs_script.zh.slice(0, 12)}`);
    expect(en).toContain('<html lang="en"');
    expect(en).toContain(DESK.needs_script.en.slice(0, 30));
    for (const text of [zh, en]) expect(text).toContain('<noscript>');
  });

  it('sends no form by itself: nothing that is typed gets into an address', async () => {
    const { text } = await door.get(path);
    const forms = [...text.matchAll(/<form data-form[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => form);
    expect(forms.length).toBeGreaterThan(0);
    // Until the module takes the form, its button can't be pressed; and there is nothing ticked.
    for (const form of forms) {
      expect(form).toMatch(/<button[^>]* disabled/);
      expect(form).not.toMatch(/ checked/);
    }
  });
});

it('brings every word that its modules say', () => {
  const said = readdirSync(MODULES).flatMap((name) => {
    const text = readFileSync(new URL(name, MODULES), 'utf8');
    return [...text.matchAll(/(?:say|pair|Wanted|field)\((?:stage, )?'([a-zA-Z_]+)'/g)].map(
      ([, word]) => word as string,
    );
  });
  expect(said.length).toBeGreaterThan(40);
  const unknown = said.filter((word) => !Object.hasOwn(DESK, word) && !['party', 'uscc'].includes(word));
  expect(unknown).toEqual([]);
  const made = [
    ...ID_TYPES.map((each) => `id_${each}`),
    ...['QUERY', 'REPORT', 'PROVIDE', 'SCORE', 'STORE'].map((each) => `action_${each}`),
    ...['drafted', 'answered', 'held', 'signed', 'declined', 'expired'].map((each) => `status_${each}`),
    ...['requested', 'declined', 'pending', 'active', 'paused', 'contested', 'expired', 'revoked'].map(
      (each) => `grant_${each}`,
    ),
    'problem_letter_held',
    ...['purposes', 'items', 'sources', 'recipients', 'candidates'].map((each) => `part_${each}`),
  ];
  for (const word of made) expect(DESK).toHaveProperty(word);
});

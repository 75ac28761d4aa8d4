/** The design in numbers: contrast, sizes and targets, computed from the tokens and not judged by eye. */
import { describe, expect, test } from 'vitest';
import { STYLE } from '../../src/web/style.ts';
import {
  COLOURS,
  ELDER_COLOURS,
  ELDER_TEXT_PX,
  type Scheme,
  SIGN_PAIRS,
  TARGET_PX,
  TEXT_PAIRS,
} from '../../src/web/tokens.ts';
import { contrastOf } from './contrast.ts';

const MODES = {
  usual: COLOURS as Readonly<Record<string, Scheme>>,
  elder: { ...COLOURS, ...ELDER_COLOURS } as Readonly<Record<string, Scheme>>,
};

describe.each(Object.entries(MODES))('%s colours', (_, colours) => {
  const pairs = (of: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(of).flatMap(([front, grounds]) => grounds.map((ground) => [front, ground] as const));

  test.each(pairs(TEXT_PAIRS))('text in %s on %s has 4.5 : 1, light and dark', (front, ground) => {
    for (const scheme of [0, 1] as const) {
      expect(contrastOf(colours[front]![scheme], colours[ground]![scheme])).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(pairs(SIGN_PAIRS))('the edge in %s on %s has 3 : 1, light and dark', (front, ground) => {
    for (const scheme of [0, 1] as const) {
      expect(contrastOf(colours[front]![scheme], colours[ground]![scheme])).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('the style sheet', () => {
  const rules = STYLE.replace(/\/\*.*?\*\//gs, '');

  test('sets text only in colours whose contrast is computed', () => {
    const asked = new Set([...rules.matchAll(/(?<![-\w])color: ([^;]+);/g)].map(([, value]) => value));
    const computed = Object.keys(TEXT_PAIRS).map((name) => `var(--${name})`);
    for (const value of asked) expect([...computed, 'inherit']).toContain(value);
  });

  test('lays out text only on grounds that a pair names', () => {
    const asked = new Set([...rules.matchAll(/background: ([^;]+);/g)].map(([, value]) => value));
    const grounds = [...Object.values(TEXT_PAIRS), ...Object.values(SIGN_PAIRS)].flat().map((name) => `var(--${name})`);
    // White is the quiet zone of a QR code; on-ink is the check in a box.
    for (const value of asked) expect([...grounds, 'none', '#fff', 'var(--on-ink)']).toContain(value);
  });

  test('uses no token that is not there, and every colour that is', () => {
    const there = new Set([...STYLE.matchAll(/^ {2}--([\w-]+):/gm)].map(([, name]) => name));
    const used = new Set([...rules.matchAll(/var\(--([\w-]+)\)/g)].map(([, name]) => name));
    expect([...used].filter((name) => !there.has(name))).toEqual([]);
    expect(Object.keys(COLOURS).filter((name) => !used.has(name))).toEqual([]);
  });

  test('asks nobody for anything', () => {
    expect(STYLE).not.toMatch(/url\(|@import|@font-face|https?:/);
  });
});

describe('elder mode', () => {
  test('sets text in 18 to 30 pixels, by choice, and nothing smaller', () => {
    expect(Object.values(ELDER_TEXT_PX).every((px) => px >= 18 && px <= 30)).toBe(true);
    for (const [step, px] of Object.entries(ELDER_TEXT_PX)) {
      expect(STYLE).toContain(`:root.elder-${step} { font-size: ${(px / 16) * 100}%; }`);
    }
    const [, elder = ''] = STYLE.match(/:root\.elder \{(.*?)\n\}/s) ?? [];
    expect(elder).toContain('--text-small: 1rem;');
    for (const [, line] of elder.matchAll(/--line-\w+: ([\d.]+);/g)) expect(Number(line)).toBeGreaterThanOrEqual(1.3);
    expect(elder).toContain('--target: 60px;');
  });

  test('has targets of 60 pixels, and 44 elsewhere', () => {
    expect(TARGET_PX).toEqual({ usual: 44, elder: 60 });
  });

  test('has no countdown and no motion', () => {
    expect(STYLE).not.toMatch(/@keyframes|animation: (?!none)|transition: (?!none)/);
  });
});

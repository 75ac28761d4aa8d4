/**
 * The tokens: every colour, size and distance of the pages stands here, and nowhere else.
 *
 * Ink on paper, and the red of a seal for what matters. Text has a contrast of 4.5 : 1 or better on every ground that it
 * may stand on, in light and dark; the edge of a control, and a sign, has 3 : 1. A test computes each pair.
 *
 * Lengths are in rem, so that one size of the root enlarges everything; what a finger needs is in pixels.
 *
 * @module
 */

/** A colour by day and by night. */
export type Scheme = readonly [light: string, dark: string];

export const COLOURS = {
  /** Grounds: the page, what lies on it, what is sunk into it, and what something means. */
  paper: ['#f6f3ec', '#14161a'],
  sheet: ['#fffdf9', '#1c1f24'],
  sunk: ['#ede8dd', '#24282e'],
  'seal-ground': ['#fbece8', '#33201e'],
  'allow-ground': ['#e7f3eb', '#182b21'],
  'warn-ground': ['#fbf0d9', '#2f2715'],
  'link-ground': ['#e8f0f7', '#1a2733'],
  /** Text and signs. */
  ink: ['#1e2328', '#ebe8e1'],
  soft: ['#535a62', '#adb3ba'],
  seal: ['#9c2318', '#f3998c'],
  allow: ['#1b6340', '#84d4a8'],
  warn: ['#744a00', '#e8bd6a'],
  link: ['#1a5583', '#94c5ee'],
  /** What is filled, and the text on it. */
  'ink-fill': ['#262c33', '#e6e2d9'],
  'on-ink': ['#fffdf9', '#16181c'],
  'seal-fill': ['#a3271c', '#b03a2e'],
  'on-seal': ['#ffffff', '#ffffff'],
  /** A rule between things, which nobody has to see; and the edge of a control, which everybody has to. */
  line: ['#ddd6c7', '#343941'],
  edge: ['#7f786a', '#868c94'],
} as const satisfies Readonly<Record<string, Scheme>>;

/** Elder mode (users P-11): nothing is faint. */
export const ELDER_COLOURS = {
  ink: ['#14181c', '#f6f4ee'],
  soft: ['#3b4148', '#cdd2d8'],
  line: ['#b3aa97', '#565d66'],
  edge: ['#5b564b', '#a9afb7'],
} as const satisfies Readonly<Partial<Record<keyof typeof COLOURS, Scheme>>>;

/** Which text stands on which grounds: at least 4.5 : 1. */
export const TEXT_PAIRS = {
  ink: ['paper', 'sheet', 'sunk', 'seal-ground', 'allow-ground', 'warn-ground', 'link-ground'],
  soft: ['paper', 'sheet', 'sunk'],
  seal: ['paper', 'sheet', 'sunk', 'seal-ground'],
  allow: ['paper', 'sheet', 'sunk', 'allow-ground'],
  warn: ['paper', 'sheet', 'sunk', 'warn-ground'],
  link: ['paper', 'sheet', 'sunk', 'link-ground', 'seal-ground', 'allow-ground', 'warn-ground'],
  'on-ink': ['ink-fill'],
  'on-seal': ['seal-fill'],
} as const satisfies Readonly<Partial<Record<keyof typeof COLOURS, readonly (keyof typeof COLOURS)[]>>>;

/** What tells a control or a sign from its ground: at least 3 : 1. */
export const SIGN_PAIRS = {
  edge: ['paper', 'sheet', 'sunk'],
  'ink-fill': ['paper', 'sheet', 'sunk'],
  link: ['paper', 'sheet', 'sunk', 'seal-ground', 'allow-ground', 'warn-ground'],
} as const satisfies Readonly<Partial<Record<keyof typeof COLOURS, readonly (keyof typeof COLOURS)[]>>>;

/** The edges of a target in CSS pixels (users P-11). */
export const TARGET_PX = { usual: 44, elder: 60 } as const;

/** Body text in elder mode in CSS pixels, by choice (users P-11: 18 to 30). */
export const ELDER_TEXT_PX = { 1: 20, 2: 24, 3: 30 } as const;

/** What a browser sets text in where nobody asked for another size. */
const ROOT_PX = 16;

const SIZES = {
  'text-small': '.875rem',
  'text-body': '1rem',
  'text-lead': '1.125rem',
  'text-h3': '1.0625rem',
  'text-h2': '1.25rem',
  'text-h1': 'clamp(1.5rem, 1.2rem + 1.6vw, 2.125rem)',
  'line-text': '1.7',
  'line-tight': '1.35',
  's-1': '.25rem',
  's-2': '.5rem',
  's-3': '.75rem',
  's-4': '1rem',
  's-5': '1.5rem',
  's-6': '2.5rem',
  'page-side': 'clamp(1rem, 4vw, 2rem)',
  round: '8px',
  'round-small': '4px',
  target: `${TARGET_PX.usual}px`,
  'measure-text': '44rem',
  'measure-wide': '68rem',
  ring: '3px',
} as const;

/** Nothing is small, and the edges of the page are close: on a phone a line still holds some characters. */
const ELDER_SIZES = {
  'text-small': '1rem',
  'text-h3': '1.125rem',
  'text-h1': 'clamp(1.375rem, 1.2rem + 1vw, 1.75rem)',
  'line-text': '1.75',
  'line-tight': '1.45',
  's-4': '.875rem',
  's-5': '1.25rem',
  's-6': '2rem',
  'page-side': 'clamp(.75rem, 3vw, 2rem)',
  target: `${TARGET_PX.elder}px`,
  ring: '4px',
} as const satisfies Readonly<Partial<Record<keyof typeof SIZES, string>>>;

/** Fonts that the device has: nothing is sent for. A reading face, a face for titles and letters, one of even width. */
const FONTS = {
  sans: 'system-ui, "PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif',
  serif:
    '"Songti SC", "STSong", "Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", system-ui, "Microsoft YaHei", sans-serif',
  mono: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace',
} as const;

/** A Chinese face sets the apostrophe as wide as a character. */
const LATIN_FONTS = {
  serif: `Georgia, "Times New Roman", ${FONTS.serif}`,
} as const satisfies Readonly<Partial<Record<keyof typeof FONTS, string>>>;

export const TOKENS: string = `
:root {
  color-scheme: light dark;
${declare(COLOURS, ([light, dark]) => `light-dark(${light}, ${dark})`)}
${declare(SIZES, (size) => size)}
${declare(FONTS, (fonts) => fonts)}
}
:root.elder {
${declare(ELDER_COLOURS, ([light, dark]) => `light-dark(${light}, ${dark})`)}
${declare(ELDER_SIZES, (size) => size)}
}
:lang(en) {
${declare(LATIN_FONTS, (fonts) => fonts)}
}
${Object.entries(ELDER_TEXT_PX)
  .map(([step, px]) => `:root.elder-${step} { font-size: ${(px / ROOT_PX) * 100}%; }`)
  .join('\n')}
`;

function declare<T>(tokens: Readonly<Record<string, T>>, say: (value: T) => string): string {
  return Object.entries(tokens)
    .map(([name, value]) => `  --${name}: ${say(value)};`)
    .join('\n');
}

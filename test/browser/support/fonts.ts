/**
 * The fonts that the browser under test has, and no others: those that papers are set in (src/node/print-fonts.ts), which npm
 * brings. So a page looks alike on every machine, and a character that none of them has is found on each.
 */
import { dirname } from 'node:path';
import { create } from 'fontkit';
import { printFontFiles, readPrintFonts } from '../../../src/node/print-fonts.ts';

const FOLDERS = [
  ...new Set(
    Object.values(printFontFiles())
      .flat()
      .map((file) => dirname(file)),
  ),
];

/** The first one is what every generic family means. */
const FIRST_FAMILY = 'Noto Sans SC';
const GENERIC = ['sans-serif', 'serif', 'monospace', 'system-ui'];

/** A configuration of fontconfig that knows only these, with its cache in a folder of ours. */
export function fontsConf(cache: string): string {
  const aliases = GENERIC.map(
    (family) =>
      `<match><test name="family"><string>${family}</string></test><edit name="family" mode="assign" binding="strong"><string>${FIRST_FAMILY}</string></edit></match>`,
  );
  return [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    ...FOLDERS.map((folder) => `<dir>${folder}</dir>`),
    ...aliases,
    `<cachedir>${cache}</cachedir>`,
    '</fontconfig>',
    '',
  ].join('\n');
}

let coverage: Promise<ReadonlyMap<string, ReadonlySet<number>>> | undefined;

/** Which characters each family has, by its name. */
export function fontCoverage(): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  coverage ??= readCoverage();
  return coverage;
}

async function readCoverage(): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const { regular } = await readPrintFonts();
  return new Map(
    regular.map((file) => {
      const font = create(Buffer.from(file));
      if (!('characterSet' in font)) throw new Error('a collection of fonts, not a font');
      return [font.familyName, new Set(font.characterSet)];
    }),
  );
}

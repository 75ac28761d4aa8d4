/**
 * The fonts that papers are set in, out of packages (OFL): Noto Sans SC, with all of Unicode's CJK block and its Extension A
 * (䶮, 㛃), then Noto Sans JP, with some of Extension B (𠮷).
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { PrintFonts } from '../web/print/faces.ts';

const FILES: Readonly<Record<keyof PrintFonts, readonly string[]>> = {
  regular: [
    '@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
    '@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf',
  ],
  bold: [
    '@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf',
    '@expo-google-fonts/noto-sans-jp/700Bold/NotoSansJP_700Bold.ttf',
  ],
};

/** Where they are on this machine. */
export function printFontFiles(): Readonly<Record<keyof PrintFonts, readonly string[]>> {
  const find = (files: readonly string[]) => files.map((file) => fileURLToPath(import.meta.resolve(file)));
  return { regular: find(FILES.regular), bold: find(FILES.bold) };
}

export async function readPrintFonts(): Promise<PrintFonts> {
  const read = (files: readonly string[]) => Promise.all(files.map((file) => readFile(file)));
  const files = printFontFiles();
  const [regular, bold] = await Promise.all([read(files.regular), read(files.bold)]);
  return { regular, bold };
}

/**
 * A real Chromium out of npm (@sparticuz/chromium): a headless shell for Linux on x64, compressed, with the libraries that a
 * bare machine lacks. It is unpacked once for each version and user into the folder for temporary files, and stays there.
 */
import { createReadStream, createWriteStream, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import { inflate } from '@sparticuz/chromium';

export interface Unpacked {
  readonly executable: string;
  /** For LD_LIBRARY_PATH: NSS, NSPR and Expat. */
  readonly libraries: string;
  /** A folder for fontconfig's cache. */
  readonly fontCache: string;
}

const PACKAGE = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..');

/** Why no browser runs here, in words; undefined: one does. */
export function whyNoBrowser(): string | undefined {
  const { platform, arch } = process;
  if (platform !== 'linux' || arch !== 'x64')
    return `npm has no Chromium for ${platform} on ${arch}, only for linux on x64`;
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? 'npm’s Chromium needs glibc, which this system has not' : undefined;
}

let unpacking: Promise<Unpacked> | undefined;

/** Unpacks it, unless that has been done. Several processes may do so at once: whole folders are moved into place. */
export function unpackBrowser(): Promise<Unpacked> {
  unpacking ??= unpack();
  return unpacking;
}

async function unpack(): Promise<Unpacked> {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  const user = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `assent-chromium-${version}-${user}`);
  if (!isOurs(folder, user)) {
    const made = await mkdtemp(`${folder}-`);
    try {
      await Promise.all([unpackExecutable(made), unpackLibraries(made)]);
      await rename(made, folder);
    } catch (error) {
      rmSync(made, { recursive: true, force: true });
      // Another process was first.
      if (!isOurs(folder, user)) throw error;
    }
  }
  return {
    executable: join(folder, 'chromium'),
    libraries: join(folder, 'al2023', 'lib'),
    fontCache: join(folder, 'font-cache'),
  };
}

/** In a folder that everybody may write to a name is anybody's. */
function isOurs(folder: string, user: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (!found.isDirectory() || found.uid !== user) throw new Error(`${folder} is somebody else’s: remove it`);
  return true;
}

function unpackExecutable(folder: string): Promise<void> {
  mkdirSync(join(folder, 'font-cache'));
  return pipeline(
    createReadStream(join(PACKAGE, 'bin', 'chromium.br')),
    createBrotliDecompress({ chunkSize: 2 ** 21 }),
    createWriteStream(join(folder, 'chromium'), { mode: 0o700 }),
  );
}

/** The package's own way unpacks into whatever the folder for temporary files is when it is called. */
async function unpackLibraries(folder: string): Promise<void> {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  const done = inflate(join(PACKAGE, 'bin', 'al2023.tar.br'));
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  await done;
}

/**
 * The files that pages load: style sheet, sign, scripts. A page names each by what is in it, so that a browser may keep it
 * for good, and asks anew as soon as it is another.
 *
 * @module
 */
import type { Hono } from 'hono';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { sha256 } from '#core/hash.ts';
import { PAGE_HEADERS } from './headers.ts';
import { ICON_SVG } from './icon-file.ts';
import { SCRIPTS } from './scripts.gen.ts';
import { STYLE } from './style.ts';

interface WebFile {
  readonly type: string;
  readonly text: string;
  /** Of its content. */
  readonly version: string;
}

/** 72 bits: enough to tell versions of our own files apart. */
const VERSION_BYTES = 9;
const FOR_GOOD = 'public, max-age=31536000, immutable';
/** By its bare name, or by another's version, as while servers are being replaced. */
const FOR_NOW = 'public, max-age=300';

const FILES: ReadonlyMap<string, WebFile> = new Map([
  ['/style.css', fileOf('text/css; charset=utf-8', STYLE)],
  ['/icon.svg', fileOf('image/svg+xml', ICON_SVG)],
  ...Object.entries(SCRIPTS).map(
    ([name, text]) => [`/scripts/${name}.js`, fileOf('text/javascript; charset=utf-8', text)] as const,
  ),
]);

function fileOf(type: string, text: string): WebFile {
  return { type, text, version: toBase64Url(sha256(utf8(text)).subarray(0, VERSION_BYTES)) };
}

/** What a page links. A path that is none of ours stays as it is. */
export function versioned(path: string): string {
  const file = FILES.get(path);
  return file === undefined ? path : `${path}?v=${file.version}`;
}

/** Adds the files, by their paths. */
export function addFiles(pages: Hono): void {
  for (const [path, { type, text, version }] of FILES) {
    pages.get(path, (call) =>
      call.body(text, 200, {
        ...PAGE_HEADERS,
        'cache-control': call.req.query('v') === version ? FOR_GOOD : FOR_NOW,
        'content-type': type,
      }),
    );
  }
}

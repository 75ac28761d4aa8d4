/**
 * Where tiles and entry bundles are served (C2SP tlog-tiles), below a log's prefix:
 *
 *     tile/<level>/<n>[.p/<width>]       hashes
 *     tile/entries/<n>[.p/<width>]       entries
 *
 * n is in groups of three digits, all but the last with an `x` before it: 1234067 is `x001/x234/067`. Only a partial tile
 * names its width. So a resource has one path, and nothing else is a path: no other spelling ever reaches a cache.
 *
 * @module
 */
import { assert } from '../assert.ts';
import { Failure } from '../failure.ts';
import { TILE_WIDTH } from './tile.ts';

/** What a path names. Whether the log has it is another question. */
export type TileResource =
  | { readonly kind: 'tile'; readonly level: number; readonly n: number; readonly width: number }
  | { readonly kind: 'bundle'; readonly n: number; readonly width: number };

/** The highest level that a path may name. A tree of 2^53 entries has 7 of them; more are there for larger ones. */
export const TILE_LEVEL_MAX = 63;
/** The longest path: a partial bundle, n in six groups. */
export const TILE_PATH_LENGTH_MAX = 'tile/entries/x000/x000/x000/x000/x000/000.p/255'.length;

const PATH = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Writes where a tile or bundle is served, the inverse of {@link parseTilePath}. */
export function formatTilePath(resource: TileResource): string {
  const { n, width } = resource;
  assert(0 < width && width <= TILE_WIDTH, 'a tile has 1 to 256 hashes');
  const place = resource.kind === 'tile' ? resource.level : 'entries';
  return `tile/${place}/${formatNumber(n)}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
}

/**
 * Reads an attacker-controlled path, without a slash before it and as it was sent: not decoded, not resolved.
 *
 * @throws {Failure} `input_invalid`, unless it is what {@link formatTilePath} writes.
 */
export function parseTilePath(path: string): TileResource {
  if (path.length > TILE_PATH_LENGTH_MAX) throw new Failure('input_invalid', 'no path of a tile is so long');
  const [, place = '', groups = '', partial] = PATH.exec(path) ?? [];
  if (groups === '') throw new Failure('input_invalid', 'want tile/<level>/<n> or tile/entries/<n>');
  const n = Number(groups.replace(/[x/]/g, ''));
  if (!Number.isSafeInteger(n) || formatNumber(n) !== groups) {
    throw new Failure('input_invalid', 'want n up to 2^53-1, without groups of zeros before it');
  }
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (partial !== undefined && width >= TILE_WIDTH) {
    throw new Failure('input_invalid', `a partial tile has 1 to ${TILE_WIDTH - 1} hashes`);
  }
  if (place === 'entries') return { kind: 'bundle', n, width };
  if (Number(place) > TILE_LEVEL_MAX) throw new Failure('input_invalid', `want a level up to ${TILE_LEVEL_MAX}`);
  return { kind: 'tile', level: Number(place), n, width };
}

function formatNumber(n: number): string {
  const digits = String(n);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
}

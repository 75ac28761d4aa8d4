import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TILE_WIDTH } from '#core/tlog/tile.ts';
import {
  formatTilePath,
  parseTilePath,
  TILE_LEVEL_MAX,
  TILE_PATH_LENGTH_MAX,
  type TileResource,
} from '#core/tlog/tile-path.ts';
import { expectFailure } from '../../support/failure.ts';

const tile = (level: number, n: number, width: number): TileResource => ({ kind: 'tile', level, n, width });
const bundle = (n: number, width: number): TileResource => ({ kind: 'bundle', n, width });

/** Every resource that a path can name. */
const resources: fc.Arbitrary<TileResource> = fc.oneof(
  fc.record({
    kind: fc.constant('tile' as const),
    level: fc.integer({ min: 0, max: TILE_LEVEL_MAX }),
    n: fc.maxSafeNat(),
    width: fc.integer({ min: 1, max: TILE_WIDTH }),
  }),
  fc.record({
    kind: fc.constant('bundle' as const),
    n: fc.maxSafeNat(),
    width: fc.integer({ min: 1, max: TILE_WIDTH }),
  }),
);

describe('the path of a tile', () => {
  test.each([
    [tile(0, 0, 256), 'tile/0/000'],
    [tile(1, 0, 1), 'tile/1/000.p/1'],
    [tile(0, 273, 112), 'tile/0/273.p/112'],
    [tile(3, 999, 255), 'tile/3/999.p/255'],
    [tile(0, 1000, 256), 'tile/0/x001/000'],
    [tile(0, 1_000_000, 256), 'tile/0/x001/x000/000'],
    [tile(0, 1_234_067, 256), 'tile/0/x001/x234/067'],
    [tile(0, 2 ** 45 - 1, 1), 'tile/0/x035/x184/x372/x088/831.p/1'],
    [tile(63, 2 ** 53 - 1, 255), 'tile/63/x009/x007/x199/x254/x740/991.p/255'],
    [bundle(0, 256), 'tile/entries/000'],
    [bundle(1000, 17), 'tile/entries/x001/000.p/17'],
    [bundle(2 ** 53 - 1, 1), 'tile/entries/x009/x007/x199/x254/x740/991.p/1'],
  ] as const)('of %j is %s', (resource, path) => {
    expect(formatTilePath(resource)).toBe(path);
    expect(parseTilePath(path)).toEqual(resource);
    expect(path.length).toBeLessThanOrEqual(TILE_PATH_LENGTH_MAX);
  });

  test('reads back, whatever it names, and no two share one', () => {
    fc.assert(
      fc.property(resources, (any) => {
        expect(parseTilePath(formatTilePath(any))).toEqual(any);
      }),
    );
  });

  test('is the only spelling: what is read is written alike', () => {
    const pieces = fc.constantFrom(
      'tile',
      'entries',
      '/',
      '0',
      '1',
      'x',
      '00',
      '000',
      'x000',
      'x001',
      '.p',
      '255',
      '256',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.boolean(), (parts, isTile) => {
        const path = `${isTile ? 'tile/0/' : ''}${parts.join('')}`;
        try {
          expect(formatTilePath(parseTilePath(path))).toBe(path);
        } catch (thrown) {
          expect(thrown).toHaveProperty('code', 'input_invalid');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([0, 257])('has no width %i', (width) => {
    expect(() => formatTilePath(tile(0, 0, width))).toThrow('1 to 256');
  });
});

describe('a path that is none', () => {
  const crooked: readonly string[] = [
    '',
    'tile',
    'tile/',
    'tile/0',
    'tile/0/',
    '/tile/0/000',
    'tile/0/000/',
    'tile//0/000',
    'Tile/0/000',
    'tile/Entries/000',
    'tile/entries',
    'checkpoint',
    // Levels.
    ...['64', '99', '100', '00', '01', '-1', '+1', '1.0', '1e1', '0x1', ' 1', '１'].map((level) => `tile/${level}/000`),
    // Groups of n.
    ...['0', '00', '0000', '1000', 'x000', 'x001', 'x01/000', 'x0001/000', '001/000', 'x001/x000', 'X001/000'].map(
      (n) => `tile/0/${n}`,
    ),
    ...['x000/000', 'x000/x001/000', 'x001//000', 'x-01/000', '-01', '+01', ' 01', '0 1', '００１', '00a'].map(
      (n) => `tile/0/${n}`,
    ),
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/0/x999/x999/x999/x999/x999/999',
    `tile/0/${'x001/'.repeat(6)}000`,
    `tile/0/${'x001/'.repeat(1e5)}000`,
    // Widths.
    ...['0', '00', '01', '256', '999', '1000', '-1', '+1', '1.0', '', ' 1', '1 ', '１', '1/', '1.p/1'].map(
      (width) => `tile/0/000.p/${width}`,
    ),
    'tile/0/000.p',
    'tile/0/000.P/1',
    'tile/0/000/.p/1',
    // Ways out, and what a server might decode.
    'tile/0/..',
    'tile/0/../000',
    'tile/0/000/../../../keys',
    '../tile/0/000',
    'tile/%2e%2e/000',
    'tile/0/%30%30%30',
    'tile/0/000%00',
    'tile\\0\\000',
    'tile/0/000?x',
    'tile/0/000#x',
    'tile/0/000.p/1?x',
    // What hides at an end.
    'tile/0/000\n',
    'tile/0/000\r\n',
    'tile/0/000\u0000',
    '\u0000tile/0/000',
    ' tile/0/000',
    'tile/0/000 ',
    'tile/0/000\t',
    '\uFEFFtile/0/000',
    'tile/0/000\ntile/0/001',
  ];
  test.each(crooked.map((path) => [path]))('is refused (attacks 39, 65): %j', (path) => {
    expectFailure('input_invalid', () => parseTilePath(path));
  });

  test('is any good path with one letter more, less or changed, unless that is another good one', () => {
    fc.assert(
      fc.property(
        resources,
        fc.nat(),
        fc.constantFrom('', '0', '9', 'x', '/', '.', 'p', '\n', '\u0000', '%'),
        (any, at, letter) => {
          const path = formatTilePath(any);
          const place = at % path.length;
          for (const spoiled of [
            path.slice(0, place) + letter + path.slice(place + 1),
            path.slice(0, place) + letter + path.slice(place),
          ]) {
            try {
              expect(formatTilePath(parseTilePath(spoiled))).toBe(spoiled);
            } catch (thrown) {
              expect(thrown).toHaveProperty('code', 'input_invalid');
            }
          }
        },
      ),
    );
  });
});

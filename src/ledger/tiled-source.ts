/**
 * A ledger as it serves itself to auditors (C2SP tlog-tiles, and what stands beside its bundles): read over HTTP or out of a
 * mirror, which has the same files at the same paths. What is missing or unreadable is given as missing; the audit says so.
 *
 * @module
 */
import { parseUtf8 } from '#core/bytes.ts';
import type { Json } from '#core/canonical.ts';
import { isFailure } from '#core/failure.ts';
import { type Hash, hashText, parseHashText } from '#core/hash.ts';
import { isObject } from '#core/shape.ts';
import { type Beside, parseBeside } from '#core/tlog/beside.ts';
import { parseBundle } from '#core/tlog/bundle.ts';
import { parseTile, TILE_WIDTH, type TileId } from '#core/tlog/tile.ts';
import { formatTilePath } from '#core/tlog/tile-path.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import type { PackRow } from '#store/packs.ts';
import type { RequestRow } from '#store/requests.ts';
import type { AuditHead, AuditSource, SourcedEntry } from './audit-source.ts';

/** What a ledger serves, by its paths without the slash before them. */
export interface Resources {
  /** Undefined: there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** Paths of what changes; all others name the same bytes for ever. */
export const CHECKPOINT_PATH = 'checkpoint';
export const PACKS_PATH = 'v1/packs';
/** The log's own stream, and what leads from one log key to the next. */
export const LOG_KEYS_PATH = 'v1/log/keys';

export interface TiledSource extends AuditSource {
  /** Goes on to a larger tree, which someone holds a signed checkpoint of. A smaller one it has seen already. */
  follow(checkpoint: CheckpointRow): void;
  /**
   * Ends before the tree that is followed: at the head of what is shown to who reads, which is proven to be a beginning of it.
   * Undefined: all is shown.
   */
  endAt(shown: AuditHead | undefined): void;
  /** Has another one judged with it: of a name that the log had before. */
  recall(checkpoint: CheckpointRow): void;
}

/** The n-th bundle of a tree, with as many entries as it has there. */
interface Place {
  readonly n: number;
  readonly width: number;
}

export function tiledSource(resources: Resources): TiledSource {
  const followed: CheckpointRow[] = [];
  const recalled = new Map<string, CheckpointRow>();
  let shown: AuditHead | undefined;
  const head = () => shown ?? followed.at(-1);
  const size = () => head()?.size ?? 0;
  const readTile = ({ level, n }: TileId, width: number) =>
    resources.read(formatTilePath({ kind: 'tile', level, n, width }));
  return {
    follow(checkpoint) {
      if (checkpoint.size > (followed.at(-1)?.size ?? 0)) followed.push(checkpoint);
    },
    endAt(end) {
      shown = end;
    },
    recall(checkpoint) {
      recalled.set(checkpoint.note, checkpoint);
    },
    head: async () => head(),
    ...bundlesOf(resources, size),
    parts: async () => [],
    packs: packsOf(resources),
    checkpoints: async (after) =>
      [...recalled.values(), ...followed.filter((each) => each.size <= size())]
        .filter((each) => each.size > after)
        .sort((a, b) => a.size - b.size),
    async tiles(names) {
      const found = names.map(async (name) => {
        const hashes = await readTile(name, TILE_WIDTH);
        return hashes === undefined ? [] : [{ level: name.level, n: name.n, hashes }];
      });
      return (await Promise.all(found)).flat();
    },
    partialTile: readTile,
  };
}

/** Entries, and what stands beside them. */
function bundlesOf(resources: Resources, size: () => number): Pick<AuditSource, 'entries' | 'digests' | 'requests'> {
  /** Of the page that is read: the audit asks for entries, then digests, then requests of the same bundles. */
  let page = new Map<string, Promise<Beside | undefined>>();

  function besideAt({ n, width }: Place): Promise<Beside | undefined> {
    const path = formatTilePath({ kind: 'bundle', n, width }).replace('tile/entries/', 'v1/log/beside/');
    const found = page.get(path) ?? readParsed(resources, path, (bytes) => parseBeside(bytes, width));
    page.set(path, found);
    return found;
  }

  async function bundleAt(place: Place): Promise<readonly SourcedEntry[]> {
    const { n, width } = place;
    const [entries, leaves, beside] = await Promise.all([
      readParsed(resources, formatTilePath({ kind: 'bundle', n, width }), (bytes) => parseBundle(bytes, width)),
      readParsed(resources, formatTilePath({ kind: 'tile', level: 0, n, width }), parseTile),
      besideAt(place),
    ]);
    if (leaves?.length !== width) return [];
    return (entries ?? []).map((bytes, at) => {
      const signature = beside?.signatures[at] ?? new Uint8Array();
      return { index: n * TILE_WIDTH + at, leaf: leaves[at] as Hash, bytes, signature };
    });
  }

  return {
    async entries(start, end) {
      page = new Map();
      const bundles = await Promise.all(placesOf(start, end, size()).map(bundleAt));
      return bundles.flat().filter(({ index }) => start <= index && index < end);
    },
    async digests(start, end) {
      const places = placesOf(start, end, size());
      const besides = await Promise.all(places.map(besideAt));
      const digests = places.flatMap(({ n }, at) =>
        (besides[at]?.digests ?? []).flatMap((parts, i) =>
          Object.entries(parts).map(([name, digest]) => ({ index: n * TILE_WIDTH + i, name, digest })),
        ),
      );
      return digests.filter(({ index }) => start <= index && index < end);
    },
    async requests(digests) {
      const besides = await Promise.all(page.values());
      const texts = new Map(besides.flatMap((beside) => [...(beside?.requests ?? [])]));
      const found = digests.map(async (digest): Promise<readonly RequestRow[]> => {
        const name = hashText(digest);
        const request = texts.get(name) ?? (await readParsed(resources, `v1/log/requests/${name}`, parseUtf8));
        return request === undefined ? [] : [{ digest, request }];
      });
      return (await Promise.all(found)).flat();
    },
  };
}

/** Packs by the list of them; a digest has one pack for ever, so each is read once. */
function packsOf(resources: Resources): AuditSource['packs'] {
  const packs = new Map<string, PackRow>();
  return async () => {
    const list = await readParsed(resources, PACKS_PATH, (bytes) => digestsIn(JSON.parse(parseUtf8(bytes))));
    const fresh = (list ?? []).filter((digest) => !packs.has(hashText(digest)));
    await Promise.all(
      fresh.map(async (digest) => {
        const bytes = await resources.read(`${PACKS_PATH}/${hashText(digest)}`);
        if (bytes !== undefined) packs.set(hashText(digest), { digest, bytes });
      }),
    );
    return [...packs.values()];
  };
}

/** Undefined also where it can't be read: it is missing to whoever needs it. */
async function readParsed<T>(
  resources: Resources,
  path: string,
  parse: (bytes: Uint8Array) => T,
): Promise<T | undefined> {
  const bytes = await resources.read(path);
  if (bytes === undefined) return undefined;
  try {
    return parse(bytes);
  } catch (failure) {
    if (isFailure(failure) || failure instanceof SyntaxError || failure instanceof TypeError) return undefined;
    throw failure;
  }
}

function placesOf(start: number, end: number, size: number): readonly Place[] {
  const first = Math.floor(start / TILE_WIDTH);
  return Array.from({ length: Math.ceil(end / TILE_WIDTH) - first }, (_, i) => {
    const n = first + i;
    return { n, width: Math.min(TILE_WIDTH, size - n * TILE_WIDTH) };
  });
}

/** The digests of all versions in a list of packs. */
function digestsIn(list: Json): readonly Hash[] {
  const packs = isObject(list) && Array.isArray(list['packs']) ? list['packs'] : [];
  const versions = packs.flatMap((pack: Json) =>
    isObject(pack) && Array.isArray(pack['versions']) ? pack['versions'] : [],
  );
  return versions.flatMap((version: Json) =>
    isObject(version) && typeof version['digest'] === 'string' ? [parseHashText(version['digest'])] : [],
  );
}

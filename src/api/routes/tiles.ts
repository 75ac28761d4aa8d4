/**
 * Routes of the log as tiles (C2SP tlog-tiles). They answer bytes, at paths of as many segments as a number has groups, so
 * they are made by hand and documented beside the others.
 */
import type { Context as Call } from 'hono';
import { Failure, isFailure } from '#core/failure.ts';
import { parseHashText } from '#core/hash.ts';
import { parseTilePath, type TileResource } from '#core/tlog/tile-path.ts';
import { type BundleId, readBeside, readBundle, readRequest, readTile } from '#service/tiles.ts';
import { NONE } from '#wire/common.ts';
import { gzipped } from '#wire/gzip.ts';
import { parseInput } from '#wire/input.ts';
import { bundleParams, requestParams, requestText, tileBytes, tileParams } from '#wire/log.ts';
import { answer, type Env } from '../answer.ts';
import { describeRead } from '../describe.ts';
import { type Api, auditorOf } from '../operation.ts';

const TAG = 'Log';
const BYTES = 'application/octet-stream';
const BUNDLES = 'tile/entries/';
const BESIDE = 'v1/log/beside/';

/** What a path names never changes, a partial tile neither: when there are more hashes they have another path. */
const FOREVER = { 'cache-control': 'public, max-age=31536000, immutable' };
/** The same, for its caller alone. */
const FOREVER_OWN = { 'cache-control': 'private, max-age=31536000, immutable' };

/** What an auditor may read whose party is of before entries were lost (ADR 0032). */
const WAITING =
  'One that waits to be continued reads up to and including `log.continued`; beyond that `key_waiting` says so (`readable`).';

/** Adds the routes of tiles and bundles, and of what stands beside them. */
export function addTiles(api: Api): void {
  describeTiles(api);
  const { app, context } = api;
  app.get(`/${BUNDLES}*`, async (call) => {
    const auditor = await auditorOf(api, call);
    return ownAnswer(api, call, BYTES, await readBundle(context, auditor, bundleAt(pathOf(call))));
  });
  app.get(`/${BESIDE}*`, async (call) => {
    const auditor = await auditorOf(api, call);
    const path = pathOf(call).replace(BESIDE, BUNDLES);
    return ownAnswer(api, call, 'application/json', await readBeside(context, auditor, bundleAt(path)));
  });
  app.get('/tile/*', async (call) => {
    const tile = resourceAt(pathOf(call));
    if (tile.kind !== 'tile') throw notFound();
    // Hashes are random to a compressor: they are sent as they are.
    const body = await readTile(context, tile, tile.width);
    return answer(context, call, { status: 200, body, headers: { 'content-type': BYTES, ...FOREVER } });
  });
  app.get('/v1/log/requests/:digest', async (call) => {
    const { digest } = parseInput(requestParams, call.req.param());
    const auditor = await auditorOf(api, call);
    parseInput(NONE, call.req.query());
    const body = await readRequest(context, auditor, parseHashText(digest));
    return answer(context, call, {
      status: 200,
      body,
      headers: { 'content-type': 'application/json', ...FOREVER_OWN },
    });
  });
}

function describeTiles({ app }: Api): void {
  const read = {
    tag: TAG,
    query: NONE,
    answer: tileBytes,
    text: BYTES,
    failures: ['index_unknown', 'not_found'],
  } as const;
  const partial = 'n in groups of three digits (`x001/x234/067`), a partial one with `.p/<width>`';
  const documented = [
    {
      path: '/tile/{level}/{n}',
      summary: 'Read a tile of hashes',
      description: `C2SP tlog-tiles: ${partial}. Nothing beyond the newest checkpoint.`,
      scope: 'public',
      params: tileParams,
    },
    {
      path: '/tile/entries/{n}',
      summary: 'Read a bundle of entries',
      description: `C2SP tlog-tiles: ${partial}. For auditors. ${WAITING}`,
      scope: 'caller',
      params: bundleParams,
    },
    {
      path: '/v1/log/beside/{n}',
      summary: 'Read what stands beside a bundle',
      description: `Of the same entries, named alike: signatures, digests of parts, signed requests. For auditors. ${WAITING}`,
      scope: 'caller',
      params: bundleParams,
      text: 'application/json',
    },
    {
      path: '/v1/log/requests/{digest}',
      summary: 'Read a signed request',
      description: `The request that an entry names as its evidence, as it was signed. For auditors. ${WAITING}`,
      scope: 'caller',
      params: requestParams,
      answer: requestText,
      text: 'application/json',
      failures: ['not_found'],
    },
  ] as const;
  for (const each of documented) app.openAPIRegistry.registerPath(describeRead({ ...read, ...each }));
}

/** Only for who asked, and compressed where that is taken: entries are alike. */
async function ownAnswer({ context }: Api, call: Call<Env>, type: string, bytes: Uint8Array): Promise<Response> {
  const { body, headers } = await gzipped(call.req.header('accept-encoding'), bytes);
  return answer(context, call, { status: 200, body, headers: { 'content-type': type, ...FOREVER_OWN, ...headers } });
}

/** The path as it was sent, without the slash before it: a router decodes, and a resource has one spelling. */
function pathOf(call: Call<Env>): string {
  const { url } = call.req;
  const path = url.slice(url.indexOf('/', url.indexOf('//') + 2) + 1);
  if (path.includes('?')) throw new Failure('input_invalid', 'a tile has no query');
  return path;
}

/** @throws {Failure} `not_found`: a path that names no tile is one that there is not. */
function resourceAt(path: string): TileResource {
  try {
    return parseTilePath(path);
  } catch (failure) {
    throw isFailure(failure, 'input_invalid') ? notFound() : failure;
  }
}

function bundleAt(path: string): BundleId {
  const found = resourceAt(path);
  if (found.kind !== 'bundle') throw notFound();
  return found;
}

function notFound(): Failure {
  return new Failure('not_found', 'no such path');
}

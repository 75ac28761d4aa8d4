/**
 * What a ledger serves to auditors, read over HTTP or out of a folder of the same paths.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from '#client/send.ts';
import { type Signatory, signRequest } from '#client/sign.ts';
import type { Json } from '#core/canonical.ts';
import { Failure } from '#core/failure.ts';
import { CHECKPOINT_PATH, LOG_KEYS_PATH, PACKS_PATH, type Resources } from '#ledger/tiled-source.ts';

/** More than a full bundle of the longest entries, unpacked: what is longer is none. */
const RESOURCE_BYTES_MAX = 64 * 2 ** 20;
const ANSWER_WAIT_MS = 30_000;
const TRIES_MAX = 5;
const AGAIN_AFTER_MS = 250;

export interface HttpOptions {
  /** The ledger's address, without a slash at its end. */
  readonly url: string;
  /** What signatures name, where that is not the host of the URL. */
  readonly authority: string | undefined;
  /** The auditor's key; none: only what is public is had. */
  readonly signers: readonly Signatory[];
}

/** The auditor's key waits for the keeper since the log was continued, and is shown what there was before (ADR 0032). */
export class Waiting extends Refused {
  /** How many entries, from the first on, are shown to it: as the server says, who is believed in nothing. */
  readonly readable: number;

  constructor(detail: string, next: string | undefined, readable: number) {
    super(403, 'key_waiting', detail, next);
    this.readable = readable;
  }
}

/** Reads over HTTP. @throws {Refused} where the server refuses; `store_unavailable`, where none answers. */
export function httpResources({ url, authority, signers }: HttpOptions): Resources {
  const named = authority ?? new URL(url).host;

  async function headersFor(path: string): Promise<Record<string, string>> {
    if (isPublic(path) || signers.length === 0) return {};
    const unsigned = { method: 'GET', authority: named, path: `/${path}`, query: '' } as const;
    return signRequest(signers, unsigned, Math.floor(Date.now() / 1_000));
  }

  async function ask(path: string): Promise<Response | undefined> {
    const headers = await headersFor(path);
    try {
      return await fetch(`${url}/${path}`, { headers, signal: AbortSignal.timeout(ANSWER_WAIT_MS) });
    } catch {
      return undefined;
    }
  }

  return {
    async read(path) {
      for (let tried = 1; ; tried++) {
        const answer = await ask(path);
        const bytes = answer?.ok ? await readBody(answer) : undefined;
        if (bytes !== undefined) return bytes;
        if (answer?.status === 404) return absent(path, answer);
        const again = answer === undefined || answer.ok || answer.status === 503 || answer.status === 429;
        if (!again) throw await refusalOf(answer);
        if (tried >= TRIES_MAX) throw new Failure('store_unavailable', `no answer from ${url}`);
        await sleep(AGAIN_AFTER_MS * tried);
      }
    },
  };
}

function isPublic(path: string): boolean {
  return !path.startsWith('tile/entries/') && !path.startsWith('v1/log/');
}

/** Who is no auditor is told that there is nothing; that is no finding of the ledger's. */
async function absent(path: string, answer: Response): Promise<undefined> {
  const refusal = await refusalOf(answer);
  if (!isPublic(path) && refusal.code === 'not_found' && !path.startsWith('v1/log/requests/')) {
    throw new Refused(
      404,
      'not_found',
      'the bundles are not shown to this key',
      'is it a key of a party with the role auditor?',
    );
  }
  return undefined;
}

/** The body, or undefined where it broke off. @throws {Failure} `too_large` (a bomb, or no ledger) */
async function readBody({ body }: Response): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > RESOURCE_BYTES_MAX)
        throw new Failure('too_large', `an answer of more than ${RESOURCE_BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    return undefined;
  }
  return new Uint8Array(Buffer.concat(chunks));
}

async function refusalOf(answer: Response): Promise<Refused> {
  try {
    const { code, detail, next, readable } = JSON.parse(await answer.text()) as Record<string, Json>;
    const said = { status: answer.status, code: String(code), detail: String(detail) };
    const way = typeof next === 'string' ? next : undefined;
    if (said.code === 'key_waiting' && typeof readable === 'number') return new Waiting(said.detail, way, readable);
    return new Refused(said.status, said.code, said.detail, way);
  } catch {
    return new Refused(
      answer.status,
      'unreadable',
      `status ${answer.status}, and no problem that could be read`,
      undefined,
    );
  }
}

/** Reads a folder. */
export function folderResources(folder: string): Resources {
  return { read: async (path) => readFile(fileOf(folder, path)) };
}

/** A folder that is filled from elsewhere. What is new counts only once it is kept. */
export interface KeptResources extends Resources {
  /** Moves what was read since the last time to where it stays. */
  keep(): void;
}

const NEW = 'new';

/**
 * Reads a folder, and what it lacks from elsewhere. What can change is always read from there.
 *
 * @param isAnew whether all is read from elsewhere, once: what is in the folder may be of another tree.
 */
export function keptResources(folder: string, from: Resources, isAnew = false): KeptResources {
  const fresh = join(folder, NEW);
  rmSync(fresh, { recursive: true, force: true });
  const read = new Set<string>();

  function known(path: string): Uint8Array | undefined {
    if (isMutable(path)) return undefined;
    if (read.has(path)) return readFile(fileOf(fresh, path));
    return isAnew ? undefined : readFile(fileOf(folder, path));
  }

  return {
    async read(path) {
      const kept = known(path);
      if (kept !== undefined) return kept;
      const bytes = await from.read(path);
      if (bytes === undefined) return undefined;
      read.add(path);
      writeDurably(fileOf(fresh, path), bytes);
      return bytes;
    },
    keep() {
      // The checkpoint last: it says that everything under it is here.
      for (const path of [...read].sort((a, b) => Number(a === CHECKPOINT_PATH) - Number(b === CHECKPOINT_PATH))) {
        mkdirSync(dirname(fileOf(folder, path)), { recursive: true });
        renameSync(fileOf(fresh, path), fileOf(folder, path));
      }
      read.clear();
    },
  };
}

function isMutable(path: string): boolean {
  return path === CHECKPOINT_PATH || path === PACKS_PATH || path === LOG_KEYS_PATH;
}

/** The list of packs has their own path's folder beside it. */
function fileOf(folder: string, path: string): string {
  return join(folder, path === PACKS_PATH ? `${path}.json` : path);
}

export function readFile(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(cause.code)))
      return undefined;
    throw new Failure('input_invalid', `${path} can't be read`, { cause });
  }
}

/** Writes a file that is there whole, or not at all, also after the loss of power. */
export function writeDurably(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${randomBytes(4).toString('hex')}.part`;
  const file = openSync(part, 'w');
  try {
    // Until all is written: a disk that is almost full takes a part, and says no more than that.
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
}

/**
 * Packs at hand, by their digest. A digest has one pack for ever, so what was read once is kept.
 *
 * @module
 */
import type { LogState } from '#core/consent/log.ts';
import { parseHashText } from '#core/hash.ts';
import { type Pack, packDigest, parsePack } from '#core/pack/pack.ts';
import { loadPacks } from '#store/packs.ts';
import type { Tx } from '#store/schema.ts';

export interface PackLibrary {
  get(digest: string): Pack | undefined;
  /** Takes in the bytes of a pack that is about to be published. */
  add(digest: string, pack: Pack): void;
  /** Reads those that a log's state names and that are not at hand yet. */
  load(tx: Tx, log: LogState | undefined): Promise<void>;
}

export function openPackLibrary(): PackLibrary {
  const packs = new Map<string, Pack>();
  return {
    get: (digest) => packs.get(digest),
    add(digest, pack) {
      packs.set(digest, pack);
    },
    async load(tx, log) {
      const named = Object.values(log?.packs ?? {}).flatMap((versions) => versions.map(({ digest }) => digest));
      const missing = named.filter((digest) => !packs.has(digest));
      if (missing.length === 0) return;
      for (const { bytes } of await loadPacks(tx, missing.map(parseHashText)))
        packs.set(packDigest(bytes), parsePack(bytes));
    },
  };
}

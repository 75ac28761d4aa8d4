/**
 * The packs of a ledger, for whoever replays it: their bytes are an input of the decisions, so they are checked like them.
 *
 * @module
 */
import { equalBytes } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import { hashText, sha256 } from '#core/hash.ts';
import { type Pack, parsePack } from '#core/pack/pack.ts';
import type { AuditSource } from './audit-source.ts';
import type { Finding } from './replay.ts';

export interface ReadPacks {
  readonly packs: ReadonlyMap<string, Pack>;
  readonly findings: readonly Finding[];
}

/** Reads all of them. One whose bytes are not those of its digest is a finding, and decides nothing. */
export async function readPacks(source: AuditSource): Promise<ReadPacks> {
  const packs = new Map<string, Pack>();
  const findings: Finding[] = [];
  for (const { digest, bytes } of await source.packs()) {
    if (!equalBytes(sha256(bytes), digest)) {
      findings.push({ code: 'pack', index: null, message: 'a pack’s bytes are not those of its digest' });
      continue;
    }
    try {
      packs.set(hashText(digest), parsePack(bytes));
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      findings.push({ code: 'pack', index: null, message: `a pack is unreadable: ${failure.message}` });
    }
  }
  return { packs, findings };
}

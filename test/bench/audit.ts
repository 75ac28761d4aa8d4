/**
 * The audit of a ledger on PostgreSQL in a process of its own, reading included, by what it verifies.
 *
 * @module
 */
import { useSha256 } from '#core/hash.ts';
import { parseVkey } from '#core/note/key.ts';
import { type AuditReport, auditLedger } from '#ledger/audit.ts';
import { openPostgres } from '#store/postgres.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../src/native.ts';
import { type ChainsRated, rateChains } from './chains.ts';
import { serveParent } from './child.ts';

export interface Audited {
  readonly entries: number;
  readonly decisions: number;
  readonly signatures: number;
  readonly seconds: number;
}

/** Audits without entries' signatures and with them; or bytes, chains and tree alone. */
export type AuditAsked = 'plain' | 'signed' | 'chains';

useSha256(nativeSha256);

serveParent(async ({ databaseUrl, vkey }: { databaseUrl: string; vkey: string }) => {
  const store = await openPostgres(databaseUrl);
  return {
    ready: undefined,
    async answer(asked: AuditAsked): Promise<Audited | ChainsRated> {
      if (asked === 'chains') return rateChains(store, vkey);
      const start = performance.now();
      // Payloads are checked by their digests: opening them depends on how many there are, not on the decisions.
      const options = {
        vkey: parseVkey(vkey),
        ed25519: nativeEd25519,
        p256: nativeP256,
        vault: undefined,
        entrySignatures: asked === 'signed',
      };
      const report = await store.read((tx) => auditLedger(tx, options));
      const seconds = (performance.now() - start) / 1_000;
      refuseBroken(report);
      return { entries: report.size, decisions: report.decisions, signatures: report.signatures, seconds };
    },
    close: () => store.close(),
  };
});

function refuseBroken(report: AuditReport): void {
  if (!report.holds) throw new Error(`the ledger does not hold: ${JSON.stringify(report.findings.slice(0, 5))}`);
}

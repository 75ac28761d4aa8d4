/** An audit of a ledger's database, in one snapshot: whole, or of its chains alone. */
import { type AuditOptions, auditLedger } from '#ledger/audit.ts';
import { databaseSource } from '#ledger/audit-source.ts';
import { type ChainReport, openChainAudit } from '#ledger/chain-audit.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import { openChainThreads } from './chain-threads.ts';
import type { AuditAsked, StampedReport } from './local-door.ts';

/** Where certificates are given, judges the time-stamps that lie beside it by the same snapshot. */
export async function auditStore(
  store: Store,
  { tsa, depth, ...options }: AuditOptions & Pick<AuditAsked, 'tsa' | 'depth'>,
): Promise<StampedReport> {
  return store.read(async (tx) => {
    const report = depth === 'chains' ? await auditChains(tx, options) : await auditLedger(tx, options);
    if (tsa === undefined) return report;
    const { auditStamps } = await import('./time-stamp/audit-stamps.ts');
    return { ...report, stamps: await auditStamps(tx, report, { vkey: options.vkey, certificates: tsa }) };
  });
}

async function auditChains(tx: Tx, options: AuditOptions): Promise<ChainReport> {
  const threads = openChainThreads();
  try {
    return await openChainAudit(databaseSource(tx), { ...options, checkRun: threads.check }).advance();
  } finally {
    await threads.close();
  }
}

/** Time-stamps in a database, against the tree that its audit has just replayed in the same transaction. */
import { utf8 } from '#core/bytes.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { parseSize } from '#core/tlog/tree.ts';
import type { CommonReport } from '#ledger/chain-audit.ts';
import { proveConsistency } from '#ledger/tree.ts';
import type { Tx } from '#store/schema.ts';
import { loadTimeStamps } from '#store/time-stamps.ts';
import { parseTsaCertificates } from '#time-stamp/certificates.ts';
import { formerLogKeysOf, logKeysOf } from '../compare-receipts.ts';
import { type FiledStamp, type JudgedStamps, judgeStamps } from './judge.ts';

const PAGE = 500;

/** @param certificates The text of their file. @throws {Failure} `key_invalid` */
export async function auditStamps(
  tx: Tx,
  report: CommonReport,
  { vkey, certificates }: { readonly vkey: VerifierKey; readonly certificates: string },
): Promise<JudgedStamps> {
  return judgeStamps(await loadAll(tx), {
    vkeys: logKeysOf({ vkey, report }),
    certificates: parseTsaCertificates(utf8(certificates)),
    head: { size: parseSize(report.size), root: report.root },
    prove: (from, to) => proveConsistency(tx, from, to),
    spans: report.logKeys,
    former: formerLogKeysOf(report),
    isHashed: report.codes.every((code) => code !== 'entry' && code !== 'tree'),
  });
}

async function loadAll(tx: Tx): Promise<readonly FiledStamp[]> {
  const stamps: FiledStamp[] = [];
  for (let from = 0; ; ) {
    const page = await loadTimeStamps(tx, from, PAGE);
    for (const { size, file } of page) stamps.push({ size, bytes: utf8(file) });
    if (page.length < PAGE) return stamps;
    from = (page.at(-1)?.size ?? 0) + 1;
  }
}

/** How a letter was signed: by a key of its subject, or in ink, brought in by two operators. */
import type { Call } from '#core/consent/call.ts';
import type { LetterSignedOnPaper } from '#core/consent/letter-paper.ts';
import type { Relationship } from '#core/consent/relationship.ts';
import type { Scan } from '#core/consent/scan.ts';
import type { LetterId, OperatorId } from '#core/ids.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { openParts, partName } from '#ledger/vault.ts';
import { loadSlice } from '#store/entries.ts';
import { loadParts } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import type { Context } from './context.ts';

export type LetterSignature =
  | { readonly kind: 'key' }
  | {
      readonly kind: 'paper';
      readonly signed_at: number;
      /** Ledger time: from then on its grants count. */
      readonly registered_at: number;
      /** Clerk and witness. */
      readonly operators: readonly OperatorId[];
      /** `salt`: null once it is erased. */
      readonly scan: Scan & { readonly salt: string | null };
    };

/** Null: it is not signed. */
export async function signatureOf(
  tx: Tx,
  vault: Context['vault'],
  stream: StreamId,
  { signed, papers = {} }: Relationship,
  letter: LetterId,
): Promise<LetterSignature | null> {
  if (!signed.includes(letter)) return null;
  const seqMin = papers[letter];
  if (seqMin === undefined) return { kind: 'key' };
  const [row] = await loadSlice(tx, { stream, indexMax: Number.MAX_SAFE_INTEGER, seqMin, countMax: 1 });
  if (row === undefined) return null;
  const { time, body } = parseEntry(row.bytes);
  const { signed_at, scan, by } = body as unknown as LetterSignedOnPaper & Call;
  const parts = await openParts(vault, await loadParts(tx, row.index, row.index + 1));
  const salt = parts.get(partName(row.index, 'scan_salt'))?.value;
  return {
    kind: 'paper',
    signed_at,
    registered_at: time,
    operators: by.map(({ operator }) => operator),
    scan: { ...scan, salt: typeof salt === 'string' ? salt : null },
  };
}

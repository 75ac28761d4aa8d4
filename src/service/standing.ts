/** How the ledger stands: for the front page, and for whoever asks whether this server can work. */
import { toBase64 } from '#core/bytes.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead } from '#store/head.ts';
import type { Context } from './context.ts';

export interface Standing {
  readonly origin: string;
  readonly vkey: string;
  /** Entries committed, and the root hash over them, base64 as in a checkpoint. */
  readonly size: number;
  readonly root: string | null;
  readonly checkpoint: { readonly size: number; readonly note: string } | null;
  /** Why nothing may be written, or null. */
  readonly fenced: string | null;
}

/** @throws {Failure} `store_unavailable` */
export async function readStanding({ ledger }: Context): Promise<Standing> {
  const { head, checkpoint } = await ledger.store.read(async (tx) => ({
    head: await loadHead(tx),
    checkpoint: await loadNewestCheckpoint(tx),
  }));
  return {
    origin: ledger.origin,
    vkey: ledger.vkey,
    size: head?.size ?? 0,
    root: head === undefined ? null : toBase64(head.root),
    checkpoint: checkpoint === undefined ? null : { size: checkpoint.size, note: checkpoint.note },
    fenced: ledger.fenced() ?? null,
  };
}

/**
 * Receipts that somebody keeps, against a log that is followed. A receipt was true of the tree that it shows: if that tree is a
 * beginning of ours, its entries are in our copy, at their places, and what its access `saw` is what the replay decided again.
 * If it is not, the log has signed two histories, and the file proves it to anyone.
 *
 * @module
 */

import { parseReceipt } from '#core/consent/receipt.ts';
import { checkpointNotesOf } from '#core/consent/receipt-checkpoint.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { isFailure } from '#core/failure.ts';
import { parseVkey, type VerifierKey } from '#core/note/key.ts';
import { openAnyCheckpoint, type VerifiedCheckpoint } from '#core/tlog/checkpoint.ts';
import type { CommonReport } from '#ledger/chain-audit.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import { nativeEd25519, nativeP256 } from '../native.ts';
import { contradiction, type Fork, proveByTiles } from './one-tree.ts';

export interface KeptReceipt {
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface ComparedReceipt {
  readonly file: string;
  /**
   * `diverged`: it shows another history than the log does, or two, both signed. `invalid`: it does not hold by itself, and
   * so says nothing of the log. `otherwise`: the replay found something at its entry. `unproven`: what would show that its
   * history is this one is missing, or is not what the replay hashed.
   */
  readonly verdict: 'holds' | 'otherwise' | 'diverged' | 'invalid' | 'unproven';
  /** The entry that it is of, and the size of the tree that it shows; null where it does not hold. */
  readonly index: number | null;
  readonly size: number | null;
  /** What is wrong; null: nothing is. */
  readonly message: string | null;
}

/** The log as it is followed: its newest checkpoint, where its tiles are, and what its replay found; null: it was not replayed. */
export interface Followed {
  readonly vkey: VerifierKey;
  readonly served: VerifiedCheckpoint;
  readonly resources: Resources;
  readonly report: Pick<CommonReport, 'findings' | 'codes' | 'logKeys'> | null;
  /** How many entries were replayed, where that is not all. */
  readonly readable?: number | undefined;
}

/** What is known of a log's keys. */
interface LogKeysKnown {
  readonly vkey: VerifierKey;
  readonly report: Pick<CommonReport, 'codes' | 'logKeys'> | null;
}

/** @throws {Failure} `store_unavailable`, as the resources do. */
export async function compareReceipts(
  receipts: readonly KeptReceipt[],
  followed: Followed,
): Promise<readonly ComparedReceipt[]> {
  const compared: ComparedReceipt[] = [];
  for (const receipt of receipts) compared.push(await compareReceipt(receipt, followed));
  return compared;
}

async function compareReceipt({ file, bytes }: KeptReceipt, followed: Followed): Promise<ComparedReceipt> {
  // Before all else: what the log's key signed convicts it, whatever else of the file is broken.
  const fork = await findFork(bytes, followed);
  // Tiles that the replay did not make of the entries convict nobody.
  const { report, readable } = followed;
  const isWhole = report !== null && readable === undefined;
  const isHashed = isWhole && report.codes.every((code) => code !== 'entry' && code !== 'tree');
  if (fork !== undefined) {
    const isShown = fork.isShown && (isHashed || fork.isAhead);
    return { file, verdict: isShown ? 'diverged' : 'unproven', index: null, size: null, message: fork.message };
  }
  const verdict = await verdictOn(bytes, followed);
  const { problem, asOf: size } = verdict;
  if (problem !== null) {
    const isFork = verdict.recorded === 'diverged';
    return { file, verdict: isFork ? 'diverged' : 'invalid', index: null, size: null, message: problem.message };
  }
  const index = indexOf(verdict);
  const found = followed.report?.findings.find((finding) => finding.index === index);
  if (found === undefined) return { file, verdict: 'holds', index, size, message: null };
  return { file, verdict: 'otherwise', index, size, message: found.message };
}

/** By the trusted log key, or where that does not lead to the receipt's own, by the others that the replayed log names. */
async function verdictOn(bytes: Uint8Array, followed: Followed): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const vkey of logKeysOf(followed)) {
    const verdict = await verifyReceipt(bytes, vkey, nativeEd25519, nativeP256);
    if (verdict.problem === null) return verdict;
    verdicts.push(verdict);
  }
  return verdicts.find(({ recorded }) => recorded === 'diverged') ?? (verdicts[0] as Verdict);
}

/**
 * The trusted one first; the others that the log names, if the replay made it of what is signed. Not those of a former name:
 * what was signed under that beyond what was left is lost, and no fork (ADR 0028).
 */
export function logKeysOf({ vkey, report }: LogKeysKnown): readonly VerifierKey[] {
  return [vkey, ...namedKeysOf(report).filter(({ name, keyId }) => name === vkey.name && keyId !== vkey.keyId)];
}

/** Those of its former names, each with the size of the tree that was left of that name. */
export function formerLogKeysOf(
  report: Pick<CommonReport, 'codes' | 'logKeys' | 'continued'> | null,
): readonly { readonly key: VerifierKey; readonly size: number }[] {
  return (report?.continued ?? []).flatMap(({ before, size }) => {
    const last = parseVkey(before);
    const others = namedKeysOf(report).filter(({ name, keyId }) => name === last.name && keyId !== last.keyId);
    return [last, ...others].map((key) => ({ key, size }));
  });
}

function namedKeysOf(report: LogKeysKnown['report']): readonly VerifierKey[] {
  const isSigned = report?.codes.every((code) => code !== 'entry' && code !== 'tree' && code !== 'checkpoint') ?? false;
  return isSigned ? (report?.logKeys ?? []).map((each) => parseVkey(each.vkey)) : [];
}

function indexOf({ access, letter, erasure }: Verdict): number | null {
  return (access ?? letter ?? erasure)?.index ?? null;
}

/** How a tree that it shows contradicts the one that is followed; undefined: none does that the log signed. */
async function findFork(bytes: Uint8Array, followed: Followed): Promise<Fork | undefined> {
  for (const note of notesIn(bytes)) {
    const shown = await openSigned(note, logKeysOf(followed));
    const fork =
      shown && (await contradiction(shown, { head: followed.served, prove: proveByTiles(followed.resources) }));
    if (fork !== undefined) return fork;
  }
  return undefined;
}

function notesIn(bytes: Uint8Array): readonly string[] {
  try {
    return checkpointNotesOf(parseReceipt(bytes));
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return [];
  }
}

/** Undefined, where the log's key did not sign it: then it accuses nobody. */
async function openSigned(note: string, keys: readonly VerifierKey[]): Promise<VerifiedCheckpoint | undefined> {
  try {
    return await openAnyCheckpoint(note, keys, nativeEd25519);
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return undefined;
  }
}

/**
 * The audit of how a log went on under another name: the tree that it says was left is computed again, and all else is
 * judged by the code that every reader judges it by.
 *
 * @module
 */
import { type Continued, judgeContinued } from '#core/consent/log-continued.ts';
import type { WitnessTerms } from '#core/consent/witnessing.ts';
import { isFailure } from '#core/failure.ts';
import type { Hash } from '#core/hash.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { Entry } from '#core/tlog/entry.ts';
import type { AuditSource } from './audit-source.ts';
import type { Finding } from './replay.ts';
import { reasonOf } from './thrown.ts';
import { rootsAt } from './tree-roots.ts';

export interface ContinuationCheck {
  note(entry: Entry, index: number): void;
  /** Judges what was noted since the last time. */
  settle(source: AuditSource): Promise<readonly Finding[]>;
  /** What was judged, and holds. */
  report(): { readonly continued?: readonly Continued[] };
}

interface Noted {
  readonly index: number;
  readonly entry: Entry;
}

interface Judging {
  readonly ed25519: Ed25519;
  readonly terms?: WitnessTerms | undefined;
}

export function checkContinuations({ ed25519, terms }: Judging): ContinuationCheck {
  let noted: Noted[] = [];
  const judged: Continued[] = [];

  /** Why it does not hold; undefined: it does. @throws whatever the source throws that is no failure of ours */
  async function judge({ index, entry }: Noted, source: AuditSource): Promise<string | undefined> {
    let root: Hash | undefined;
    try {
      [root] = entry.body['size'] === index ? await rootsAt(source, [index], index) : [];
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      return failure.message;
    }
    try {
      const found = await judgeContinued(ed25519, entry, { terms, index, ...(root === undefined ? {} : { root }) });
      judged.push({ ...found, time: entry.time });
      return undefined;
    } catch (thrown) {
      return reasonOf(thrown);
    }
  }

  return {
    note(entry, index) {
      if (entry.type === 'log.continued') noted.push({ index, entry });
    },
    async settle(source) {
      const due = noted;
      noted = [];
      const findings: Finding[] = [];
      for (const each of due) {
        const message = await judge(each, source);
        if (message !== undefined) findings.push({ code: 'state', index: each.index, message });
      }
      return findings;
    },
    report: () => (judged.length === 0 ? {} : { continued: [...judged] }),
  };
}

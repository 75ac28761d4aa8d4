/**
 * The audit of restores: an entry that says that a tail was put back stands right behind that tree, and both trees that it
 * names are this log's own. No state tells; the roots are computed again.
 *
 * @module
 */
import type { LogRestored } from '#core/consent/log-restored.ts';
import { isFailure } from '#core/failure.ts';
import { equalHash, type Hash, parseHashText } from '#core/hash.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { loadPartNames } from '#store/erasures.ts';
import type { AuditSource } from './audit-source.ts';
import type { Finding } from './replay.ts';
import { rootsAt } from './tree-roots.ts';

export interface RestoreCheck {
  note(entry: Entry, index: number): void;
  /** Judges what was noted since the last time. */
  settle(source: AuditSource): Promise<readonly Finding[]>;
}

interface Noted {
  readonly index: number;
  readonly said: LogRestored;
}

export function checkRestores(): RestoreCheck {
  let noted: Noted[] = [];
  return {
    note(entry, index) {
      if (entry.type === 'log.restored') noted.push({ index, said: entry.body as LogRestored });
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
  };
}

const PAGE = 1_024;

/** The digests of the parts that it says are lost; and none of these is here. */
async function whyOtherParts({ from_size, size, lost_parts }: LogRestored, source: AuditSource) {
  let parts = 0;
  let here = 0;
  for (let at = from_size; at < size; at += PAGE) {
    const end = Math.min(at + PAGE, size);
    parts += (await source.digests(at, end)).length;
    here += source.tables === undefined ? 0 : (await loadPartNames(source.tables, at, end)).size;
  }
  if (here > 0) return 'payloads are here that it says were lost';
  return parts === lost_parts ? undefined : `it says that ${lost_parts} parts were lost, and its entries had ${parts}`;
}

async function judge({ index, said }: Noted, source: AuditSource): Promise<string | undefined> {
  const { from_size, from_root, size, root } = said;
  if (size !== index) return `it says that ${size} entries were put back, and stands behind ${index}`;
  try {
    const [from, to] = (await rootsAt(source, [from_size, size], size)) as [Hash, Hash];
    const isSame = equalHash(from, parseHashText(from_root)) && equalHash(to, parseHashText(root));
    return isSame ? await whyOtherParts(said, source) : 'the trees that it says were put back are not this log’s';
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return `what was put back can’t be computed again: ${failure.message}`;
  }
}

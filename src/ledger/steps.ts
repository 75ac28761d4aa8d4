/**
 * The steps of accesses: what an entry adds to `access_steps`, how a ledger catches up that older code wrote, and the audit
 * of it. The batch files a row in the statement that appends its entry, so that neither is there without the other.
 *
 * @module
 */
import { type Step, stepIn } from '#core/consent/step.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import { type AccessStepRow, catchUpSteps, loadStepped, loadStepsOf } from '#store/access-steps.ts';
import { loadEntries } from '#store/entries.ts';
import { lockHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import type { Log } from './log.ts';

/** What a step does not have. */
const NOTHING = { access: null, decision: null, action: null, purpose: null, may_defer: null };

/** Only in relationships: where else an entry stands, it is nobody's access. */
export function stepsOf(index: number, entry: Entry): readonly AccessStepRow[] {
  const step: Step | undefined = entry.stream.startsWith('rel/') ? stepIn(entry) : undefined;
  return step === undefined ? [] : [{ ...NOTHING, index, stream: entry.stream, time: entry.time, ...step }];
}

/** So many entries are caught up with in one transaction, under the head's lock. */
const CATCH_UP_PAGE = 500;

export interface CatchUp {
  /** When it has caught up, or can't go on. */
  readonly done: Promise<void>;
  /** Ends it after the page it is at; what is left is caught up with at the next start, and read from entries until then. */
  close(): Promise<void>;
}

/** Files the rows that are missing, page by page beside all else. Entries that can't be read end it: the audit names them. */
export function catchUp(store: Store, log: Log): CatchUp {
  let isClosed = false;
  const run = async () => {
    try {
      while (!isClosed && (await store.transaction(catchUpPage)));
    } catch (thrown) {
      log.warn('steps_behind', thrown);
    }
  };
  const done = run();
  return {
    done,
    close() {
      isClosed = true;
      return done;
    },
  };
}

/** Answers whether there may be more. */
async function catchUpPage(tx: Tx): Promise<boolean> {
  const head = await lockHead(tx);
  const { stepped: start } = (await loadStepped(tx)) ?? { stepped: 0 };
  if (head === undefined || start >= head.size) return false;
  const end = Math.min(start + CATCH_UP_PAGE, head.size);
  const entries = await loadEntries(tx, start, end);
  await catchUpSteps(
    tx,
    entries.flatMap(({ index, bytes }) => stepsOf(index, parseEntry(bytes))),
    { start, end },
  );
  return true;
}

/** Compares the table with the entries. */
export interface StepCheck {
  /** Notes what an entry makes. */
  note(index: number, entry: Entry): void;
  /**
   * Compares what was noted with the rows of entries `[start, end)`, and tells of the first that is not alike, and of how
   * many: a row that is wrong decides nothing, and many must not crowd graver findings out of a report.
   */
  settle(tx: Tx, start: number, end: number, found: (index: number, message: string) => void): Promise<void>;
}

export function checkSteps(): StepCheck {
  let noted = new Map<number, string>();

  return {
    note(index, entry) {
      for (const row of stepsOf(index, entry)) noted.set(index, rowText(row));
    },

    async settle(tx, start, end, found) {
      const wanted = noted;
      noted = new Map();
      const kept = new Map((await loadStepsOf(tx, start, end)).map((row) => [row.index, rowText(row)]));
      const { stepped } = (await loadStepped(tx)) ?? { stepped: 0 };
      // What is not caught up with yet is read from the entries.
      const isBehind = (index: number) => index >= stepped && !kept.has(index);
      const wrong = [...new Set([...wanted.keys(), ...kept.keys()])]
        .filter((index) => !isBehind(index) && wanted.get(index) !== kept.get(index))
        .sort((a, b) => a - b);
      const [first] = wrong;
      if (first === undefined) return;
      const more = wrong.length === 1 ? '' : `; so are ${wrong.length - 1} more before ${end}`;
      found(first, `it is filed as another step of an access than it says${more}`);
    },
  };
}

function rowText({ index, stream, time, step, access, decision, action, purpose, may_defer }: AccessStepRow): string {
  return JSON.stringify([index, stream, time, step, access, decision, action, purpose, may_defer]);
}

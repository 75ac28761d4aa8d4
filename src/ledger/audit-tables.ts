/**
 * The audit of what a database derives from its entries: states, who is filed as whom, who was told. None of it decides by
 * itself; each row is compared with what the entries say.
 *
 * @module
 */
import { equalJson } from '#core/canonical.ts';
import { equalHash } from '#core/hash.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { loadStepped, loadStraySteps } from '#store/access-steps.ts';
import { loadStrayIndexes } from '#store/entries.ts';
import { loadStrayNotices } from '#store/notices.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreamPage } from '#store/streams.ts';
import { loadRelationshipPage } from '#store/subjects.ts';
import type { EvidenceCheck } from './evidence.ts';
import type { Finding, Replay } from './replay.ts';

const PAGE = 1_000;

type Add = (finding: Finding) => void;

/** An entry that is in no tree would be served with its stream all the same. */
export async function findStrays(tx: Tx, size: number, countMax: number, add: Add): Promise<void> {
  for (const index of await loadStrayIndexes(tx, size, countMax)) {
    add({ code: 'entry', index, message: `it is stored, but the tree has ${size} entries` });
  }
  for (const index of await loadStrayNotices(tx, size, countMax)) {
    add({ code: 'state', index, message: 'somebody is filed to have heard of it, and it is in no tree' });
  }
  for (const index of await loadStraySteps(tx, size, countMax)) {
    add({ code: 'step', index, message: 'it is filed as a step of an access, and it is in no tree' });
  }
  const { stepped } = (await loadStepped(tx)) ?? { stepped: 0 };
  if (stepped > size) {
    add({
      code: 'step',
      index: null,
      message: `steps are said to be filed of ${stepped} entries, the tree has ${size}`,
    });
  }
}

/** State is the fold of entries, and nothing else: each row, and no row too many. */
export async function compareStates(tx: Tx, replay: Replay, add: Add): Promise<void> {
  const seen = new Set<StreamId>();
  for (let after = ''; ; ) {
    const page = await loadStreamPage(tx, after, PAGE);
    for (const row of page) {
      seen.add(row.stream);
      const folded = replay.streams.get(row.stream);
      const same =
        folded !== undefined &&
        folded.seq === row.seq &&
        equalHash(folded.leaf, row.leaf) &&
        equalJson(folded.state, row.state);
      if (!same)
        add({ code: 'state', index: null, message: `the state of ${row.stream} is not the fold of its entries` });
    }
    if (page.length < PAGE) break;
    after = (page.at(-1) as { stream: string }).stream;
  }
  for (const stream of replay.streams.keys()) {
    if (!seen.has(stream)) add({ code: 'state', index: null, message: `the state of ${stream} is missing` });
  }
}

/** The table that finds a person by handle decides nothing, but a wrong row would ask the wrong key. */
export async function compareRelationships(tx: Tx, evidence: EvidenceCheck, add: Add): Promise<void> {
  for (let after = ''; ; ) {
    const page = await loadRelationshipPage(tx, after, PAGE);
    for (const { handle, person } of page) {
      const attested = evidence.personOf.get(`rel/${handle}` as StreamId);
      if (attested === undefined || attested === `person/${person}`) continue;
      const message = `rel/${handle} is filed under another person than it was opened for`;
      add({ code: 'state', index: null, message });
    }
    if (page.length < PAGE) break;
    after = (page.at(-1) as { handle: string }).handle;
  }
}

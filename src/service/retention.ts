/** The due list: until when what the ledger holds has to be kept, and what is due for erasure. It erases nothing. */
import type { ErasedClasses } from '#core/consent/erased-classes.ts';
import { type Law, lawAt } from '#core/consent/law.ts';
import { logIn } from '#core/consent/log.ts';
import { partyIn } from '#core/consent/party.ts';
import { relationshipIn } from '#core/consent/relationship.ts';
import { type Noted, type Retention, retentionOf } from '#core/consent/retention.ts';
import type { View } from '#core/consent/rule.ts';
import type { Handle } from '#core/ids.ts';
import type { RetentionRule } from '#core/pack/law.ts';
import type { Text } from '#core/pack/word.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import {
  kindOf,
  LOG_STREAM,
  partyStream,
  refusedStream,
  relationshipStream,
  type StreamId,
} from '#core/tlog/stream.ts';
import { loadSlice } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreamPage, loadStreams, type StreamRow } from '#store/streams.ts';
import { loadHandlePage, loadHandles } from '#store/subjects.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { viewOf } from './view.ts';

/** Streams on a page, and entries of one that are read at once. */
const STREAMS_PAGE = 50;
const ENTRIES_PAGE = 1_000;

/** A rule of the packs in force, with the names of the texts that it cites. */
export interface ListedRule extends Omit<RetentionRule, 'law'> {
  readonly law: readonly { readonly doc: string; readonly art: string; readonly title: Text | null }[];
}

export interface RetentionPage {
  readonly as_of: number;
  readonly rules: readonly ListedRule[];
  /** A relationship, `rel/<handle>`; or what a party was refused of others', `refused/<party>`. */
  readonly items: readonly (Retention & { readonly stream: StreamId })[];
  /** What to ask `after` next; null: this was the last. */
  readonly next: StreamId | null;
}

export interface RetentionAsked {
  readonly after: StreamId | null;
  /** Only classes of which something is due. */
  readonly due: boolean;
}

/**
 * Lists retention by the packs in force: to the keeper and to supervisors of everything, to a party of its relationships
 * and of those it took over, to a subject of its own. It says nothing of who anyone is.
 */
export async function readRetention(
  { ledger, clock }: Context,
  caller: Caller,
  { after, due }: RetentionAsked,
): Promise<RetentionPage> {
  const now = clock();
  return ledger.store.read(async (tx) => {
    const own = caller.kind === 'party' ? [partyStream(caller.party)] : [];
    const view = viewOf(await loadStreams(tx, [LOG_STREAM, ...own]), ledger.packs.get);
    await ledger.packs.load(tx, logIn(view));
    const law = lawAt(view, now);
    const rows = await loadScope(tx, caller, view, after ?? '');
    const page = rows.slice(0, STREAMS_PAGE);
    const items = [];
    for (const row of page) {
      const found = await retentionIn(tx, row, law?.retention ?? [], now);
      const classes = due ? found.classes.filter((each) => each.due > 0) : found.classes;
      if (classes.length > 0) items.push({ stream: row.stream, ...found, classes });
    }
    const next = rows.length > STREAMS_PAGE ? (page.at(-1) as StreamRow).stream : null;
    return { as_of: now, rules: law === null ? [] : law.retention.map((rule) => listed(rule, law)), items, next };
  });
}

function listed(rule: RetentionRule, { laws }: Law): ListedRule {
  return { ...rule, law: rule.law.map(({ doc, art }) => ({ doc, art, title: laws.get(doc)?.title ?? null })) };
}

/** The streams that the caller may know of, by name, from after one on: one more than a page, where there are more. */
async function loadScope(tx: Tx, caller: Caller, view: View, after: string): Promise<readonly StreamRow[]> {
  const names = await scopeOf(tx, caller, view, after);
  if (names === 'all') return loadStreamPage(tx, after === '' ? FIRST : after, STREAMS_PAGE + 1);
  const wanted = names.filter((name) => name > after);
  const found = new Map((await loadStreams(tx, wanted)).map((row) => [row.stream, row]));
  return wanted.flatMap((name) => found.get(name) ?? []).slice(0, STREAMS_PAGE + 1);
}

/** By name, `refused/…` and `rel/…` are the last of all streams, and the only ones with classes. */
const FIRST = 'refused/';

async function scopeOf(tx: Tx, caller: Caller, view: View, after: string): Promise<readonly StreamId[] | 'all'> {
  if (caller.kind === 'subject') return (await loadHandles(tx, caller.person)).map(relationshipStream).sort();
  if (caller.party === logIn(view)?.keeper || caller.roles.includes('supervisor')) return 'all';
  const parties = [caller.party, ...(partyIn(view, caller.party)?.succeeds ?? [])];
  const from = after.startsWith('rel/') ? after.slice('rel/'.length) : '';
  const handles: readonly Handle[] = await loadHandlePage(tx, parties, from, STREAMS_PAGE + 1);
  return [...parties.map(refusedStream).sort(), ...handles.map(relationshipStream)];
}

async function retentionIn(
  tx: Tx,
  { stream, state }: StreamRow,
  rules: readonly RetentionRule[],
  now: number,
): Promise<Retention> {
  const entries: Noted[] = [];
  for (let seq = 0; ; seq += ENTRIES_PAGE) {
    const rows = await loadSlice(tx, {
      stream,
      indexMax: Number.MAX_SAFE_INTEGER,
      seqMin: seq,
      countMax: ENTRIES_PAGE,
    });
    entries.push(...rows.map(({ bytes }) => parseEntry(bytes)));
    if (rows.length < ENTRIES_PAGE) break;
  }
  const view = viewOf([{ stream, state } as StreamRow]);
  const relationship = kindOf(stream) === 'rel' ? relationshipIn(view, stream) : undefined;
  const { erased } = state as { readonly erased?: ErasedClasses };
  return retentionOf(relationship, entries, rules, now as Parameters<typeof retentionOf>[3], erased);
}

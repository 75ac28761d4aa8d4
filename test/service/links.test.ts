/** A value found in two streams is a link (design §4): one person's streams share party, pack, code and time only. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { signKeyEnd } from '#client/key-end.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { Json } from '#core/canonical.ts';
import type { GrantId, Handle } from '#core/ids.ts';
import { CODE_PATTERN } from '#core/shape.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { kindOf } from '#core/tlog/stream.ts';
import { type DraftedHold, draftHold } from '#service/holds.ts';
import { viewIdentity } from '#service/identity-views.ts';
import { signLetterOnPaper } from '#service/letter-paper.ts';
import { pauseBySession, revokeBySession } from '#service/session-acts.ts';
import { freezeBySession } from '#service/session-freeze.ts';
import { endKey } from '#service/subject-keys.ts';
import { loadEntries } from '#store/entries.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  ask,
  bindPersonKey,
  calledBy,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  request,
  revoke,
  sign,
  twoClauses,
} from '../support/actors.ts';
import { calledByPerson } from '../support/callers.ts';
import { hold, holdBody, putHold, signedHold } from '../support/holds.ts';
import { addWitness, calledByBoth, onPaper } from '../support/ink.ts';
import { checkLedger, type Fixture, openFixture, random, UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { signIn } from '../support/sessions.ts';

/** Every string and number in a value, with the names on the way to it. */
function leavesOf(value: Json, path: string): (readonly [string, string | number])[] {
  if (typeof value === 'string' || typeof value === 'number') return [[path, value]];
  if (value === null || typeof value === 'boolean') return [];
  return Object.entries(value).flatMap(([name, each]) =>
    leavesOf(each, Array.isArray(value) ? path : `${path}.${name}`),
  );
}

describe.each(UPPER_DATABASES)('the streams of one person on %s', (database) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
  });
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  it('share no value but parties, codes and times (attack 100)', async () => {
    const { context } = fixture;
    const [identifier, bureau] = [await newParty(context, 'identifier'), await newParty(context, 'bureau')];
    const lenders: Party[] = [];
    for (let i = 0; i < 3; i++) lenders.push(await newParty(context, 'grantee'));
    const person = await newPerson();
    const handles: Handle[] = [];
    const reports: GrantId[] = [];
    let first: Person | undefined;
    let last: Person | undefined;
    /** The person drafts by its own signed request: a freeze through the first lender, a release through another. */
    async function draftedBy(signer: Person, handle: Handle): Promise<DraftedHold> {
      const body = holdBody(context, { handle, kind: handle === handles[0] ? 'freeze' : 'release' });
      const asked = { handle, person: signer, path: '/v1/statements', body };
      return draftHold(context, await calledByPerson(context, asked), body);
    }
    for (const lender of lenders) {
      const handle = await enrolPerson(context, lender, person);
      handles.push(handle);
      // Each lender brings a key of the person's own for it, so the person's stream grows with every relationship.
      const own = { ...person, key: await nativeEd25519.importSeed(random(32)) };
      await bindPersonKey(context, { lender, person: own, handle, identifier });
      const letter = await draft(context, { lender, handle, grants: twoClauses(bureau, context.clock()) });
      await sign(context, letter, own, [true, true]);
      const [query, report] = letter.grants;
      reports.push(report!.grant);
      const access = {
        principal: lender.party,
        handle,
        ground: { grant: query!.grant },
        action: 'QUERY' as const,
        purpose: 'loan_apply',
        items: ['credit_report'],
        door: bureau.party,
        bound: null,
      };
      await ask(context, access);
      await ask(context, { ...access, ground: { basis: 'judicial', reference: '（2026）示例 1 号' } });
      // Another lender's handle and grant, asked for by this one: neither may show in its refused stream.
      if (handles.length > 1) {
        await ask(context, { ...access, handle: handles[0] as Handle });
        await ask(context, { ...access, principal: lenders[0]!.party });
      }
      // Another letter is signed in ink; the very same scan is in the files of each lender.
      const printed = await draft(context, { lender, handle, grants: twoClauses(bureau, context.clock()) });
      const ink = { letter: printed.letter, ...onPaper(lender, printed, context.clock()) };
      const both = await addWitness(context, lender);
      await signLetterOnPaper(context, await calledByBoth(context, both, ink.letter, ink), ink);
      // Who looks at whom it is does so in each relationship alike.
      const look = { principal: lender.party, fields: ['name', 'phone'], why: 'verify_paper' } as const;
      const looking = await calledBy(context, lender.party, `/v1/relationships/${handle}/identity-views`, look);
      await viewIdentity(context, looking, { handle, ...look });
      await revoke(context, lender, own, query!.grant);
      first ??= own;
      last = own;
    }
    // Everything is frozen, a fourth lender comes, a grant is paused: each relationship says it without the others.
    const asks = await Promise.all([handles[0]!, handles[1]!].map((handle) => draftedBy(last!, handle)));
    const [freeze, release] = asks as [DraftedHold, DraftedHold];
    await putHold(context, freeze, await signedHold(context, freeze, last!));
    const late = await newParty(context, 'grantee');
    handles.push(await enrolPerson(context, late, person));
    await putHold(context, release, await signedHold(context, release, last!));
    await hold(context, lenders[0]!, last!, { handle: handles[0]!, kind: 'pause', grant: reports[0]! });
    await hold(context, lenders[0]!, last!, { handle: handles[0]!, kind: 'resume', grant: reports[0]! });
    // By one session, everything is frozen once more, and what is left is taken back, over all lenders.
    const { session } = await signIn(context, last!, handles[0]!);
    await freezeBySession(context, request(), session);
    await pauseBySession(context, request(), session, { grant: reports[0]! });
    const { revoked } = await revokeBySession(context, request(), session, { grants: reports });
    expect(revoked.length).toBe(3);
    // A key is ended by another, through the relationship of a third lender.
    const ends = toBase64Url(first!.key.publicKey);
    const ending = { log: context.ledger.origin, handle: handles[2]!, ends };
    const signed = await signKeyEnd(last!.key, ending, context.clock());
    await endKey(context, request(), { handle: handles[2]!, ...signed });

    const rows = await fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER));
    const entries = rows.map((row) => parseEntry(row.bytes));
    const parties = new Set<string>(entries.map(({ stream }) => stream.split('/')[1] ?? '').filter(Boolean));
    for (const { stream } of entries)
      if (!/^(party|refused)\//.test(stream)) parties.delete(stream.split('/')[1] ?? '');
    // A party's operators are the party's, whoever it is that they act on.
    for (const { type, body } of entries) {
      if (type === 'party.key_added') parties.add(body['operator'] as string);
      if (type !== 'party.registered') continue;
      for (const { operator } of body['keys'] as unknown as readonly { operator: string }[]) parties.add(operator);
    }
    const times = new Set(entries.map((entry) => entry.time as number));

    const streamsOf = new Map<string | number, Set<string>>();
    const pathsOf = new Map<string | number, Set<string>>();
    for (const [place, entry] of entries.entries()) {
      if (!['rel', 'person', 'refused'].includes(kindOf(entry.stream))) continue;
      const raw: Json = JSON.parse(Buffer.from(rows[place]!.bytes).toString());
      const values = [...leavesOf(raw, ''), ['.leaf', Buffer.from(rows[place]!.leaf).toString('base64url')] as const];
      for (const [path, value] of values) {
        // A stream and its id are one: what stands in `rel/<handle>` may not stand elsewhere either.
        for (const each of path === '.stream' ? [value, String(value).split('/')[1]!] : [value]) {
          // A scan is of one letter: that two are of one size and type says nothing.
          // Where a key was bound is a place in its person's own stream.
          if (['.seq', '.v', '.body.engine', '.body.by.key', '.body.scan.bytes'].includes(path)) continue;
          if (['.body.key', '.body.signed_by'].includes(path)) continue;
          if (!streamsOf.has(each)) streamsOf.set(each, new Set());
          if (!pathsOf.has(each)) pathsOf.set(each, new Set());
          streamsOf.get(each)!.add(entry.stream);
          pathsOf.get(each)!.add(path);
        }
      }
    }
    const TIMES = [
      '.time',
      '.body.signed_at',
      '.body.frozen.signed_at',
      '.body.expires_at',
      '.body.identified_at',
      '.body.grants.to',
      '.body.grants.from',
    ];
    const WORDS = ['A', 'B', 'C', 'D', 'QUERY', 'REPORT', 'none', 'statement', 'session', 'application/pdf'];
    const links = [...streamsOf].filter(([value, streams]) => {
      if (streams.size < 2) return false;
      const paths = [...pathsOf.get(value)!];
      // Codes of a decision, and the heads of parties and log: the same for everyone who asks them in that moment.
      if (paths.every((path) => path === '.body.codes' || path === '.body.saw')) return false;
      if (typeof value === 'number') return !paths.every((path) => TIMES.includes(path));
      if (value === entries[0]!.log || WORDS.includes(value)) return false;
      if (parties.has(value)) return false;
      const isCode = CODE_PATTERN.test(value) && !/^[0-9a-f]{32}$/.test(value);
      return !isCode || value.length > 24;
    });
    expect(links.map(([value, streams]) => [value, [...streams], [...pathsOf.get(value)!]])).toEqual([]);
    // The test looked at something: handles, keys' places and salted digests of three relationships.
    expect(streamsOf.size).toBeGreaterThan(60);
    expect(times.size).toBeGreaterThan(3);
    for (const handle of handles) expect(streamsOf.get(handle)?.size).toBe(1);
  });
});

import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { ENGINE } from '#core/consent/engine.ts';
import type { HoldKind } from '#core/consent/relationship.ts';
import {
  type Command,
  commandOf,
  decide,
  decideAgain,
  type EntryType,
  evolve,
  isEntryType,
  neededParts,
  partsOf,
} from '#core/consent/rules.ts';
import type { Hash } from '#core/hash.ts';
import type { AccessId, Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { LOG_STREAM, partyStream, personStream, refusedStream, relationshipStream } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import { candidatePaper, granteeBound } from './paper-candidates.ts';
import { signedOnPaper, withWitness } from './paper-ink.ts';
import {
  amendDrafted,
  ask,
  COMMIT,
  calledBy,
  calledByKeeper,
  changed,
  declined,
  drafted,
  finding,
  frozen,
  held,
  holdDrafted,
  IDENTIFIER,
  KEEPER,
  LENDER,
  LETTER,
  LOG,
  MADE_GRANT,
  MINUTE,
  OTHER_BUREAU,
  OTHER_LENDER,
  openedPaper,
  openPaper,
  operatorOf,
  type Paper,
  PERSON,
  paperId,
  QUERY_GRANT,
  REL,
  redeemed,
  refusedInput,
  revoked,
  revokeInput,
  sealedBy,
  settled,
  signed,
  signedPaper,
  signInput,
  stated,
  TODAY,
  terms,
} from './paper-ledger.ts';
import { bound, ended, keyAdded, lost, party, permits, refuses } from './paper-rules.ts';

describe('what opens a stream', () => {
  test('comes once', () => {
    const paper = signedPaper();
    const logKeys = { log_key: 'x', issuing_key: 'x', recovery_key: 'x', keeper: KEEPER, engine: 1 };
    refuses('already_there', paper, { type: 'log.opened', stream: LOG_STREAM, input: logKeys });
    refuses('already_there', paper, { ...party(), stream: partyStream(LENDER) } as Command);
    const again = { grantee: LENDER, subject: 'person', frozen: null, ...sealedBy(LENDER) } as const;
    refuses('already_there', paper, { type: 'relationship.opened', stream: REL, input: again });
  });

  test('comes first', () => {
    const paper = openedPaper();
    const nowhere = relationshipStream(paperId<Handle>(0xdd));
    refuses('relationship_unknown', paper, { ...drafted(), stream: nowhere } as Command);
    refuses('relationship_unknown', paper, { ...signed(), stream: nowhere } as Command);
    refuses('relationship_unknown', paper, { ...revoked(), stream: nowhere } as Command);
    refuses('entry_invalid', paper, { ...ask(), stream: nowhere } as Command);
    const key = { ...keyAdded('A'.repeat(43)).input, ...calledByKeeper() };
    refuses('party_unknown', paper, { ...keyAdded(''), stream: partyStream(paperId(1)), input: key } as Command);
  });

  test('is of a person the first key: that somebody was enrolled is no entry of the person’s', () => {
    const paper = openedPaper();
    const { entry } = paper.write({ type: 'person.key_bound', stream: PERSON, input: bound() }, TODAY);
    expect([entry.seq, entry.prev]).toEqual([0, null]);
    expect(paper.state(PERSON)).toEqual({
      keys: [{ seq: 0, kind: 'ed25519', method: 'identity_provider', identified_by: IDENTIFIER, enrolled_by: LENDER }],
      frozen: null,
    });
    const opening = { ...entry, type: 'person.opened', body: stated(), commit: null };
    expectFailure('entry_invalid', () => commandOf(opening));
  });

  test('comes first in a fold too, and never wipes what stands in a relationship', () => {
    const paper = signedPaper();
    for (const { entry } of paper.lines.filter((line) => line.entry.stream === REL)) {
      const { type } = commandOf(entry);
      const opens = entry.seq === 0;
      expectFailure(opens ? 'already_there' : 'entry_invalid', () =>
        evolve(opens ? paper.state(entry.stream) : undefined, type, entry),
      );
    }
  });
});

describe('every type of entry', () => {
  const paper = signedPaper();
  paper.write({ type: 'person.key_bound', stream: PERSON, input: bound() }, TODAY);
  const everywhere = [LOG_STREAM, partyStream(LENDER), PERSON, REL, refusedStream(LENDER)];
  const commands = new Map<string, Command>(paper.lines.map(({ entry }) => [entry.type, commandOf(entry)]));
  const refusing: Command = { type: 'access.refused', stream: refusedStream(LENDER), input: refusedInput() };
  const ofLender = <T extends EntryType>(type: T, input: object, call = calledBy(LENDER, 'admin')) =>
    ({ type, stream: partyStream(LENDER), input: { ...input, ...call } }) as unknown as Command;
  const leaving = { operator: operatorOf(LENDER, 'query') };
  /** What ends a hold is signed later than what began it. */
  const LATER = { signed_at: (TODAY + 1) as Instant };
  const ofPerson = (type: 'person.frozen' | 'person.released'): Command => ({
    type,
    stream: PERSON,
    input: { grade: 'B', signed_at: (type === 'person.frozen' ? TODAY : TODAY + 1) as Instant, ...stated() },
  });
  const ending = (input: never): Command => ({ type: 'person.key_ended', stream: PERSON, input });
  for (const command of [
    ask(),
    declined(),
    signedOnPaper(),
    revoked(),
    refusing,
    keyAdded('A'.repeat(43)),
    ofLender('party.key_retired', { key: 0 }),
    ofLender('party.key_compromised', { key: 0, since: TODAY }),
    ofLender('party.operator_left', leaving),
    ofLender('party.suspended', {}, calledByKeeper()),
    ofLender('party.reinstated', {}, calledByKeeper()),
    holdDrafted(),
    held('grant.paused'),
    held('grant.resumed', LATER),
    held('grant.extended'),
    held('grant.narrowed'),
    held('grant.contested'),
    held('grant.affirmed', LATER),
    finding('finding.recorded'),
    finding('finding.lifted'),
    granteeBound(),
    frozen('relationship.frozen'),
    frozen('relationship.released', LATER),
    ofPerson('person.frozen'),
    ofPerson('person.released'),
    ending(ended()),
    redeemed(),
    settled(),
  ]) {
    commands.set(command.type, command);
  }

  test.each([...commands.values()].map((command) => [command.type, command] as const))(
    '%s stands in its own kind of stream only, when decided and when read back',
    (type, command) => {
      const elsewhere = everywhere.filter((stream) => stream.split('/')[0] !== command.stream.split('/')[0]);
      expect(elsewhere.length).toBeGreaterThan(2);
      for (const stream of elsewhere) {
        expectFailure('entry_invalid', () => decide(paper, { ...command, stream } as Command, TODAY as Instant));
        const body = command.input as unknown as JsonObject;
        const entry = { log: 'x', stream, seq: 1, prev: null, time: TODAY as Instant, type, body, commit: null };
        expectFailure('entry_invalid', () => commandOf(entry));
      }
    },
  );

  test('is one that this code knows', () => {
    const { entry } = paper.lines[0] as Paper['lines'][number];
    for (const type of ['log.closed', 'constructor', 'to.string', '__proto__', 'hasOwnProperty']) {
      expectFailure('entry_invalid', () => commandOf({ ...entry, type }));
    }
  });

  test('is refused with a field too many, too few or of another type', () => {
    for (const { entry } of paper.lines) {
      expect(() => commandOf(entry)).not.toThrow();
      expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, remark: '张示例' } }));
      expectFailure('entry_invalid', () => commandOf({ ...entry, body: JSON.parse('{"__proto__":{}}') }));
      const { input } = commandOf(entry);
      for (const name of Object.keys(input)) {
        const { [name]: _gone, ...less } = entry.body;
        // Without it, a letter is one of the first engine: whether it may be, is decided.
        if (name !== 'engine') expectFailure('entry_invalid', () => commandOf({ ...entry, body: less }));
        expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, [name]: { x: 'CANARY' } } }));
      }
    }
  });

  test('never says in a refusal what stood in its fields', () => {
    for (const { entry } of paper.lines) {
      for (const name of Object.keys(commandOf(entry).input)) {
        try {
          commandOf({ ...entry, body: { ...entry.body, [name]: 'CANARY 张示例 13800000000' } });
        } catch (thrown) {
          expect(String(thrown)).not.toMatch(/CANARY|张|138/);
          expect(String(thrown)).toContain(name);
        }
      }
    }
  });

  test('names whose its payload’s parts are', () => {
    expect(partsOf('letter.signed')).toEqual({ signature: 'subject', binding: 'subject' });
    expect(partsOf('letter.signed_on_paper')).toEqual({ scan_salt: 'subject', request: 'subject' });
    expect(partsOf('access.decided')).toEqual({ reference: 'party', request: 'party' });
    expect(partsOf('log.opened')).toEqual({});
  });

  const blank = openPaper();
  const opened = openedPaper();
  const waiting = withWitness(openedPaper());
  waiting.write(drafted(), TODAY - MINUTE);
  const commandAt = (type: string) => commands.get(type) as Command;
  const link = { method: 'link', identified_by: null, identified_at: null };
  const binding = (change: Partial<JsonObject>): Command => ({
    type: 'person.key_bound',
    stream: PERSON,
    input: bound(change),
  });
  const onBasis = (reference: boolean) => ask({ ground: { basis: 'judicial', reference } });
  const opening: Command = {
    type: 'relationship.opened',
    stream: relationshipStream(paperId<Handle>(0xd9)),
    input: { grantee: LENDER, subject: 'person', frozen: null, ...sealedBy(LENDER) },
  };
  const suspended = openedPaper();
  suspended.write(commandAt('party.suspended'), TODAY - MINUTE);
  /** Ledgers in which a hold waits for its signature, or stands. */
  const holding = (...steps: readonly Command[]) => {
    const ledger = signedPaper();
    ledger.write({ type: 'person.key_bound', stream: PERSON, input: bound() }, TODAY);
    for (const step of steps) ledger.write(step, TODAY);
    return ledger;
  };
  const asking = (kind: HoldKind) => holdDrafted({ kind });
  const pausing = holding(asking('pause'));
  const resuming = holding(asking('pause'), held('grant.paused'), asking('resume'));
  const extending = holding(amendDrafted());
  const narrowing = holding(amendDrafted({ kind: 'narrow', terms: terms({ grant: MADE_GRANT }) }));
  const objecting = holding(holdDrafted({ kind: 'object' }));
  const affirming = holding(holdDrafted({ kind: 'object' }), held('grant.contested'), holdDrafted({ kind: 'affirm' }));
  const found = holding(finding('finding.recorded'));
  const freezing = holding(asking('freeze'));
  const releasing = holding(asking('freeze'), frozen('relationship.frozen'), asking('release'));
  const releasingPerson = holding(ofPerson('person.frozen'));
  /** One in which a permit is out, and one in which its door took it. */
  const PERMITTED = paperId<AccessId>(0x21);
  const permitting = holding(ask({ access: PERMITTED }));
  const taking = holding(ask({ access: PERMITTED }), redeemed({ access: PERMITTED }));
  const nothing = { reason: 'SUBJECT', items: [], count: 0, response: null } as const;
  const refusedByDoor = settled({ access: PERMITTED, result: 'refused', ...nothing });
  const refusedInBatch: Command = { ...refusing, input: refusedInput({ request: calledBy(LENDER).request }) };
  const BINDING = ['binding', 'possession', 'request'];
  const STATEMENT = ['signature', 'binding', 'statement'];
  /** Each type in each of its forms, where it may be written, and the parts of its payload. */
  const NEEDED: readonly (readonly [string, string, Paper, Command, readonly string[]])[] = [
    ['log.opened', '', blank, commandAt('log.opened'), []],
    ['party.registered', '', opened, party(), []],
    ['party.key_added', '', opened, commandAt('party.key_added'), []],
    ['party.key_retired', '', opened, commandAt('party.key_retired'), []],
    ['party.key_compromised', '', opened, commandAt('party.key_compromised'), []],
    ['party.operator_left', '', opened, commandAt('party.operator_left'), []],
    ['party.suspended', '', opened, commandAt('party.suspended'), []],
    ['party.reinstated', '', suspended, commandAt('party.reinstated'), []],
    ['person.key_bound', '', opened, binding({}), [...BINDING, 'identification', 'identity_salt']],
    ['person.key_bound', ' by a link', opened, binding(link), BINDING],
    ['person.key_ended', '', pausing, ending(ended()), ['statement', 'signature']],
    [
      'person.key_ended',
      ' at a counter',
      pausing,
      ending(lost()),
      ['statement', 'signature', 'identity_salt', 'request'],
    ],
    ['person.frozen', '', pausing, commandAt('person.frozen'), STATEMENT],
    ['person.released', '', releasingPerson, commandAt('person.released'), STATEMENT],
    ['relationship.opened', '', opened, opening, ['identity', 'person', 'request']],
    ['relationship.frozen', '', freezing, commandAt('relationship.frozen'), STATEMENT],
    ['relationship.released', '', releasing, commandAt('relationship.released'), STATEMENT],
    ['hold.drafted', ' by the grantee', paper, asking('pause'), []],
    ['hold.drafted', ' by the subject', paper, holdDrafted({ principal: null }), ['binding', 'request']],
    ['grant.paused', '', pausing, commandAt('grant.paused'), STATEMENT],
    ['hold.drafted', ' of another grant', paper, amendDrafted(), []],
    ['grant.extended', '', extending, commandAt('grant.extended'), STATEMENT],
    ['grant.narrowed', '', narrowing, commandAt('grant.narrowed'), STATEMENT],
    ['grant.contested', '', objecting, commandAt('grant.contested'), STATEMENT],
    ['grant.affirmed', '', affirming, commandAt('grant.affirmed'), STATEMENT],
    ['finding.recorded', '', paper, commandAt('finding.recorded'), []],
    ['finding.lifted', '', found, commandAt('finding.lifted'), []],
    ['grantee.bound', '', candidatePaper(), granteeBound(), []],
    ['grant.resumed', '', resuming, commandAt('grant.resumed'), STATEMENT],
    ['letter.drafted', '', opened, drafted(), ['text', 'text_salt', 'request']],
    ['letter.signed', '', waiting, signed(), ['signature', 'binding']],
    ['letter.declined', '', waiting, declined(), ['signature', 'binding']],
    ['letter.signed_on_paper', '', waiting, signedOnPaper(), ['scan_salt', 'request']],
    ['grant.revoked', '', paper, revoked(), ['signature', 'binding']],
    ['access.decided', ' under a grant', paper, ask(), []],
    ['access.decided', ' on a basis', paper, onBasis(false), []],
    ['access.decided', ' on a basis with its document', paper, onBasis(true), ['reference', 'request']],
    ['access.refused', '', opened, refusing, ['claimed', 'request']],
    ['access.refused', ' in a batch', opened, refusedInBatch, ['claimed']],
    ['access.redeemed', '', permitting, redeemed({ access: PERMITTED }), []],
    ['access.redeemed', ' and refused', permitting, redeemed({ access: PERMITTED, door: OTHER_BUREAU }), []],
    ['access.settled', '', taking, settled({ access: PERMITTED }), []],
    ['access.settled', ' without anything', permitting, refusedByDoor, []],
  ];

  test.each(NEEDED)('%s%s has all parts of its payload, and no other', (type, _how, _ledger, command, needed) => {
    expect([...neededParts(command)].sort()).toEqual([...needed].sort());
    for (const name of needed) expect(partsOf(type as EntryType)).toHaveProperty(name);
  });

  test.each(NEEDED)(
    '%s%s is refused without its payload, and with one that it has not',
    (type, _how, ledger, command, needed) => {
      const now = TODAY as Instant;
      const body = decide(ledger, command, now);
      const again = (commit: Hash | null) => () =>
        decideAgain(ledger, { log: LOG, stream: command.stream, seq: 0, prev: null, time: now, type, body, commit });
      const [right, wrong] = needed.length > 0 ? [COMMIT, null] : [null, COMMIT];
      expect(again(right)).not.toThrow();
      expectFailure('entry_invalid', again(wrong));
      expect(again(wrong)).toThrow(`this ${type} has no payload, or one that it must not have`);
    },
  );

  test('has a line in the table above', () => {
    const types = new Set(NEEDED.map(([type]) => type));
    expect(types).toEqual(new Set(commands.keys()));
    expect(types.size).toBe(34);
    for (const type of types) expect(isEntryType(type)).toBe(true);
    expect(isEntryType('person.opened')).toBe(false);
  });
});

describe('a refused access', () => {
  const input = refusedInput();
  const refusal: Command = { type: 'access.refused', stream: refusedStream(LENDER), input };

  test('is always PARTY, stands in the caller’s own stream, and counts', () => {
    const paper = openedPaper();
    expect(paper.write(refusal, TODAY).entry.body).toMatchObject({ decision: 'deny', codes: ['PARTY'] });
    paper.write(refusal, TODAY);
    expect(paper.state(refusedStream(LENDER))).toEqual({ count: 2 });
    refuses('entry_invalid', paper, { ...refusal, stream: refusedStream(OTHER_LENDER) } as Command);
    const nobody = paperId<PartyId>(9);
    refuses('party_unknown', paper, {
      ...refusal,
      stream: refusedStream(nobody),
      input: { ...input, principal: nobody, ...sealedBy(nobody) },
    } as Command);
  });

  test('is decided by the engine in force, by no other', () => {
    const paper = openedPaper();
    const log = paper.state(LOG_STREAM) as JsonObject;
    const by = (engine: number) => ({ ...refusal, input: { ...input, engine } }) as Command;
    const next = ENGINE + 1;
    for (const command of [by(next), { ...ask({ engine: next }) }]) refuses('entry_invalid', paper, command);
    const newer = changed(paper, { [LOG_STREAM]: { ...log, engine: next } });
    for (const command of [by(ENGINE), ask()]) refuses('entry_invalid', newer, command);
    for (const command of [by(next), ask({ engine: next })]) permits(newer, command);
    const logless = changed(paper, { [LOG_STREAM]: undefined });
    for (const command of [by(1), ask()]) refuses('entry_invalid', logless, command);
  });

  test('says neither which handle nor which ground: that would link two streams', () => {
    expect(Object.keys(openedPaper().write(refusal, TODAY).entry.body).sort()).toEqual([
      'access',
      'action',
      'auth',
      'bound',
      'by',
      'codes',
      'decision',
      'door',
      'engine',
      'idem',
      'items',
      'principal',
      'purpose',
      'request',
      'saw',
    ]);
    const { entry } = openedPaper().write(refusal, TODAY);
    const told = { ...entry, body: { ...entry.body, ground: { grant: QUERY_GRANT } } };
    expectFailure('entry_invalid', () => decideAgain(openedPaper(), told));
  });
});

test('nobody’s stream but the minted ones takes an entry', () => {
  const paper = signedPaper();
  for (const stream of ['heads', `pack/${paperId(1)}`, personStream(paperId(2))] as never[]) {
    for (const command of [ask(), signed(), revoked(), drafted()])
      refuses('entry_invalid', paper, { ...command, stream });
  }
  expect(signInput().letter).toBe(revokeInput().grant === QUERY_GRANT ? LETTER : undefined);
});

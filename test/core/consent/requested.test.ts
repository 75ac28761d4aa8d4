/** What the audit asks of a request that was kept: that its entry says just what was signed, and by whom, and when. */
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#core/canonical.ts';
import type { Call, Signer } from '#core/consent/call.ts';
import { LOG_OVERLAP_MS_MIN } from '#core/consent/log-key.ts';
import { BATCH_PATH, EVALUATION_PATH, EVALUATIONS_PATH } from '#core/consent/request-rows.ts';
import { expectRequest } from '#core/consent/requested.ts';
import { type Command, decide } from '#core/consent/rules.ts';
import { isFailure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import type { SignedRequest } from '#core/request/signed-request.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import { coveredBy, type Signing, signedOver } from '../request/signing.ts';
import {
  calledByKeeper,
  changed,
  KEEPER,
  keyOf,
  keysOfParty,
  LENDER,
  OTHER_LENDER,
  operatorOf,
  REL,
  signedPaper,
  signerOf,
  TODAY,
} from './paper-ledger.ts';
import { own, textOf } from './paper-log-keys.ts';
import {
  admin,
  CASES,
  caseOf,
  entryOf,
  expected,
  NEW,
  named,
  requestOf,
  signersOf,
  verify,
  verifyAnew,
  view,
} from './paper-requests.ts';

describe('an entry and its request', () => {
  test.each(named)('of %s agree', async (_name, asked) => {
    await verify(asked);
    // Fields in another order, and spaces, are the caller's to choose.
    const shuffled = Object.fromEntries(Object.entries(asked.body).reverse());
    await verify(asked, { body: JSON.stringify(shuffled, null, 2) });
  });

  test('are every type’s that a party’s request makes', () => {
    const types = new Set(CASES.map(({ command }) => command.type));
    expect(types.size).toBe(39);
    for (const { command } of CASES) expect((command.input as unknown as Call).auth).toBe('http-sig');
  });

  test('of a ledger of engine 1 that is raised agree as well', async () => {
    const old = changed(view, { [LOG_STREAM]: { ...(view.state(LOG_STREAM) as JsonObject), engine: 1 } });
    const input = { engine: 2, ...calledByKeeper() };
    const command: Command = { type: 'log.engine_raised', stream: LOG_STREAM, input };
    const asked = { ...caseOf('profile.switched'), command, path: '/v1/log/engine', body: { engine: 2 } };
    const body = decide(old, command, TODAY as Instant);
    const wanted = () => expectRequest(old, { ...entryOf(caseOf('profile.switched')), type: command.type, body }, {});
    await verifyAnew(wanted(), await requestOf(asked));
    for (const change of [{ body: { engine: 3 } }, { body: {} }, { path: '/v1/log' }]) {
      await expectRefusal('entry_invalid', verifyAnew(wanted(), await requestOf(asked, change)));
    }
  });

  test('of an issuing key that takes over, one that is retired and one that was compromised agree as well', async () => {
    const log = view.state(LOG_STREAM) as JsonObject;
    const [old, next, past] = ['A', 'B', 'C'].map((letter) => letter.repeat(43));
    const issuing_keys = [
      { key: past, from: 0, to: 1, retired_at: null },
      { key: old, from: 1, to: null, retired_at: null },
      { key: next, from: null, to: null, retired_at: null },
    ];
    const rotating = changed(view, { [LOG_STREAM]: { ...log, issuing_key: old, issuing_keys } });
    const steps = [
      ['log.issuing_key_switched', '/v1/log/issuing-keys/switch', { key: next as string }],
      ['log.issuing_key_retired', '/v1/log/issuing-keys/retirement', { key: past as string }],
      ['log.issuing_key_compromised', '/v1/log/issuing-keys/compromise', { key: past as string, since: 1 }],
    ] as const;
    for (const [type, path, said] of steps) {
      const command = { type, stream: LOG_STREAM, input: { ...said, ...calledByKeeper() } } as unknown as Command;
      const asked = { ...caseOf('profile.switched'), command, path, body: said };
      const body = decide(rotating, command, TODAY as Instant);
      const wanted = () => expectRequest(rotating, { ...entryOf(caseOf('profile.switched')), type, body }, {});
      await verifyAnew(wanted(), await requestOf(asked));
      for (const change of [
        { body: { ...said, key: 'D'.repeat(43) } },
        { body: {} },
        { path: '/v1/log/issuing-keys' },
        ...('since' in said ? [{ body: { ...said, since: 2 } }] : []),
      ]) {
        await expectRefusal('entry_invalid', verifyAnew(wanted(), await requestOf(asked, change)));
      }
    }
  });

  test('of a log key that is added, takes over, is retired and was compromised agree as well', async () => {
    const log = { ...(view.state(LOG_STREAM) as JsonObject), ...own.texts };
    const key = (at: number, from: number | null, to: number | null) => {
      return { vkey: textOf(at), from, to, until: to, retired_at: null };
    };
    const log_keys = [key(0, 0, 1), key(1, 1, null), key(2, null, null)];
    const until = TODAY + LOG_OVERLAP_MS_MIN;
    const rotating = changed(view, { [LOG_STREAM]: { ...log, log_keys } });
    const steps = [
      ['log.log_key_added', '/v1/log/log-keys', { vkey: textOf(3), possession: 'A'.repeat(86) }],
      ['log.log_key_switched', '/v1/log/log-keys/switch', { vkey: textOf(2), until }],
      ['log.log_key_retired', '/v1/log/log-keys/retirement', { vkey: textOf(0) }],
      ['log.log_key_compromised', '/v1/log/log-keys/compromise', { vkey: textOf(0), since: 1 }],
    ] as const;
    for (const [type, path, said] of steps) {
      const command = { type, stream: LOG_STREAM, input: { ...said, ...calledByKeeper() } } as unknown as Command;
      const asked = { ...caseOf('profile.switched'), command, path, body: said };
      const body = decide(rotating, command, TODAY as Instant);
      const wanted = () => expectRequest(rotating, { ...entryOf(caseOf('profile.switched')), type, body }, {});
      await verifyAnew(wanted(), await requestOf(asked));
      for (const change of [
        { body: { ...said, vkey: textOf(1) } },
        { body: {} },
        { path: '/v1/log/issuing-keys' },
        ...('since' in said ? [{ body: { ...said, since: 2 } }] : []),
        ...('until' in said ? [{ body: { ...said, until: until + 1 } }] : []),
      ]) {
        await expectRefusal('entry_invalid', verifyAnew(wanted(), await requestOf(asked, change)));
      }
    }
  });

  test('of a party in good standing again agree as well', async () => {
    const paper = signedPaper();
    paper.write({ type: 'party.suspended', stream: partyStream(LENDER), input: calledByKeeper() }, TODAY);
    const command: Command = { type: 'party.reinstated', stream: partyStream(LENDER), input: calledByKeeper() };
    const asked = { ...caseOf('party.suspended'), command, path: `/v1/parties/${LENDER}/reinstatement` };
    const entry = {
      ...entryOf(caseOf('party.suspended')),
      type: command.type,
      body: decide(paper, command, TODAY as Instant),
    };
    await verifyAnew(expectRequest(paper, entry, {}), await requestOf(asked));
    await expectRefusal(
      'entry_invalid',
      verifyAnew(expectRequest(paper, entry, {}), await requestOf(caseOf('party.suspended'))),
    );
  });
});

describe('a request is its entry’s', () => {
  test.each(named)('%s: on its own path only, by its own method', async (_name, asked) => {
    for (const path of [
      '/',
      `${asked.path}/`,
      `${asked.path}x`,
      asked.path.toUpperCase(),
      asked.path.slice(0, -1),
      '/v1/log',
    ]) {
      await expectRefusal('entry_invalid', verify(asked, { path }));
    }
    for (const method of ['GET', 'PUT', 'post', 'DELETE'])
      await expectRefusal('entry_invalid', verify(asked, { covered: { method } }));
    // What makes an entry has no query: what one said would stand nowhere.
    for (const query of ['?x', '?x=1', '??']) {
      await expectRefusal('entry_invalid', verify(asked, { covered: { query } }));
    }
  });

  test.each(named)('%s: with all of its signatures, in their order, and no other', async (_name, asked) => {
    const entry = entryOf(asked);
    const { by } = asked.command.input as unknown as Call;
    const more = by.length === 1 ? [...by, signerOf(OTHER_LENDER, 'query')] : by.slice(1);
    await expectRefusal('entry_invalid', verify(asked, { by: more }, entry));
    await expectRefusal('entry_invalid', verify(asked, { by: [] }, entry));
    if (by.length > 1) {
      await expectRefusal('entry_invalid', verify(asked, { by: by.toReversed() }, entry));
      await expectRefusal('entry_invalid', verify(asked, { by: [by[0], by[0]] as Signer[] }, entry));
    }
    const others = by.map(({ party }) => signerOf(party === LENDER ? OTHER_LENDER : LENDER, 'admin'));
    await expectRefusal('entry_invalid', verify(asked, { by: others }, entry));
  });

  test.each(named)('%s: signed by the keys that it names, and not merely in their name', async (_name, asked) => {
    const { by } = asked.command.input as unknown as Call;
    const honest = await signersOf(by);
    const thief = await nativeEd25519.importSeed(new Uint8Array(32).fill(7));
    const text = JSON.stringify(asked.body);
    for (const at of by.keys()) {
      const signer = by[at] as Signer;
      const forged = { ...(honest[at] as Signing), key: thief, named: keyOf(signer.operator) };
      const request = await signedOver(honest.with(at, forged), coveredBy(asked.path, text), text, TODAY / 1_000);
      await expectRefusal('signature_invalid', verifyAnew(expected(asked), request));
    }
    const request = await requestOf(asked);
    for (const at of request.signatures.keys()) {
      const { base, signature } = request.signatures[at] as SignedRequest['signatures'][number];
      const crooked = { base, signature: `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}` };
      const changed = { ...request, signatures: request.signatures.with(at, crooked) };
      await expectRefusal('signature_invalid', verifyAnew(expected(asked), changed));
      const moved = { signature, base: base.replace('ledger.example', 'other.example') };
      const elsewhere = { ...request, signatures: request.signatures.with(at, moved) };
      await expectRefusal('signature_invalid', verifyAnew(expected(asked), elsewhere));
    }
  });

  test('with the body that was signed', async () => {
    for (const asked of CASES) {
      const request = await requestOf(asked);
      const other = { ...request, body: `${request.body} ` };
      await expectRefusal('digest_mismatch', verifyAnew(expected(asked), other));
    }
  });

  test('signed within 6 minutes of the entry, before or after: 5 of age, and 1 in the queue', async () => {
    const asked = caseOf('access.decided');
    for (const seconds of [0, 300, 359, 360, -300, -360]) {
      await verify(asked, { created: TODAY / 1_000 + seconds });
    }
    for (const seconds of [361, -361, 3_600, -86_400]) {
      await expectRefusal('entry_invalid', verify(asked, { created: TODAY / 1_000 + seconds }));
    }
    // In milliseconds, it is no time of a signature at all.
    await expectRefusal('signature_malformed', verify(asked, { created: TODAY }));
    await expectRefusal('entry_invalid', verify(asked, { created: 0 }));
  });

  test('whose signers are keys that the ledger knew before it', () => {
    const asked = caseOf('access.decided');
    for (const signer of [
      { ...signerOf(LENDER, 'query'), key: 9 },
      { ...signerOf(LENDER, 'query'), party: NEW },
      { ...signerOf(LENDER, 'query'), key: -1 },
    ]) {
      expectFailure('entry_invalid', () => expected(asked, entryOf(asked, { by: [signer] as unknown as Json })));
    }
    const { signers, time, goesTo } = expected(asked);
    expect(signers).toEqual([{ stream: partyStream(LENDER), key: keyOf(operatorOf(LENDER, 'query')) }]);
    expect(time).toBe(TODAY);
    for (const path of ['/v1/accesses', BATCH_PATH, EVALUATION_PATH, EVALUATIONS_PATH]) expect(goesTo(path)).toBe(true);
    expect(goesTo('/v1/letters')).toBe(false);
    expect(expected(caseOf('letter.drafted')).goesTo('/v1/letters')).toBe(true);
    const registered = expected(caseOf('party.registered'));
    expect(registered.signers.map(({ key }) => key)).toEqual(keysOfParty(KEEPER).map(({ key }) => key));
  });

  test('by a key that has ended since: what it signed before still stands', async () => {
    const paper = signedPaper();
    paper.write(admin('party.key_retired', { key: 0 }), TODAY);
    const asked = caseOf('access.decided');
    await verifyAnew(expectRequest(paper, entryOf(asked), {}), await requestOf(asked));
  });

  test('never fails but in words of ours, whatever was kept', async () => {
    const asked = caseOf('access.decided');
    const good = await requestOf(asked);
    const [signed] = good.signatures as [SignedRequest['signatures'][number]];
    for (const request of [
      { body: '', signatures: [] },
      { ...good, body: '' },
      { ...good, signatures: [] },
      { ...good, signatures: [{ ...signed, base: 'x' }] },
      { ...good, signatures: [{ ...signed, signature: '*' }] },
      { ...good, signatures: [{ ...signed, signature: '' }] },
      { ...good, signatures: [signed, signed] },
    ]) {
      const thrown = await verifyAnew(expected(asked), request).catch((error: unknown) => error);
      expect(isFailure(thrown)).toBe(true);
    }
    const { stream } = asked.command;
    expect(stream).toBe(REL);
  });
});

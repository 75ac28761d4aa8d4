/** Requests that ask for several accesses: each entry has a row of its own, and no row makes two entries. */
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '#core/canonical.ts';
import { BATCH_PATH, EVALUATION_PATH, EVALUATIONS_PATH } from '#core/consent/request-rows.ts';
import { type Expected, type OpenedRequest, openRequest, verifyRequest } from '#core/consent/requested.ts';
import type { Command } from '#core/consent/rules.ts';
import { refusedStream } from '#core/tlog/stream.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectRefusal } from '../../support/failure.ts';
import { ask, HANDLE, LENDER, OTHER_BUREAU, OTHER_LENDER, paperId, refusedInput } from './paper-ledger.ts';
import {
  type Asked,
  asking,
  CASES,
  type Change,
  caseOf,
  expected,
  FOREIGN,
  LONG,
  named,
  requestOf,
} from './paper-requests.ts';

/** An access on the lender's own handle, and its row. */
function own(change: Parameters<typeof ask>[0] = {}): Asked {
  return rowOf('access.decided', ask(change), HANDLE, {});
}

/** An access on a handle that is not the lender's. */
function foreign(change: Parameters<typeof refusedInput>[0] = {}): Asked {
  const command: Command = { type: 'access.refused', stream: refusedStream(LENDER), input: refusedInput(change) };
  const ground = { grant: caseOf('access.decided').body['ground'] as JsonObject };
  return rowOf('access.refused', command, FOREIGN, { claimed: { handle: FOREIGN, ground: ground.grant } });
}

function rowOf(name: string, command: Command, handle: string, opened: Asked['opened']): Asked {
  const { action, purpose, items, door, bound } = command.input as unknown as JsonObject;
  const { principal: _principal, ground, ...row } = asking;
  const given = 'ground' in command.input ? (command.input.ground as unknown as JsonObject) : ground;
  const body = { ...row, handle, ground: given, action, purpose, items, door, bound } as JsonObject;
  return { name, command, opened, path: BATCH_PATH, body };
}

const erased = (asked: Asked): Asked => ({ ...asked, opened: {} });

/** A row as an evaluation of AuthZEN. */
function evaluationOf({ body }: Asked, principal: Json = LENDER): JsonObject {
  const { handle, ground, action, purpose, items, door, bound } = body;
  return {
    subject: { type: 'party', id: principal },
    action: { name: action as Json },
    resource: { type: 'relationship', id: handle as Json, properties: { items: items as Json } },
    context: { ...(ground as JsonObject), purpose: purpose as Json, door: door as Json, bound: bound as Json },
  };
}

interface Way {
  readonly path: string;
  readonly body: (rows: readonly Asked[], principal?: Json) => JsonObject;
}
/** The two ways to ask for several accesses by one signature. */
const WAYS: readonly (readonly [string, Way])[] = [
  [
    'a batch',
    { path: BATCH_PATH, body: (rows, principal = LENDER) => ({ principal, rows: rows.map(({ body }) => body) }) },
  ],
  [
    'evaluations',
    {
      path: EVALUATIONS_PATH,
      body: (rows, principal) => ({ evaluations: rows.map((row) => evaluationOf(row, principal)) }),
    },
  ],
];

async function opened(path: string, body: JsonObject, change: Change = {}): Promise<OpenedRequest> {
  return openRequest(nativeEd25519, await requestOf({ ...own(), path, body }, change));
}

const ROWS = [
  own(),
  own({ purpose: 'post_loan' }),
  foreign(),
  own({ items: ['credit_info', 'credit_report'], bound: LONG }),
  own({ action: 'STORE', door: null, ground: { grant: paperId(9) } }),
  own({ door: OTHER_BUREAU }),
];

describe.each(WAYS)('%s', (_name, { path, body }) => {
  const open = (rows: readonly Asked[], change?: Change) => opened(path, body(rows), change);

  test('makes one entry of each row, in whatever order they are looked at', async () => {
    for (const rows of [ROWS, ROWS.toReversed()]) {
      const request = await open(ROWS);
      expect(request.count).toBe(ROWS.length);
      for (const row of rows) await verifyRequest(expected(row), request);
      expect(request.answered.size).toBe(ROWS.length);
      for (const row of rows) await expectRefusal('entry_invalid', verifyRequest(expected(row), request));
    }
  });

  test('makes no entry that none of its rows asked for', async () => {
    for (const [at, row] of ROWS.entries()) {
      const others = ROWS.toSpliced(at, 1);
      await expectRefusal('entry_invalid', verifyRequest(expected(row), await open(others)));
      await expectRefusal('entry_invalid', verifyRequest(expected(row), await open([])));
    }
    // Nor one that takes a field of each of two.
    const mixed = own({ purpose: 'post_loan', bound: LONG });
    await expectRefusal('entry_invalid', verifyRequest(expected(mixed), await open(ROWS)));
  });

  test('makes two entries where two rows are alike, and no third', async () => {
    const request = await open([own(), foreign(), own()]);
    await verifyRequest(expected(own()), request);
    await verifyRequest(expected(own()), request);
    await expectRefusal('entry_invalid', verifyRequest(expected(own()), request));
    await verifyRequest(expected(foreign()), request);
  });

  test('makes one entry of a row, also where a refusal’s handle is erased: it may be any row, once', async () => {
    const request = await open([foreign(), own()]);
    await verifyRequest(expected(erased(foreign())), request);
    await verifyRequest(expected(own()), request);
    await expectRefusal('entry_invalid', verifyRequest(expected(erased(foreign())), request));
    const none = await open([own({ purpose: 'post_loan' })]);
    await expectRefusal('entry_invalid', verifyRequest(expected(erased(foreign())), none));
  });

  test('is its principal’s, on its own handle', async () => {
    const request = await opened(path, body([own()], OTHER_LENDER));
    await expectRefusal('entry_invalid', verifyRequest(expected(own()), request));
    const other = { ...own(), body: { ...own().body, handle: FOREIGN } };
    await expectRefusal('entry_invalid', verifyRequest(expected(own()), await open([other])));
    const nobody = { ...own(), body: { ...own().body, handle: null } };
    await expectRefusal('entry_invalid', verifyRequest(expected(own()), await open([nobody])));
  });

  test('is read where it went to, and nowhere else', async () => {
    const other = path === BATCH_PATH ? EVALUATIONS_PATH : BATCH_PATH;
    for (const elsewhere of [other, '/v1/accesses', EVALUATION_PATH, '/v1/letters', `${path}/`]) {
      const request = await opened(elsewhere, body([own()]));
      await expectRefusal('entry_invalid', verifyRequest(expected(own()), request));
    }
    const asked = await opened(path, { ...asking, ...own().body });
    await expectRefusal('entry_invalid', verifyRequest(expected(own()), asked));
  });

  test('makes no entry of another type, whatever its rows say', async () => {
    for (const asked of CASES.filter(({ name }) => !name.startsWith('access.decided') && name !== 'access.refused')) {
      const request = await opened(path, body([asked]));
      await expectRefusal('entry_invalid', verifyRequest(expected(asked), request));
    }
  });

  test('whose rows are none makes nothing, and is refused in words of ours', async () => {
    for (const rows of [null, {}, 'x', 1, [null], ['x'], [[]], [1, {}]] as const) {
      const request = await opened(path, { principal: LENDER, rows, evaluations: rows });
      await expectRefusal('entry_invalid', verifyRequest(expected(own()), request));
    }
  });

  test('is signed by who asked, in time, whichever row it is', async () => {
    const late = await open(ROWS, { created: 0 });
    for (const row of ROWS) await expectRefusal('entry_invalid', verifyRequest(expected(row), late));
    const { by } = ask({ principal: OTHER_LENDER }).input as Extract<Command, { type: 'access.decided' }>['input'];
    const others = await open(ROWS, { by });
    for (const row of ROWS) await expectRefusal('entry_invalid', verifyRequest(expected(row), others));
  });
});

describe('the evaluations of AuthZEN', () => {
  const evaluation = evaluationOf(own());
  const { subject, resource, context } = evaluation as Record<string, JsonObject>;
  const verify = async (path: string, body: JsonObject, wanted: Expected = expected(own())) =>
    verifyRequest(wanted, await opened(path, body));

  test('may be one by itself', async () => {
    const request = await opened(EVALUATION_PATH, evaluation);
    expect(request.count).toBe(1);
    await verifyRequest(expected(own()), request);
    await expectRefusal('entry_invalid', verifyRequest(expected(own()), request));
    await verify(EVALUATION_PATH, evaluationOf(foreign()), expected(foreign()));
  });

  test.each<[string, JsonObject]>([
    ['subject', { subject: { ...subject, id: OTHER_LENDER } }],
    ['no subject', { subject: null }],
    ['action', { action: { name: 'STORE' } }],
    ['action that is a word', { action: 'QUERY' }],
    ['handle', { resource: { ...resource, id: FOREIGN } }],
    ['items', { resource: { ...resource, properties: { items: ['tax'] } } }],
    ['no items', { resource: { ...resource, properties: null } }],
    ['grant', { context: { ...context, grant: paperId(9) } }],
    ['no grant', { context: { ...context, grant: null } }],
    ['purpose', { context: { ...context, purpose: 'post_loan' } }],
    ['door', { context: { ...context, door: OTHER_BUREAU } }],
    ['no door', { context: { ...context, door: null } }],
    ['request that it is bound to', { context: { ...context, bound: LONG } }],
    ['nothing at all', { subject: null, action: null, resource: null, context: null }],
  ])('is found where it said another %s', async (_what, change) => {
    const changed = { ...evaluation, ...change };
    await expectRefusal('entry_invalid', verify(EVALUATION_PATH, changed));
    await expectRefusal('entry_invalid', verify(EVALUATIONS_PATH, { evaluations: [changed] }));
    await expectRefusal('entry_invalid', verify(EVALUATIONS_PATH, { ...evaluation, evaluations: [change] }));
    // By itself it has no defaults and no list.
    await expectRefusal('entry_invalid', verify(EVALUATION_PATH, { ...changed, evaluations: [evaluation] }));
  });

  test('take what they do not say from the request around them', async () => {
    const { context: own_, ...around } = evaluation;
    const more = { ...context, purpose: 'post_loan' };
    const body = { ...around, evaluations: [{ context: own_ as Json }, { context: more }], options: { x: 1 } };
    const request = await opened(EVALUATIONS_PATH, body);
    expect(request.count).toBe(2);
    await verifyRequest(expected(own()), request);
    await verifyRequest(expected(own({ purpose: 'post_loan' })), request);
    await expectRefusal('entry_invalid', verifyRequest(expected(own()), request));
  });

  test('are one, of the request itself, where there is no list or an empty one', async () => {
    for (const body of [evaluation, { ...evaluation, evaluations: [] }, { ...evaluation, evaluations: null }]) {
      const request = await opened(EVALUATIONS_PATH, body);
      expect(request.count).toBe(1);
      await verifyRequest(expected(own()), request);
    }
  });

  test('never stand on a legal basis: they name a grant', async () => {
    const based = { ...evaluation, context: { ...context, grant: null, basis: 'judicial', reference: null } };
    const onBasis = own({ ground: { basis: 'judicial', reference: false } });
    await expectRefusal('entry_invalid', verify(EVALUATION_PATH, based, expected(onBasis)));
  });
});

describe('a request for one thing', () => {
  test.each(named)('%s: makes its entry once', async (_name, asked) => {
    const request = openRequest(nativeEd25519, await requestOf(asked));
    expect(request.count).toBe(1);
    await verifyRequest(expected(asked), request);
    await expectRefusal('entry_invalid', verifyRequest(expected(asked), request));
    expect(request.answered.size).toBe(1);
  });

  test('verifies each of its signatures once, however many entries name it', async () => {
    let verified = 0;
    const counting = {
      ...nativeEd25519,
      verify: (...given: Parameters<typeof nativeEd25519.verify>) => {
        verified++;
        return nativeEd25519.verify(...given);
      },
    };
    const [, way] = WAYS[0] as (typeof WAYS)[number];
    const kept = await requestOf({ ...own(), path: way.path, body: way.body(ROWS) });
    const request = openRequest(counting, kept);
    for (const row of ROWS) await verifyRequest(expected(row), request);
    expect(verified).toBe(1);
  });
});

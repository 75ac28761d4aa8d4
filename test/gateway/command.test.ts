/** `assent gateway` as a provider runs it: a process of its own before a small system, and a ledger that is served. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, openClient } from '#client/client.ts';
import { PERMIT_HEADER } from '#client/require-permit.ts';
import { partySignatory } from '#client/sign.ts';
import { type PartyId, parseId } from '#core/ids.ts';
import { SUBJECT } from '../../src/cli/story-letter.ts';
import { readKey } from '../../src/node/key-file.ts';
import { ended, type Home, launch, newHome, printed, run } from '../support/command.ts';

const MAP = {
  routes: [
    {
      method: 'POST',
      path: '/reports',
      action: 'REPORT',
      subject: { id_type: { at: '/body/id_type' }, id_number: { at: '/body/id_number' } },
      items: { at: '/body/items' },
      response: { items: { repayment: ['/repayment'], basic: ['/basic'] } },
    },
  ],
};

let home: Home;
let upstream: Server;
let asked: { readonly url: string | undefined; readonly permit: unknown }[];
let ledgerUrl: string;
let gatewayUrl: string;
let lender: Client;
let parties: Record<string, PartyId>;
let story: { readonly handle: string; readonly report: string };
let options: string[];

/** A file of the ledger's data folder, by how its name ends. */
const file = (end: string) => {
  const data = join(home.folder, 'data');
  return join(data, readdirSync(data).find((name) => name.endsWith(end)) as string);
};

beforeAll(async () => {
  home = newHome();
  asked = [];
  upstream = createServer((request, response) => {
    asked.push({ url: request.url, permit: request.headers[PERMIT_HEADER] });
    response.setHeader('x-internal', 'secret');
    response.end(JSON.stringify({ repayment: [1, 2], basic: { name: SUBJECT.name }, internal: 7 }));
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const serving = await printed(launch(home, ['serve']), /Ctrl-C stops/);
  ledgerUrl = /at (http:\S+)/.exec(serving)?.[1] as string;
  parties = Object.fromEntries(
    [...serving.matchAll(/^ *(identifier|lender|bureau) +party ([0-9a-f]{32})/gm)].map(([, name, id]) => [
      name,
      parseId<PartyId>(id),
    ]),
  );
  story = JSON.parse(readFileSync(file('.story.json'), 'utf8'));
  lender = openClient({
    url: ledgerUrl,
    fetch,
    signers: [partySignatory(parties['lender'] as PartyId, await readKey(file('.lender.pem')))],
    clock: Date.now,
    newKey: randomUUID,
    sleep: (ms) => sleep(ms),
  });
  const map = join(home.folder, 'map.json');
  writeFileSync(map, JSON.stringify(MAP));
  const [vkey] = readdirSync(join(home.folder, 'keys'));
  options = [
    ...['--url', ledgerUrl, '--party', parties['bureau'] as string, '--key', file('.bureau.pem')],
    ...['--vkey', join(home.folder, 'keys', vkey as string), '--port', '0'],
    ...['--upstream', `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`, '--map', map],
  ];
  const gateway = launch(home, ['gateway', ...options]);
  gatewayUrl = /at (http:[^\s,]+)/.exec(await printed(gateway, /others closed/))?.[1] as string;
}, 120_000);
afterAll(() => {
  upstream.close();
  home.remove();
});

async function permit(items: readonly string[] = ['repayment']) {
  const answer = await lender.askAccess({
    principal: parties['lender'],
    handle: story.handle,
    ground: { grant: story.report },
    action: 'REPORT',
    purpose: 'credit_reporting',
    items,
    door: parties['bureau'],
    bound: null,
  } as unknown as Parameters<Client['askAccess']>[0]);
  expect(answer.codes).toEqual([]);
  return answer;
}

async function send(text: string | null, path = '/reports') {
  const { id_type, id_number } = SUBJECT;
  const response = await fetch(`${gatewayUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(text === null ? {} : { [PERMIT_HEADER]: text }) },
    body: JSON.stringify({ id_type, id_number, items: ['repayment'] }),
  });
  return { status: response.status, headers: response.headers, json: JSON.parse(await response.text()) };
}

describe('assent gateway', () => {
  it('lets a permit pass once, with the permitted fields only, and settles it', async () => {
    // The story has asked for this very report and never handed it over: until that permit lapses it is the same access.
    const { access, permit: text } = await permit(['repayment', 'basic']);
    asked = [];
    const first = await send(text);
    expect([first.status, first.json]).toEqual([200, { repayment: [1, 2] }]);
    expect(first.headers.get('x-internal')).toBeNull();
    expect(asked).toEqual([{ url: '/reports', permit: undefined }]);
    const second = await send(text);
    expect([second.status, second.json.code]).toEqual([403, 'permit_redeemed']);
    expect(asked).toHaveLength(1);
    let course = await lender.readAccess(access);
    for (let tries = 0; course.settlement === null && tries < 50; tries++) {
      await sleep(100);
      course = await lender.readAccess(access);
    }
    expect(course.settlement).toMatchObject({ result: 'released', items: ['repayment'], count: 1, codes: [] });
    expect(course.redemptions.map(({ decision }) => decision)).toEqual(['allow', 'deny']);
  });

  it('is closed without a permit, and where nothing is mapped', async () => {
    asked = [];
    expect(await send(null)).toMatchObject({ status: 401, json: { code: 'permit_required' } });
    expect(await send(null, '/admin')).toMatchObject({ status: 404, json: { code: 'route_closed' } });
    expect(asked).toEqual([]);
  });

  it.each<[string, (given: string[]) => string[], RegExp]>([
    ['no upstream', (given) => without(given, '--upstream'), /^assent: .*want --upstream/],
    ['no map', (given) => without(given, '--map'), /^assent: .*want --map/],
    [
      'an upstream with a path',
      (given) => changed(given, '--upstream', 'http://x/y'),
      /config_invalid: --upstream is "http:\/\/x\/y", want/,
    ],
    ['a port that is none', (given) => changed(given, '--port', '99999'), /config_invalid: --port is "99999", want/],
    [
      'a map that is not there',
      (given) => changed(given, '--map', 'nothing.json'),
      /config_invalid: --map nothing\.json can't be read/,
    ],
    ['a ledger that is not there', (given) => changed(given, '--url', 'http://127.0.0.1:1'), /^assent: unreachable: /],
    [
      'a party whose key it is not',
      (given) => changed(given, '--party', parties['lender'] as string),
      /^assent: signature_refused: /,
    ],
    ['a vkey of another log', (given) => changed(given, '--vkey', 'nothing.vkey'), /^assent: /],
  ])('ends with 2 and one clear line for %s', async (_what, change, line) => {
    const ran = await run(home, ['gateway', ...change(options)]);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(line);
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  const [route] = MAP.routes as unknown as [object];
  it.each<[string, readonly object[], RegExp]>([
    ['a path', [{ ...route, path: 'reports' }], /routes\[0\]\.path: want a path such as /],
    [
      'a parameter that the path lacks',
      [{ ...route, subject: { id_type: { is: 'resident_id' }, id_number: { at: '/path/id' } } }],
      /routes\[0\]\.subject\.id_number\.at: the path has no \{id\}/,
    ],
    [
      'an item that is no field',
      [{ ...route, items: { are: ['credit_report'] } }],
      /routes\[0\]\.items\.are: credit_report is no field of the response/,
    ],
    [
      'a route behind one that takes it all',
      [{ ...route, path: '/{any}' }, route],
      /routes\[1\]\.path: never reached: routes\[0\]/,
    ],
  ])('says in one line where a mapping is wrong: %s', async (_what, routes, line) => {
    writeFileSync(join(home.folder, 'wrong.json'), JSON.stringify({ routes }));
    const ran = await run(home, ['gateway', ...changed(options, '--map', 'wrong.json')]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(line);
    expect(ran.stderr).toMatch(/^assent: config_invalid: wrong\.json: [^\n]*\n$/);
  });

  it('ends with 0 when it is told to stop', async () => {
    const gateway = launch(home, ['gateway', ...options]);
    const end = ended(gateway);
    await printed(gateway, /others closed/);
    gateway.kill('SIGTERM');
    expect(await end).toMatchObject({ code: 0, stderr: '' });
  });
});

const without = (given: readonly string[], name: string) => given.toSpliced(given.indexOf(name), 2);
const changed = (given: readonly string[], name: string, value: string) =>
  given.toSpliced(given.indexOf(name) + 1, 1, value);

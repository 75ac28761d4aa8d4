import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, parseHex, toBase64, utf8 } from '#core/bytes.ts';
import { type CosignerKey, cosignerKey, formatCosignerVkey, formatVkey, verifierKey } from '#core/note/key.ts';
import {
  judgeQuorum,
  POLICY_BYTES_MAX,
  POLICY_GROUPS_MAX,
  POLICY_LOGS_MAX,
  POLICY_WITNESSES_MAX,
  parsePolicy,
} from '#core/tlog/policy.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';

const keys = await Promise.all(
  Array.from({ length: 110 }, async (_, i) => {
    const seed = new Uint8Array(32).fill(1).with(0, i);
    return (await nativeEd25519.importSeed(seed)).publicKey;
  }),
);
const cosigner = (at: number, name: string): CosignerKey => cosignerKey(name, keys[at]!);
const LOG = verifierKey('ledger.example/consent', keys[0]!);
const log = `log ${formatVkey(LOG)}`;
/** Witnesses of three organisations: two of a, two of b, one of c. */
const [a1, a2, b1, b2, c1] = [
  cosigner(1, 'a.example/1'),
  cosigner(2, 'a.example/2'),
  cosigner(3, 'b.example/1'),
  cosigner(4, 'b.example/2'),
  cosigner(5, 'c.example'),
] as [CosignerKey, CosignerKey, CosignerKey, CosignerKey, CosignerKey];
const witness = (name: string, key: CosignerKey, url = '') =>
  `witness ${name} ${formatCosignerVkey(key)} ${url}`.trim();
const WITNESSES = [witness('a1', a1), witness('a2', a2), witness('b1', b1), witness('b2', b2), witness('c1', c1)];
const read = (...lines: readonly string[]) => parsePolicy(utf8(`${lines.join('\n')}\n`));
const refused = (...lines: readonly string[]) => expectFailure('policy_invalid', () => read(...lines));

const TWO_OF_THREE = [log, ...WITNESSES, 'group a any a1 a2', 'group b any b1 b2', 'group q 2 a b c1', 'quorum q'];

describe('a policy', () => {
  test('names logs and witnesses with their keys, and addresses where there are any', () => {
    const policy = read(`${log} https://ledger.example/`, witness('w', c1, 'https://c.example/w'), 'quorum w');
    expect(policy.logs).toEqual([{ key: LOG, url: 'https://ledger.example/' }]);
    expect(policy.witnesses).toEqual([
      { kind: 'witness', name: 'w', key: c1, organisation: 'c.example', url: 'https://c.example/w' },
    ]);
    expect(read('quorum none')).toEqual({ logs: [], witnesses: [], quorum: undefined });
  });

  test('has comments, empty lines, tabs and spaces anywhere', () => {
    const spaced = TWO_OF_THREE.map((line) => ` \t ${line.replaceAll(' ', '\t  ')} \t`).join(
      '\n# 注释\n\n \t\n \t#x\n',
    );
    expect(parsePolicy(utf8(`${spaced}\n`))).toEqual(read(...TWO_OF_THREE));
  });

  test('may name things in any script, octet for octet', () => {
    const policy = read(log, witness('见证', a1), 'group 组 any 见证', 'quorum 组');
    expect(policy.quorum).toMatchObject({ name: '组', members: [{ name: '见证' }] });
    // K and the Kelvin sign are two names, and so are octets that are no UTF-8.
    read(witness('K', a1), witness('\u212A', b1), 'group q all K \u212A', 'quorum q');
    const latin = concat(utf8('# '), parseHex('fffe'), utf8(`\n${witness('x', a1)}\nquorum x\n`));
    expect(parsePolicy(latin).witnesses).toHaveLength(1);
  });

  test('takes words of the format as names', () => {
    const policy = read(witness('all', a1), witness('2', b1), 'group any all all 2', 'quorum any');
    expect(policy.quorum).toMatchObject({ name: 'any', threshold: 2 });
  });

  test('takes 100 of each, and no more', () => {
    const many = Array.from({ length: 100 }, (_, i) => witness(`w${i}`, cosigner(i, `host-${i}.example`)));
    const names = many.map((_, i) => `w${i}`).join(' ');
    expect(read(...many, `group q 51 ${names}`, 'quorum q').witnesses).toHaveLength(POLICY_WITNESSES_MAX);
    refused(...many, witness('more', cosigner(100, 'more.example')), `group q 51 ${names}`, 'quorum q');
    const logs = Array.from({ length: 101 }, (_, i) => `log ${formatVkey(verifierKey(`log-${i}.example`, keys[i]!))}`);
    expect(read(...logs.slice(1), 'quorum none').logs).toHaveLength(POLICY_LOGS_MAX);
    refused(...logs, 'quorum none');
    const nested = Array.from({ length: 101 }, (_, i) => `group g${i} any ${i === 0 ? 'w' : `g${i - 1}`}`);
    const last = `quorum g${POLICY_GROUPS_MAX - 1}`;
    expect(judgeQuorum(read(witness('w', a1), ...nested.slice(0, -1), last), [a1]).met).toBe(true);
    refused(witness('w', a1), ...nested, last);
  });

  test('has a largest size', () => {
    const filled = (bytes: number) => utf8(`quorum none\n${'#'.repeat(bytes - 'quorum none\n'.length - 1)}\n`);
    expect(parsePolicy(filled(POLICY_BYTES_MAX)).quorum).toBeUndefined();
    expectFailure('policy_invalid', () => parsePolicy(filled(POLICY_BYTES_MAX + 1)));
  });
});

describe('a policy that is none', () => {
  test('is cut off, or empty', () => {
    const whole = `${TWO_OF_THREE.join('\n')}\n`;
    for (let end = 0; end < whole.length; end++) {
      expectFailure('policy_invalid', () => parsePolicy(utf8(whole.slice(0, end))));
    }
  });

  const vkey = formatCosignerVkey(a1);
  const crooked: readonly (readonly [string, readonly string[]])[] = [
    ['no quorum', [log, ...WITNESSES]],
    ['two quorums', [...TWO_OF_THREE, 'quorum q']],
    ['a quorum before its name', ['quorum a1', ...WITNESSES]],
    ['an unknown quorum', [...WITNESSES, 'quorum nobody']],
    ['a quorum of two names', [...WITNESSES, 'quorum a1 b1']],
    ['a quorum without a name', [...WITNESSES, 'quorum']],
    ['an unknown keyword', ['mirror x', 'quorum none']],
    ['a keyword in capitals', ['Quorum none']],
    ['a comment behind a line', ['quorum none # nobody']],
    ['a log without a key', ['log', 'quorum none']],
    ['a log with a word too many', [`${log} https://x.example y`, 'quorum none']],
    ['a log with a witness’s key', [`log ${vkey}`, 'quorum none']],
    ['the same log twice', [log, log, 'quorum none']],
    ['the same log under two names', [log, `log ${formatVkey(verifierKey('other', keys[0]!))}`, 'quorum none']],
    ['a log that is its own witness', [log, witness('w', cosigner(0, 'w.example')), 'quorum w']],
    ['a witness without a key', ['witness w', 'quorum none']],
    ['a witness with a word too many', [`${witness('w', a1, 'https://x.example')} y`, 'quorum w']],
    ['a witness with a log’s key', [`witness w ${formatVkey(LOG)}`, 'quorum w']],
    [
      'a witness of another type',
      [`witness w a.example+00000000+${toBase64(new Uint8Array(1313).fill(6))}`, 'quorum w'],
    ],
    ['a damaged key', [`witness w ${vkey.slice(0, -2)}==`, 'quorum w']],
    ['a key with another id', [`witness w ${vkey.replace(a1.keyId, '00000000')}`, 'quorum w']],
    ['the same name twice', [witness('w', a1), witness('w', b1), 'quorum w']],
    ['a witness and a group of one name', [witness('w', a1), 'group w any w', 'quorum w']],
    ['a witness called none', [witness('none', a1), 'quorum none']],
    ['a group called none', [witness('w', a1), 'group none any w', 'quorum none']],
    ['a member none', [witness('w', a1), 'group g any w none', 'quorum g']],
    ['an empty group', [witness('w', a1), 'group g any', 'quorum g']],
    ['a group without a count', [witness('w', a1), 'group g w', 'quorum g']],
    ['a group with a member of a later line', ['group g any w', witness('w', a1), 'quorum g']],
    ['a group of itself', [witness('w', a1), 'group g any g', 'quorum g']],
    ['a member twice', [witness('w', a1), 'group g 2 w w', 'quorum g']],
    ['a member of two groups', [witness('w', a1), 'group g any w', 'group h any w', 'quorum g']],
    ...['0', '00', '01', '4', '-1', '+1', '1.0', '1e0', '0x1', '１', 'ALL', 'most', '1000'].map(
      (count) => [`the count ${count}`, [...WITNESSES, `group q ${count} a1 b1 c1`, 'quorum q']] as const,
    ),
  ];
  test.each(crooked)('has %s', (_, lines) => refused(...lines));

  test('has no other control character, and CRLF is one', () => {
    for (const control of ['\r', '\0', '\v', '\f', '\u001b', '\u007f']) {
      refused(`quorum none${control}`);
      refused(`# ${control}`, 'quorum none');
    }
    // Spaces of other scripts part nothing.
    for (const space of ['\u00a0', '\u3000', '\u2028']) refused(`quorum${space}none`);
    refused('\uFEFFquorum none');
  });

  test('says which line, and repeats nothing of it but what it means', () => {
    expect(() => read(log, 'secret of mine', 'quorum none')).toThrow('line 2: want log, witness, group, quorum or #');
  });

  test('never breaks the reader, whatever bytes come', () => {
    const bytes = utf8(`${TWO_OF_THREE.join('\n')}\n`);
    fc.assert(
      fc.property(
        fc.nat({ max: bytes.length - 1 }),
        fc.uint8Array({ maxLength: 4 }),
        fc.nat({ max: 9 }),
        (at, put, cut) => {
          try {
            parsePolicy(Uint8Array.from([...bytes.subarray(0, at), ...put, ...bytes.subarray(at + cut)]));
          } catch (thrown) {
            expect(thrown).toHaveProperty('code', 'policy_invalid');
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a quorum', () => {
  const policy = read(...TWO_OF_THREE);
  const met = (...cosigners: readonly CosignerKey[]) => judgeQuorum(policy, cosigners).met;

  test('counts organisations, and each of them once (attack 82)', () => {
    expect(met()).toBe(false);
    expect(met(a1)).toBe(false);
    expect(met(a1, a2)).toBe(false);
    expect(met(c1)).toBe(false);
    expect(met(a1, b2)).toBe(true);
    expect(met(a2, c1)).toBe(true);
    expect(met(a1, a2, b1, b2, c1)).toBe(true);
    expect(judgeQuorum(policy, [b2, a2, a1]).organisations).toEqual(['a.example', 'b.example']);
  });

  test('counts keys, not names (attack 82)', () => {
    expect(met(a1, cosignerKey('b.example/1', a1.publicKey))).toBe(false);
    expect(met(a1, cosignerKey('b.example/1', keys[50]!))).toBe(false);
    expect(met(a1, cosignerKey('elsewhere.example', b1.publicKey))).toBe(true);
  });

  test('below its number stays refused, whatever a witness does (attack 89)', () => {
    for (const [count, enough] of [
      [1, 1],
      [2, 2],
      [3, 3],
    ] as const) {
      const counting = read(witness('a', a1), witness('b', b1), witness('c', c1), `group q ${count} a b c`, 'quorum q');
      const all = [a1, b1, c1];
      for (let cosigned = 0; cosigned <= 3; cosigned++) {
        expect(judgeQuorum(counting, all.slice(0, cosigned)).met).toBe(cosigned >= enough);
      }
      expect(judgeQuorum(counting, [a1, a1, a1, a2]).met).toBe(count === 1);
    }
  });

  test('in which one organisation could count twice is refused, and says how to write it', () => {
    refused(...WITNESSES, 'group q 2 a1 a2 b1', 'quorum q');
    refused(...WITNESSES, 'group q 2 a1 a2', 'quorum q');
    refused(...WITNESSES, 'group x any a1 b1', 'group q 2 x a2', 'quorum q');
    refused(...WITNESSES, 'group x 2 a1 b1', 'group y 2 a2 b2', 'group q all x y', 'quorum q');
    refused(...WITNESSES, 'group x 2 a1 a2 b1', 'group q all x c1', 'quorum q');
    const capital = cosigner(20, 'A.Example/3');
    refused(...WITNESSES, witness('A', capital), 'group q 2 a1 A', 'quorum q');
    expect(() => read(...WITNESSES, 'group q 2 a1 a2', 'quorum q')).toThrow(
      'two members of group q have witnesses of a.example: put these into a group of their own',
    );
  });

  test('may want several witnesses within one organisation, which is one all the same', () => {
    const inner = read(...WITNESSES, 'group a all a1 a2', 'group q 2 a b1 c1', 'quorum q');
    expect(judgeQuorum(inner, [a1, b1]).met).toBe(false);
    expect(judgeQuorum(inner, [a1, a2]).met).toBe(false);
    expect(judgeQuorum(inner, [a1, a2, b1]).met).toBe(true);
    expect(judgeQuorum(inner, [a1, a2]).organisations).toEqual(['a.example']);
  });

  test('tells the holders of OIDs apart', () => {
    const oids = [cosigner(30, 'oid/1.3.6.1.4.1.1'), cosigner(31, 'oid/1.3.6.1.4.1.2')] as const;
    const both = read(witness('x', oids[0]), witness('y', oids[1]), 'group q all x y', 'quorum q');
    expect(judgeQuorum(both, oids).met).toBe(true);
  });

  test('none is met by nobody', () => {
    expect(judgeQuorum(read(...WITNESSES, 'quorum none'), []).met).toBe(true);
  });

  test('never turns from met to not met by one more cosignature', () => {
    const all = [a1, a2, b1, b2, c1];
    const any = fc.subarray(all);
    fc.assert(
      fc.property(any, any, (some, more) => {
        if (met(...some)) expect(met(...some, ...more)).toBe(true);
        const organisations = judgeQuorum(policy, some).organisations;
        expect(met(...some)).toBe(organisations.length >= 2);
      }),
    );
  });
});

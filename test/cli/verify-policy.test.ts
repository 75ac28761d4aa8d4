/** `assent verify --policy`: who witnessed a receipt, by a policy of one's own, and how long ago. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUtf8 } from '#core/bytes.ts';
import { useSha256 } from '#core/hash.ts';
import { formatCosignerVkey, formatVkey } from '#core/note/key.ts';
import { POLICY_BYTES_MAX } from '#core/tlog/policy.ts';
import { readPolicy } from '../../src/cli/policy.ts';
import { nativeSha256 } from '../../src/native.ts';
import { ask, DAY, signedPaper, TODAY } from '../core/consent/paper-ledger.ts';
import { fileOf, keysOf, receiptOf } from '../core/consent/paper-receipt.ts';
import { type Home, newHome, run } from '../support/command.ts';
import { cosignedBy, lineUnder, paperWitness, withLines } from '../support/cosigned.ts';
import { expectCode } from '../support/failure.ts';

useSha256(nativeSha256);

const HOUR_S = 3_600;

describe('assent verify --policy', () => {
  const home: Home = newHome();
  const verify = (...args: readonly string[]) => run(home, ['verify', ...args]);
  const write = (name: string, text: string | Uint8Array) => writeFileSync(join(home.folder, name), text);
  let policy: readonly string[];

  beforeAll(async () => {
    const keys = await keysOf(0x11);
    const paper = signedPaper(keys.texts);
    const plain = parseUtf8(fileOf(await receiptOf(paper, keys, paper.write(ask(), TODAY + DAY))));
    const a = await paperWitness('a.example/w', 0x51);
    const b = await paperWitness('b.example/w', 0x52);
    const now = Math.floor(Date.now() / 1_000);
    policy = [
      `log ${formatVkey(keys.vkey)}`,
      `witness a ${formatCosignerVkey(a.vkey)}`,
      `witness b ${formatCosignerVkey(b.vkey)}`,
      'group both all a b',
    ];
    const lineOfB = await lineUnder(plain, b, now);
    const files: Readonly<Record<string, string>> = {
      policy: `${[...policy, 'quorum both'].join('\n')}\n`,
      nobody: `${[...policy, 'quorum none'].join('\n')}\n`,
      'plain.json': plain,
      'half.json': await cosignedBy(plain, [a, now]),
      'new.json': await cosignedBy(plain, [a, now], [b, now]),
      'old.json': await cosignedBy(plain, [a, now - 30 * HOUR_S], [b, now]),
      'crooked.json': withLines(plain, [{ ...lineOfB, bytes: lineOfB.bytes.toReversed() }]),
      'log.vkey': formatVkey(keys.vkey),
      'other.vkey': formatVkey((await keysOf(0x31)).vkey),
    };
    for (const [name, text] of Object.entries(files)) write(name, text);
  });
  afterAll(() => home.remove());

  it('says who cosigned, and of which time, and trusts the log that the policy names: 0', async () => {
    const found = await verify('new.json', '--policy', 'policy', '--max-age', '24');
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(found.stdout).toContain('RECORDED (witnessed)');
    expect(found.stdout).toMatch(/the policy’s quorum: met, as of \S+Z; cosigned by 2 of its witnesses:/);
    expect(found.stdout).toMatch(/\n {4}a of a\.example, at \S+Z\n {4}b of b\.example, at /);
    const [json] = JSON.parse((await verify('--json', 'new.json', '--policy', 'policy')).stdout);
    expect(json).toMatchObject({ recorded: 'witnessed', witnessing: { quorum: 'met', cosigned: [{ name: 'a' }, {}] } });
  });

  it('ends with 3 on a stale one, with 5 without the quorum, with 1 on one that is not recorded', async () => {
    const cases: readonly (readonly [file: string, code: number, said: string])[] = [
      ['old.json', 3, 'RECORDED (stale)'],
      ['half.json', 5, 'quorum: not met; cosigned by 1 of'],
      ['plain.json', 5, 'cosigned by none of its witnesses'],
      ['crooked.json', 1, 'INVALID'],
    ];
    for (const [file, code, said] of cases) {
      const found = await verify(file, '--policy', 'policy', '--max-age', '24');
      expect(found, file).toMatchObject({ code, stderr: '' });
      expect(found.stdout).toContain(said);
    }
    // However old, where no age is asked for.
    expect((await verify('old.json', '--policy', 'policy')).code).toBe(0);
  });

  it('ends by the worst of several: not recorded, then without quorum, then stale', async () => {
    const code = async (...files: readonly string[]) =>
      (await verify(...files, '--policy', 'policy', '--max-age', '24')).code;
    expect(await code('new.json', 'old.json')).toBe(3);
    expect(await code('old.json', 'half.json', 'new.json')).toBe(5);
    expect(await code('half.json', 'crooked.json', 'old.json')).toBe(1);
  });

  it('asks nobody where the policy wants nobody, and then says unwitnessed: 0', async () => {
    const found = await verify('new.json', '--policy', 'nobody');
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(found.stdout).toContain('RECORDED (unwitnessed)');
  });

  it('takes no policy, key or age that it can’t go by, says why, and says nothing of the receipt: 2', async () => {
    const bad: readonly (readonly [name: string, text: string | Uint8Array, said: RegExp])[] = [
      ['empty', '', /newline|no quorum/],
      ['receipt', '{"v":1}\n', /line 1/],
      ['without-quorum', `${policy.join('\n')}\n`, /no quorum line/],
      ['twice', `${[...policy, 'quorum both', 'quorum none'].join('\n')}\n`, /line 6.*second quorum/],
      ['cut', policy.join('\n'), /newline/],
      ['crlf', `${[...policy, 'quorum both'].join('\r\n')}\r\n`, /control characters/],
      ['nul', Uint8Array.of(0, 10), /control characters/],
      ['huge', new Uint8Array(POLICY_BYTES_MAX + 1).fill(0x23), /at most 65536 bytes/],
      [
        'same-key',
        `${[...policy, (policy[1] as string).replace('witness a', 'witness c'), 'quorum both'].join('\n')}\n`,
        /line 5.*same key/,
      ],
    ];
    for (const [name, text, said] of bad) {
      const path = join(home.folder, name);
      writeFileSync(path, text);
      const thrown = failureOf(() => readPolicy(path));
      expectCode('policy_invalid', thrown);
      expect((thrown as Error).message.startsWith(`${path}: `), name).toBe(true);
      expect((thrown as Error).message).toMatch(said);
    }
    write('crlf', `${[...policy, 'quorum both'].join('\r\n')}\r\n`);
    const wrong: readonly (readonly [args: readonly string[], said: RegExp])[] = [
      [['--policy', 'crlf'], /^assent: policy_invalid: crlf: a policy has no control characters/],
      [['--policy', 'missing'], /policy_invalid: missing: the file can’t be read/],
      [['--policy', 'policy', '--vkey', 'other.vkey'], /policy_invalid: the policy names other logs/],
      [['--max-age', '24', '--vkey', 'log.vkey'], /want --policy FILE/],
      [['--policy', 'nobody', '--max-age', '24'], /quorum none/],
      [['--policy', 'policy', '--max-age', '0'], /whole number/],
    ];
    for (const [args, said] of wrong) {
      const found = await verify('new.json', ...args);
      expect(found, args.join(' ')).toMatchObject({ code: 2, stdout: '' });
      expect(found.stderr).toMatch(said);
    }
  });
});

function failureOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

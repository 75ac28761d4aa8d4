/** `assent batch`: a whole list, from a file to a file. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '#client/index.ts';
import type { JobId, PartyId } from '#core/ids.ts';
import { cutList } from '../../src/cli/batch/parts.ts';
import { openJob, readOutcomes, sendMissing } from '../../src/cli/batch/run.ts';
import { ended, type Home, launch, newHome, printed, run } from '../support/command.ts';
import { expectRefusal } from '../support/failure.ts';

const HEADER = 'handle,grant,action,purpose,items,door';

describe('assent batch', () => {
  let home: Home;
  let stop: () => Promise<void>;
  let asLender: readonly string[];
  let story: Record<'handle' | 'query' | 'report', string>;
  let bureau: string;
  beforeAll(async () => {
    home = newHome();
    const server = launch(home, ['serve']);
    const end = ended(server);
    const served = await printed(server, /Ctrl-C stops/);
    stop = async () => {
      server.kill('SIGINT');
      await end;
    };
    const url = /at (http:\S+)/.exec(served)?.[1] ?? '';
    const partyOf = (name: string) => new RegExp(`${name} +party ([0-9a-f]{32}), key (\\S+)`).exec(served) as string[];
    const [, lender, key] = partyOf('lender') as [string, string, string];
    bureau = partyOf('bureau')[1] as string;
    asLender = ['--party', lender, '--key', key, '--url', url];
    const data = join(home.folder, 'data');
    const name = readdirSync(data).find((each) => each.endsWith('.story.json')) as string;
    story = JSON.parse(readFileSync(join(data, name), 'utf8'));
  });
  afterAll(async () => {
    await stop();
    const audit = await run(home, ['audit', '--json']);
    home.remove();
    expect(JSON.parse(audit.stdout)).toMatchObject({ holds: true, findings: [] });
  });

  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(home.folder, name), [HEADER, ...lines].join('\r\n'));
  const report = (items: string) => `${story.handle},${story.report},REPORT,credit_reporting,${items},${bureau}`;

  it('decides a list and says what became of each line', async () => {
    write('list.csv', [
      report('basic;line'),
      '',
      `${story.handle},${story.query},QUERY,post_loan,credit_info,${bureau}`,
      `${'0'.repeat(32)},${story.report},REPORT,credit_reporting,basic,${bureau}`,
    ]);
    const { code, stdout, stderr } = await run(home, ['batch', 'list.csv', ...asLender]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(
      /^line,access,decision,codes\r\n2,[0-9a-f]{32},allow,\r\n4,[0-9a-f]{32},deny,REVOKED\r\n5,[0-9a-f]{32},deny,PARTY\r\n$/,
    );
    expect(stderr).toContain('allowed 1, denied 2, undecided 0');
    const job = /^job ([0-9a-f]{32}): 3 rows in 1 parts/.exec(stderr)?.[1] as string;
    const again = await run(home, ['batch', 'list.csv', '--job', job, '--out', 'results.jsonl', ...asLender]);
    expect(again).toMatchObject({ code: 0, stdout: '' });
    const lines = readFileSync(join(home.folder, 'results.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((each) => JSON.parse(each))).toMatchObject([
      { line: 2, decision: 'allow', codes: [] },
      { line: 4, decision: 'deny', codes: ['REVOKED'] },
      { line: 5, decision: 'deny', codes: ['PARTY'] },
    ]);
    expect(stdout).toContain(JSON.parse(lines[0] as string).access);
    write('other.csv', [report('adverse')]);
    const other = await run(home, ['batch', 'other.csv', '--job', job, ...asLender]);
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toContain('part_mismatch');
  });

  it('sends nothing where the results could not be written', async () => {
    write('unwritable.csv', [report('basic')]);
    const checkpoint = async () => (await fetch(`${asLender.at(-1)}/checkpoint`)).text();
    const before = await checkpoint();
    const ran = await run(home, ['batch', 'unwritable.csv', '--out', 'nowhere/results.csv', ...asLender]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^assent: config_invalid: --out nowhere\/results\.csv .*\n$/);
    expect(await checkpoint()).toBe(before);
  });

  it('sends nothing of a list with a line that is wrong', async () => {
    write('bad.csv', [report('repayment'), report('repayment').replace('REPORT', 'TAKE')]);
    const { code, stdout, stderr } = await run(home, ['batch', 'bad.csv', ...asLender]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/input_invalid: bad.csv: nothing was sent\n {2}line 3: action: want one of/);
  });

  it.each([
    [['batch'], 'want one FILE'],
    [['batch', 'list.csv'], 'want --party ID and --key FILE'],
    [['batch', 'none.csv', '--party', 'a'.repeat(32), '--key', 'none.pem'], 'none.pem can’t be read'],
  ])('ends with 2 for %j', async (args, message) => {
    const { code, stderr } = await run(home, args);
    expect(code).toBe(2);
    expect(stderr.replaceAll("'", '’')).toContain(message);
  });
});

describe('a job that was interrupted', () => {
  const JOB = 'b'.repeat(32) as JobId;
  const row = { items: ['basic'] } as never;
  const { parts } = cutList(
    'a'.repeat(32) as PartyId,
    Array.from({ length: 10_003 }, (_, at) => ({ line: at, row })),
  );
  const said = { progress() {}, note() {} };

  function clientWith(received: readonly object[], more: Partial<Client> = {}): Client {
    return { readJob: async () => ({ job: JOB, parts: 2, received }), ...more } as unknown as Client;
  }

  it('is sent only what is missing', async () => {
    const sent: number[] = [];
    const client = clientWith([{ part: 0, content: parts[0]?.content }], {
      sendPart: async (_job, part) => sent.push(part) as never,
    });
    const list = { principal: 'a'.repeat(32) as PartyId, parts, job: JOB };
    expect(await openJob(client, list)).toBe(JOB);
    await sendMissing(client, JOB, parts, said);
    expect(sent).toEqual([1]);
    await expectRefusal('part_mismatch', openJob(clientWith([{ part: 1, content: 'other' }]), list));
  });

  it('names every row that was not decided, and why', async () => {
    const access = 'c'.repeat(32);
    const client = clientWith([], {
      readPartResults: async (_job, part) =>
        ({
          error: part === 1 ? 'key_ended' : null,
          next: null,
          results: Array.from({ length: part === 1 ? 1 : 10_000 }, (_, at) => ({
            row: at,
            access,
            decision: 'allow',
            codes: [],
          })),
        }) as never,
    });
    const outcomes: object[] = [];
    for await (const outcome of readOutcomes(client, JOB, parts)) outcomes.push(outcome);
    expect(outcomes.slice(-3)).toEqual([
      { at: 10_000, access, decision: 'allow', codes: [] },
      { at: 10_001, access: '', decision: 'undecided', codes: ['key_ended'] },
      { at: 10_002, access: '', decision: 'undecided', codes: ['key_ended'] },
    ]);
  });
});

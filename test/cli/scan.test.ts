/** `assent verify --scan`: whether a scan at hand is of a letter that a receipt shows to have been signed in ink. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatVkey } from '#core/note/key.ts';
import { type Door, openDoor, signersOf } from '../api/door.ts';
import { draft, signedScene, twoClauses } from '../support/actors.ts';
import { type Home, newHome, run } from '../support/command.ts';
import { addWitness, onPaper, SCAN } from '../support/ink.ts';

describe('a scan', () => {
  let home: Home;
  let door: Door;
  let letter: string;
  let salt: string;
  let vkey: string;
  const verify = (...args: readonly string[]) => run(home, ['verify', '--vkey', vkey, ...args]);

  beforeAll(async () => {
    home = newHome();
    door = await openDoor();
    const { context } = door.fixture;
    const { lender, bureau, handle, queryAccess } = await signedScene(context);
    const printed = await draft(context, { lender, handle, grants: twoClauses(bureau, context.clock()) });
    const body = onPaper(lender, printed, context.clock());
    const both = await addWitness(context, lender);
    const brought = await door.as(both).post(`/v1/letters/${printed.letter}/paper`, body);
    expect(brought.status).toBe(201);
    [letter, salt] = [printed.letter, body.scan.salt];
    const asLender = door.as(signersOf(lender));
    const asked = { ...queryAccess, ground: { grant: printed.grants[0]?.grant } };
    const { json } = await asLender.post('/v1/accesses', asked);
    vkey = formatVkey(door.fixture.vkey);
    const ofLetter = await asLender.get(`/v1/letters/${letter}/receipt`);
    const files = {
      'receipt.json': (await asLender.get(json.receipt)).text,
      'letter.json': ofLetter.text,
      'scan.pdf': SCAN,
      'other.pdf': 'other',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(home.folder, name), text);
  });
  afterAll(async () => {
    await door.fixture.close();
    home.remove();
  });

  it('that was brought in is told by its bytes and its salt: 0', async () => {
    const found = await verify('receipt.json', '--scan', 'scan.pdf', '--salt', salt);
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(found.stdout).toMatch(/letter\.signed_on_paper: signed with evidence of grade C \(counter;/);
    expect(found.stdout).toMatch(new RegExp(`\\n  scan: brought in as letter ${letter}, seq \\d+\\n$`));
    const json = JSON.parse((await verify('--json', 'receipt.json', '--scan', 'scan.pdf', '--salt', salt)).stdout);
    expect(json).toMatchObject([{ recorded: 'unwitnessed', scanned: { letter } }]);
  });

  it('is told by the letter’s own receipt, too: 0', async () => {
    const found = await verify('letter.json', '--scan', 'scan.pdf', '--salt', salt);
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(found.stdout).toContain(' signed on paper, at ');
    expect(found.stdout).toMatch(new RegExp(`\\n  scan: brought in as letter ${letter}, seq \\d+\\n$`));
  });

  it('that was not, or under another salt, is none: 1', async () => {
    for (const [file, by] of [
      ['other.pdf', salt],
      ['scan.pdf', 'A'.repeat(43)],
    ] as const) {
      const found = await verify('receipt.json', '--scan', file, '--salt', by);
      expect(found).toMatchObject({ code: 1, stderr: '' });
      expect(found.stdout).toContain('scan: NOT of a letter of this receipt, or another salt');
    }
  });

  it('needs its salt, one receipt, and to be there: 2', async () => {
    for (const args of [
      ['receipt.json', '--scan', 'scan.pdf'],
      ['receipt.json', '--salt', salt],
      ['receipt.json', 'receipt.json', '--scan', 'scan.pdf', '--salt', salt],
      ['receipt.json', '--scan', 'nothing.pdf', '--salt', salt],
      ['receipt.json', '--scan', 'scan.pdf', '--salt', 'x'],
    ]) {
      const { code, stdout, stderr } = await verify(...args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^assent: /);
    }
  });

  it('is not asked for: the receipt is verified as ever', async () => {
    const { code, stdout } = await verify('receipt.json');
    expect([code, stdout.includes('scan:')]).toEqual([0, false]);
  });
});

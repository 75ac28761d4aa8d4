/** `assent verify` of a receipt in which its subject opens what it signed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subjectSignatory } from '#client/sign.ts';
import { statementSigningBytes } from '#core/consent/statement.ts';
import { AXIS_TEXTS } from '#core/consent/verdict-text.ts';
import { formatVkey } from '#core/note/key.ts';
import { type Door, openDoor, signersOf } from '../api/door.ts';
import { draft, signedScene, twoClauses } from '../support/actors.ts';
import { newPasskey } from '../support/authenticator.ts';
import { type Home, newHome, run } from '../support/command.ts';
import { bindPasskey } from '../support/passkeys.ts';

describe('a receipt that its subject opens', () => {
  let home: Home;
  let door: Door;
  let vkey: string;
  let identifier: string;

  beforeAll(async () => {
    home = newHome();
    door = await openDoor();
    const { context } = door.fixture;
    const scene = await signedScene(context);
    const { lender, bureau, handle, person, queryAccess } = scene;
    identifier = scene.identifier.party;
    const passkey = newPasskey('localhost');
    await bindPasskey(door, { lender, identifier: scene.identifier, handle, person, passkey });
    const drafted = await draft(context, { lender, handle, grants: twoClauses(bureau, context.clock()) });
    const signed_at = context.clock();
    const grants = drafted.grants.map((terms) => ({ ...terms, given: true }));
    const signature = passkey.sign(statementSigningBytes({ ...drafted.statement, grants, signed_at }));
    const answers = grants.map(({ grant, given }) => ({ grant, given }));
    const body = { key: passkey.key, signature, signed_at, grants: answers };
    expect((await door.post(`/v1/letters/${drafted.letter}/signature`, body)).status).toBe(201);
    const asked = { ...queryAccess, ground: { grant: drafted.grants[0]?.grant } };
    const { json } = await door.as(signersOf(lender)).post('/v1/accesses', asked);
    const opened = await door.as([subjectSignatory(handle, person.key)]).get(`${json.receipt}?open=signatures`);
    const asSubject = door.as([subjectSignatory(handle, person.key)]);
    const letter = await asSubject.get(`/v1/letters/${drafted.letter}/receipt?open=signatures`);
    vkey = formatVkey(door.fixture.vkey);
    const forged = opened.text.replace('示例文本', '示例文本二');
    const files = { 'opened.json': opened.text, 'forged.json': forged, 'letter.json': letter.text };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(home.folder, name), text);
    }
  });
  afterAll(async () => {
    await door.fixture.close();
    home.remove();
  });

  it('says which signatures verify, of which kind of key, and who identified the person: 0', async () => {
    const { code, stdout, stderr } = await run(home, ['verify', '--vkey', vkey, 'opened.json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const by = `the person identified by party ${identifier}`;
    expect(stdout.split('\n').filter((line) => line.startsWith('  signature'))).toEqual([
      `  signature verified: seq 2 letter.signed, by a key of kind ed25519; ${by}`,
      `  signature verified: seq 4 letter.signed, by a key of kind passkey; ${by}`,
    ]);
    // What the answers mean is said in the words of the page that verifies receipts.
    const { recorded, decision, payload } = AXIS_TEXTS;
    for (const { means } of [recorded.unwitnessed, decision['re-derived'], payload.opened]) {
      expect(stdout).toContain(means.en);
    }
    const [verdict] = JSON.parse((await run(home, ['verify', '--json', '--vkey', vkey, 'opened.json'])).stdout);
    expect(verdict.signatures[1]).toMatchObject({ kind: 'passkey', text: expect.stringContaining('示例文本') });
  });

  it('of a letter says each clause, and what its subject signed: 0', async () => {
    const { code, stdout, stderr } = await run(home, ['verify', '--vkey', vkey, 'letter.json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^letter\.json: RECORDED \(unwitnessed\) in the tree of \d+ entries, .*check code [0-9A-Z-]{14}\n/,
    );
    expect(stdout).toMatch(/\n {2}letter [0-9a-f]{32} signed, at 20.*Z, asked for by party [0-9a-f]{32}\n/);
    expect(stdout).toMatch(
      /\n {2}given: QUERY for loan_apply, post_loan: credit_info, credit_report \(grant [0-9a-f]{32}\)\n/,
    );
    expect(stdout).toContain(`evidence of grade B (identity_provider); the person identified by party ${identifier}`);
    expect(stdout).toContain('signature verified: seq 4 letter.signed, by a key of kind passkey');
    expect((await run(home, ['explain', '--vkey', vkey, 'letter.json'])).code).not.toBe(0);
  });

  it('is made into one that opens a single part, and keeps nothing of the others: 0', async () => {
    const made = await run(home, ['receipt', 'disclose', 'letter.json', '--open', 'text', '--vkey', vkey]);
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('withheld: identity:0, person:0, ') });
    writeFileSync(join(home.folder, 'text.json'), made.stdout);
    const { code, stdout } = await run(home, ['verify', '--vkey', vkey, 'text.json']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ {2}parts opened: text:\d+, text_salt:\d+(, text:\d+, text_salt:\d+)*\n/);
    expect(stdout).toMatch(/ {2}parts withheld: .*signature:4/);
    expect(stdout).not.toContain('signature verified');
    expect(made.stdout).not.toMatch(/"passkey:|"person\/|"possession"\s*:\s*\{/);
    const again = await run(home, ['receipt', 'disclose', 'letter.json', '--open', 'text', '--vkey', vkey]);
    expect(again.stdout).toBe(made.stdout);
    const none = await run(home, ['receipt', 'disclose', 'text.json', '--open=', '--vkey', vkey]);
    expect(none).toMatchObject({ code: 0, stderr: expect.stringContaining('opened: nothing') });
  });

  it('of a letter is exported as a consent record, and one that does not hold, or of an access, is not', async () => {
    const made = await run(home, ['export', 'consent-record', 'letter.json', '--vkey', vkey]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(made.stdout)).toMatchObject({ events: [{ event_state: 'consent_given' }, {}] });
    for (const file of ['opened.json', 'forged.json']) {
      const refused = await run(home, ['export', 'consent-record', file, '--vkey', vkey]);
      expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('receipt_invalid') });
    }
  });

  it('is not made of what does not hold, nor with a part that it has not; it says which there are: 2', async () => {
    const unknown = await run(home, ['receipt', 'disclose', 'letter.json', '--open', 'name', '--vkey', vkey]);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/input_invalid: the receipt opens no "name": there is .*signature:4/);
    const forged = await run(home, ['receipt', 'disclose', 'forged.json', '--open', 'text', '--vkey', vkey]);
    expect(forged).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('does not hold') });
    const asked = await run(home, ['receipt', 'disclose', 'letter.json', '--vkey', vkey]);
    expect(asked).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--open') });
  });

  it('with another text is none: 1', async () => {
    const { code, stdout } = await run(home, ['verify', '--vkey', vkey, 'forged.json']);
    expect(code).toBe(1);
    expect(stdout).toContain('INVALID');
    expect(stdout).not.toContain('signature verified');
  });
});

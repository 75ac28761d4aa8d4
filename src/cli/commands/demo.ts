/**
 * `assent demo`: the story on a throw-away ledger, then everything verified: receipts offline from their files, the
 * ledger by audit, and a copy of it after a keeper with full rights changed one byte. Two witnesses cosign all along, and
 * refuse another tree of the same size that is signed by the log's own key.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, parseVkey } from '#core/note/key.ts';
import { nativeEd25519 } from '../../native.ts';
import { type Config, readConfig } from '../../node/config.ts';
import { createKeySet } from '../../node/key-set.ts';
import { serveContext } from '../../node/serve.ts';
import { stderrLog } from '../../node/stderr-log.ts';
import { auditNode, openNode, random } from '../../node.ts';
import { readArgs } from '../args.ts';
import { clientOf, readKeeper } from '../http.ts';
import { EXIT, type Output, terminal } from '../output.ts';
import { readShipped } from '../packs/publish.ts';
import { printReport } from '../round.ts';
import { playStory, type Story } from '../story.ts';
import { changeOneByte } from '../tamper.ts';
import { type DemoWitnesses, openDemoWitnesses, readCosigners } from '../witness/demo.ts';
import { printVerdict, verifyFile } from './verify.ts';

interface Result {
  readonly origin: string;
  readonly story: Story;
  readonly vkey: string;
  readonly receipts: readonly string[];
  readonly tampered: { readonly entry: number; readonly findings: number };
  readonly witnessed: { readonly size: number; readonly organisations: readonly string[] };
  readonly split_view: { readonly status: number; readonly evidence: string };
}

export async function demoCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, { json: { type: 'boolean' } }, 'none');
  const output: Output = values.json ? { ...terminal, line: terminal.note } : terminal;
  const kept = mkdtempSync(join(tmpdir(), 'assent-demo-'));
  const scratch = mkdtempSync(join(tmpdir(), 'assent-demo-ledger-'));
  try {
    const result = await play(output, kept, scratch);
    if (values.json) terminal.json(result);
    return EXIT.holds;
  } catch (thrown) {
    output.note(thrown instanceof Error ? `assent: ${thrown.message}` : 'assent: the demo failed');
    return EXIT.findings;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function play(output: Output, kept: string, scratch: string): Promise<Result> {
  const config: Config = {
    ...readConfig({}),
    port: 0,
    dataDir: join(scratch, 'data'),
    stateDir: join(scratch, 'state'),
    keysDir: kept,
  };
  const made = { database: 'embedded', origin: undefined, ed25519: nativeEd25519, random } as const;
  const keys = await createKeySet(config.dataDir, { ...made, now: Date.now() as Instant });
  const witnesses = await openDemoWitnesses(keys.vkey, kept, scratch);
  try {
    return await playWitnessed(
      output,
      { ...config, witnessPolicy: witnesses.policyFile },
      { kept, scratch, logKey: keys.log, witnesses },
    );
  } finally {
    await witnesses.close();
  }
}

interface Stage {
  readonly kept: string;
  readonly scratch: string;
  readonly logKey: SigningKey;
  readonly witnesses: DemoWitnesses;
}

async function playWitnessed(output: Output, config: Config, stage: Stage): Promise<Result> {
  const { kept, scratch, logKey, witnesses } = stage;
  const { origin, story, receipts, vkeyFile, checkpoint } = await tell(output, config, stage);
  const verified = await verifyAll(output, vkeyFile, receipts);
  const vkey = formatVkey(verified.vkey);
  const report = await auditNode(config, { vkey, entrySignatures: true });
  output.line('12. The whole ledger, replayed and decided again:');
  printReport(output, report);
  if (!report.holds) throw new Error('the audit found something in an honest ledger');
  const tampered = await tamper(output, config, scratch, { vkey, entry: verified.last });
  const witnessed = await readCosigners(checkpoint, witnesses.policyFile);
  output.line(
    `14. Two witnesses, each with a key and a memory of its own, have cosigned the last checkpoint, of ${witnessed.size} entries: ${witnessed.organisations.join(', ')}.`,
  );
  const refused = await witnesses.showOther(checkpoint, logKey);
  output.line(
    `15. The keeper signs another tree of ${witnessed.size} entries with the log's own key, and shows it to one of them. It answers ${refused.status}: ${refused.said}. It keeps the proof, which convinces whoever has the log's public key:\n  ${refused.evidenceFile}`,
  );
  output.line(`\nKept for you: ${kept}`);
  for (const file of receipts) output.line(`  ${file}`);
  output.line(`Verify one yourself:\n  npx assent verify --vkey ${vkeyFile} ${receipts[0]}`);
  const split_view = { status: refused.status, evidence: refused.evidenceFile };
  return { origin, story, vkey, receipts, tampered, witnessed, split_view };
}

async function tell(output: Output, config: Config, { kept, witnesses }: Stage) {
  const opened = await openNode(config, stderrLog);
  try {
    const server = await serveContext(opened.context, { ...config, story: () => undefined });
    try {
      const { origin } = opened.context.ledger;
      output.line(`A throw-away ledger, ${origin}; everybody in it is made up.`);
      const keeper = await readKeeper(opened.keeper, { dataDir: config.dataDir, keyId: opened.keyId });
      const say = (line: string) => output.line(line);
      const { story, lender } = await playStory({
        clientOf: (signers) => clientOf(server.url, signers),
        keeper,
        packs: readShipped(),
        keep() {},
        origin,
        vkey: parseVkey(opened.context.ledger.vkey),
        ed25519: nativeEd25519,
        random,
        clock: Date.now,
        say,
      });
      const receipts: string[] = [];
      for (const access of [story.allowed, story.denied, story.refused]) {
        const file = join(kept, `receipt-${access}.json`);
        writeFileSync(file, await lender.receipt(access));
        receipts.push(file);
      }
      const checkpoint = await witnesses.cosigned(opened.context);
      return { origin, story, receipts, vkeyFile: opened.vkeyFile, checkpoint };
    } finally {
      await server.close();
    }
  } finally {
    await opened.close();
  }
}

/** Offline: the server is gone, and only the files and the public key are left. */
async function verifyAll(output: Output, vkeyFile: string, receipts: readonly string[]) {
  const { readVkey } = await import('../trust.ts');
  const vkey = readVkey(vkeyFile);
  output.line('11. The receipts, verified offline from their files:');
  let last = 0;
  for (const file of receipts) {
    const verdict = await verifyFile(file, [vkey]);
    printVerdict(output, file, verdict);
    if (verdict.access === null) throw new Error(`${file} does not verify: ${verdict.problem?.message}`);
    last = verdict.access.index;
  }
  return { vkey, last };
}

interface Target {
  readonly vkey: string;
  /** Which entry is changed. */
  readonly entry: number;
}

async function tamper(output: Output, config: Config, scratch: string, { vkey, entry }: Target) {
  const copy: Config = { ...config, dataDir: join(scratch, 'copy') };
  cpSync(config.dataDir, copy.dataDir, { recursive: true });
  await changeOneByte(join(copy.dataDir, parseVkey(vkey).keyId), entry);
  output.line(
    `13. In a copy, a keeper with full rights changes one byte of entry ${entry}, the last denial, by SQL. The audit of that copy:`,
  );
  const report = await auditNode(copy, { vkey, entrySignatures: true });
  printReport(output, report);
  if (!report.findings.some((finding) => finding.index === entry))
    throw new Error('the audit did not name the changed entry');
  return { entry, findings: report.findingCount };
}

/**
 * `assent demo`: the story on a throw-away ledger, then everything verified: receipts offline from their files, the
 * ledger by audit, and a copy of it after a keeper with full rights changed one byte.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatVkey, parseVkey } from '#core/note/key.ts';
import { nativeEd25519 } from '../../native.ts';
import { type Config, readConfig } from '../../node/config.ts';
import { serveContext } from '../../node/serve.ts';
import { stderrLog } from '../../node/stderr-log.ts';
import { auditNode, openNode, random } from '../../node.ts';
import { readArgs } from '../args.ts';
import { clientOf, readKeeper } from '../http.ts';
import { EXIT, type Output, terminal } from '../output.ts';
import { readShipped } from '../packs/publish.ts';
import { playStory, type Story } from '../story.ts';
import { changeOneByte } from '../tamper.ts';
import { printReport } from './audit.ts';
import { printVerdict, verifyFile } from './verify.ts';

interface Result {
  readonly origin: string;
  readonly story: Story;
  readonly vkey: string;
  readonly receipts: readonly string[];
  readonly tampered: { readonly entry: number; readonly findings: number };
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
  const { origin, story, receipts, vkeyFile } = await tell(output, config, kept);
  const verified = await verifyAll(output, vkeyFile, receipts);
  const vkey = formatVkey(verified.vkey);
  const report = await auditNode(config, { vkey, entrySignatures: true });
  output.line('12. The whole ledger, replayed and decided again:');
  printReport(output, report);
  if (!report.holds) throw new Error('the audit found something in an honest ledger');
  const tampered = await tamper(output, config, scratch, { vkey, entry: verified.last });
  output.line(`\nKept for you: ${kept}`);
  for (const file of receipts) output.line(`  ${file}`);
  output.line(`Verify one yourself:\n  npx assent verify --vkey ${vkeyFile} ${receipts[0]}`);
  return { origin, story, vkey, receipts, tampered };
}

async function tell(output: Output, config: Config, kept: string) {
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
      return { origin, story, receipts, vkeyFile: opened.vkeyFile };
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

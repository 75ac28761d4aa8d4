/** `assent verify FILE…`: verifies receipts offline, against a key that did not come with them. */
import { readFileSync, statSync } from 'node:fs';
import { type Verdict, verifyReceipt } from '#client/index.ts';
import { RECEIPT_BYTES_MAX } from '#core/consent/receipt.ts';
import { Failure } from '#core/failure.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { nativeEd25519 } from '../../native.ts';
import { readConfig } from '../../node/config.ts';
import { readArgs } from '../args.ts';
import { EXIT, type Output, terminal, Usage } from '../output.ts';
import { readTrusted, readVkey } from '../trust.ts';

const OPTIONS = { json: { type: 'boolean' }, vkey: { type: 'string' } } as const;

export async function verifyCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  if (positionals.length === 0) throw new Usage('verify: want the file of a receipt, or several');
  const trusted = values.vkey === undefined ? readTrusted(readConfig(process.env).keysDir) : [readVkey(values.vkey)];
  if (trusted.length === 0) {
    throw new Failure('key_invalid', 'no log is trusted: give its key with --vkey, or put it into keys/');
  }
  const verdicts: { file: string; verdict: Verdict }[] = [];
  for (const file of positionals) verdicts.push({ file, verdict: await verifyFile(file, trusted) });
  if (values.json) terminal.json(verdicts.map(({ file, verdict }) => ({ file, ...verdict })));
  else for (const { file, verdict } of verdicts) printVerdict(terminal, file, verdict);
  return verdicts.every(({ verdict }) => verdict.problem === null) ? EXIT.holds : EXIT.findings;
}

/** Verifies against the trusted key of the log that the receipt is of; the receipt only says which one to try. */
export async function verifyFile(file: string, trusted: readonly VerifierKey[]): Promise<Verdict> {
  const bytes = readReceipt(file);
  const verdicts = await Promise.all(trusted.map((vkey) => verifyReceipt(bytes, vkey, nativeEd25519)));
  return (verdicts.find((verdict) => verdict.problem === null) ??
    verdicts.find((_verdict, place) => claimsLog(bytes, trusted[place] as VerifierKey)) ??
    verdicts[0]) as Verdict;
}

export function claimsLog(bytes: Uint8Array, vkey: VerifierKey): boolean {
  return Buffer.from(bytes).includes(`"log":${JSON.stringify(vkey.name)}`);
}

export function readReceipt(file: string): Uint8Array {
  try {
    if (statSync(file).size > RECEIPT_BYTES_MAX)
      throw new Failure('receipt_invalid', 'the file is too large for a receipt');
    return readFileSync(file);
  } catch (cause) {
    throw new Failure('input_invalid', `${file} can't be read`, { cause });
  }
}

export function printVerdict(output: Output, file: string, verdict: Verdict): void {
  const { recorded, decision, payload, asOf, access, facts, problem } = verdict;
  if (problem !== null || access === null) {
    output.line(`${file}: ${recorded.toUpperCase()}: ${problem?.message ?? 'no access'} (${problem?.code ?? ''})`);
    return;
  }
  const outcome = access.decision === 'allow' ? 'allow' : `deny ${access.codes.join(' ')}`;
  output.line(`${file}: RECORDED (${recorded}) in the tree of ${asOf} entries, as entry ${access.index}`);
  output.line(
    `  ${outcome}: ${access.action} for ${access.purpose}, at ${new Date(access.time).toISOString()}, by party ${access.principal}`,
  );
  output.line(`  decision ${decision} (engine ${access.engine}); payload ${payload}`);
  for (const fact of facts) output.line(`  attested by the ledger: ${fact}`);
}

/**
 * `assent verify FILE…`: verifies receipts offline, against a key that did not come with them; and, of one, whether a scan at
 * hand is of a letter that it shows to have been signed in ink; by a policy of one's own, also who witnessed them; by a
 * time-stamp, when they existed at the latest; by what the ledger says of its keys since, also which entries are tainted.
 */
import { readFileSync, statSync } from 'node:fs';
import { type ErasureSummary, type LetterSummary, type Verdict, verifyReceipt } from '#client/index.ts';
import { countsBy } from '#core/consent/compromised-log-key.ts';
import { sayContinued } from '#core/consent/continued-text.ts';
import { followLogKeys } from '#core/consent/follow-log-keys.ts';
import { type LogKeySpan, signs } from '#core/consent/log-key-spans.ts';
import { type FollowableSlice, RECEIPT_BYTES_MAX } from '#core/consent/receipt.ts';
import { findTaint, type TaintedEntry } from '#core/consent/receipt-taint.ts';
import { digestScan } from '#core/consent/scan.ts';
import type { RegisteredPaper } from '#core/consent/verdict.ts';
import { AXIS_TEXTS, CLASS_TEXTS, ERASURE_LIMITS } from '#core/consent/verdict-text.ts';
import type { WitnessTerms } from '#core/consent/witnessing.ts';
import { Failure, isFailure, readAs } from '#core/failure.ts';
import { parseHashText } from '#core/hash.ts';
import { formatVkey, type VerifierKey } from '#core/note/key.ts';
import { judgeStamp, type StampVerdict } from '#time-stamp/receipt-stamp.ts';
import { logKeysSchema } from '#wire/issuing-keys.ts';
import { parseStrictJson } from '#wire/json.ts';
import { nativeEd25519, nativeP256 } from '../../native.ts';
import { readArgs } from '../args.ts';
import { EXIT, type Output, terminal, Usage } from '../output.ts';
import { POLICY_OPTIONS, readTerms } from '../policy.ts';
import { printWitnessing } from '../round.ts';
import { readStampTerms, sayStamp, TIME_STAMP_OPTIONS } from '../time-stamp.ts';
import { trustedKeys } from '../trust.ts';

const OPTIONS = {
  ...POLICY_OPTIONS,
  ...TIME_STAMP_OPTIONS,
  json: { type: 'boolean' },
  vkey: { type: 'string' },
  scan: { type: 'string' },
  salt: { type: 'string' },
  'log-keys': { type: 'string' },
} as const;

export async function verifyCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  if (positionals.length === 0) throw new Usage('verify: want the file of a receipt, or several');
  const scan = readScan(values, positionals.length);
  const terms = readTerms('verify', values, Date.now);
  const trusted = readLogs(values.vkey, terms);
  const later = values['log-keys'] === undefined ? undefined : readLogKeys(values['log-keys']);
  const further = later === undefined ? [] : await followedFrom(later, trusted, terms);
  const stampTerms = readStampTerms(values, positionals.length);
  const verdicts: { file: string; verdict: Verdict }[] = [];
  for (const file of positionals) {
    const verdict = await verifyFile(file, trusted, terms);
    verdicts.push({ file, verdict: (await underFollowed(file, verdict, further, terms)) ?? verdict });
  }
  const compared = scan === undefined ? [] : verdicts.map(({ verdict }) => comparedWith(verdict, scan));
  const stamped: { readonly time_stamp: StampVerdict }[] = [];
  if (stampTerms !== undefined) {
    for (const { file } of verdicts) {
      stamped.push({ time_stamp: await judgeStamp(readReceipt(file), trusted, stampTerms, nativeEd25519) });
    }
  }
  const taints = await taintsOf(later, verdicts, trusted);
  const besides = (at: number) => ({ ...compared[at], ...stamped[at], ...taints[at] });
  if (values.json) terminal.json(verdicts.map(({ file, verdict }, at) => ({ file, ...verdict, ...besides(at) })));
  else for (const [at, { file, verdict }] of verdicts.entries()) printVerdict(terminal, file, verdict, taints[at]);
  if (!values.json) for (const { scanned } of compared) printScanned(scanned);
  if (!values.json) for (const { time_stamp } of stamped) printStamp(time_stamp);
  if (stamped.some(({ time_stamp }) => time_stamp.problem !== null)) return EXIT.findings;
  if (compared.some(({ scanned }) => scanned === null)) return EXIT.findings;
  return exitOfAll(verdicts.map(({ verdict }) => verdict));
}

/** What of each receipt that is recorded is tainted, by the keys in a file; nothing where none is named. */
async function taintsOf(
  later: FollowableSlice | undefined,
  verdicts: readonly { readonly file: string; readonly verdict: Verdict }[],
  trusted: readonly VerifierKey[],
): Promise<readonly { readonly tainted?: readonly TaintedEntry[] }[]> {
  if (later === undefined) return [];
  return Promise.all(
    verdicts.map(async ({ file: receipt, verdict }) => {
      if (verdict.problem !== null) return {};
      const bytes = readReceipt(receipt);
      const vkey = trusted.find((each) => claimsLog(bytes, each)) as VerifierKey;
      return { tainted: await findTaint(bytes, later, vkey, nativeEd25519) };
    }),
  );
}

/** Log keys that the trusted ones lead to, by what the log says of its keys today. What leads nowhere, `taintsOf` refuses. */
async function followedFrom(
  later: FollowableSlice,
  trusted: readonly VerifierKey[],
  terms: WitnessTerms | undefined,
): Promise<readonly LogKeySpan[]> {
  const found: LogKeySpan[] = [];
  // A key that the policy says was in other hands leads nowhere by itself.
  const counts = terms && countsBy(terms.policy, nativeEd25519);
  for (const vkey of trusted) {
    try {
      const { spans } = await followLogKeys(later, [vkey], nativeEd25519, counts);
      found.push(...spans.filter(({ key }) => !trusted.some(({ keyId }) => keyId === key.keyId)));
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
    }
  }
  return found;
}

/** A receipt that no trusted key signed, and that leads to none: by a key that they lead to, as far as that one signed. */
async function underFollowed(
  file: string,
  { problem }: Verdict,
  further: readonly LogKeySpan[],
  terms: WitnessTerms | undefined,
): Promise<Verdict | undefined> {
  if (problem === null) return undefined;
  // The policy names the key that led there.
  const led = terms && { ...terms, policy: { ...terms.policy, logs: [] } };
  for (const span of further) {
    const verdict = await verifyFile(file, [span.key], led);
    if (verdict.problem === null && verdict.asOf !== null && signs(span, verdict.asOf)) {
      return { ...verdict, followed_to: formatVkey(span.key) };
    }
  }
  return undefined;
}

/** @throws {Failure} `input_invalid`, if it is not what `GET /v1/log/keys` answers. */
function readLogKeys(file: string): FollowableSlice {
  const read = logKeysSchema.safeParse(parseStrictJson(readReceipt(file)));
  if (read.success) return read.data;
  throw new Failure('input_invalid', `${file}: want what the ledger answers to GET /v1/log/keys`);
}

/**
 * Of several receipts the worst decides: one that is not recorded, then one without its quorum, then one that is stale, then
 * one whose payload is erased, unless that is what it certifies.
 */
function exitOfAll(verdicts: readonly Verdict[]): number {
  const exits = verdicts.map(exitOf);
  const worst = [EXIT.findings, EXIT.quorumNotMet, EXIT.stale, EXIT.erased].find((exit) => exits.includes(exit));
  return worst ?? EXIT.holds;
}

function exitOf({ problem, recorded, witnessing, payload, erasure }: Verdict): number {
  if (problem !== null) return EXIT.findings;
  if (witnessing?.quorum === 'not met') return EXIT.quorumNotMet;
  if (recorded === 'stale') return EXIT.stale;
  return payload === 'erased' && erasure === null ? EXIT.erased : EXIT.holds;
}

/**
 * The logs that are believed: of `--vkey`; else those that the policy names; else those in keys/. A key that the policy does
 * not name is not believed by it.
 *
 * @throws {Failure} `key_invalid`, `policy_invalid`
 */
function readLogs(vkey: string | undefined, terms: WitnessTerms | undefined): readonly VerifierKey[] {
  const named = vkey === undefined ? (terms?.policy.logs ?? []) : [];
  return named.length > 0 ? named.map(({ key }) => key) : trustedKeys(vkey);
}

/** The digest of the scan that is named, if one is. @throws {Usage} @throws {Failure} `input_invalid` */
function readScan(
  { scan, salt }: { readonly scan?: string; readonly salt?: string },
  receipts: number,
): string | undefined {
  if (scan === undefined && salt === undefined) return undefined;
  if (scan === undefined || salt === undefined || receipts > 1) {
    throw new Usage('verify: want --scan FILE with --salt TEXT, and one receipt');
  }
  return digestScan(
    readAs('input_invalid', '--salt: want 32 bytes in base64url', () => parseHashText(salt)),
    readFile(scan),
  );
}

/** The letter that a scan is of; null: of none that the receipt shows. */
function comparedWith({ papers }: Verdict, digest: string): { readonly scanned: RegisteredPaper | null } {
  return { scanned: papers.find(({ scan }) => scan.digest === digest) ?? null };
}

function printScanned(scanned: RegisteredPaper | null): void {
  if (scanned === null) terminal.line('  scan: NOT of a letter of this receipt, or another salt');
  else terminal.line(`  scan: brought in as letter ${scanned.letter}, seq ${scanned.seq}`);
}

function printStamp({ stamp, problem }: StampVerdict): void {
  if (stamp !== null) terminal.line(`  time: ${sayStamp(stamp)}`);
  else terminal.line(`  time: NOT shown by the time-stamp: ${problem.message} (${problem.code})`);
}

/** Verifies against the trusted key of the log that the receipt is of; the receipt only says which one to try. */
export async function verifyFile(
  file: string,
  trusted: readonly VerifierKey[],
  terms?: WitnessTerms,
): Promise<Verdict> {
  return verifyBytes(readReceipt(file), trusted, terms);
}

export async function verifyBytes(
  bytes: Uint8Array,
  trusted: readonly VerifierKey[],
  terms?: WitnessTerms,
): Promise<Verdict> {
  const verdicts = await Promise.all(
    trusted.map((vkey) => verifyReceipt(bytes, vkey, nativeEd25519, nativeP256, terms)),
  );
  return (verdicts.find((verdict) => verdict.problem === null) ??
    verdicts.find((_verdict, place) => claimsLog(bytes, trusted[place] as VerifierKey)) ??
    verdicts[0]) as Verdict;
}

export function claimsLog(bytes: Uint8Array, vkey: VerifierKey): boolean {
  return Buffer.from(bytes).includes(`"log":${JSON.stringify(vkey.name)}`);
}

export function readReceipt(file: string): Uint8Array {
  if (sizeOf(file) > RECEIPT_BYTES_MAX) throw new Failure('receipt_invalid', `${file} is too large for a receipt`);
  return readFile(file);
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function readFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): Failure {
  return new Failure('input_invalid', `${file} can't be read`, { cause });
}

export function printVerdict(
  output: Output,
  file: string,
  verdict: Verdict,
  { tainted = [] }: { readonly tainted?: readonly TaintedEntry[] } = {},
): void {
  const { recorded, witnessing, decision, payload, parts, erased, asOf, access, letter, erasure } = verdict;
  const { facts, signatures, problem } = verdict;
  const about = access ?? letter ?? erasure;
  if (problem !== null || about === null) {
    output.line(
      `${file}: ${recorded.toUpperCase()}: ${problem?.message ?? 'nothing is said'} (${problem?.code ?? ''})`,
    );
    output.line(`  ${recorded}: ${AXIS_TEXTS.recorded[recorded].means.en}`);
    return;
  }
  output.line(
    `${file}: RECORDED (${recorded}) in the tree of ${asOf} entries, as entry ${about.index}, check code ${about.check_code}`,
  );
  if (access !== null) printAccess(output, access);
  if (letter !== null) printLetter(output, letter);
  if (erasure !== null) printErasure(output, verdict, erasure);
  const engine = access === null ? '' : ` (engine ${access.engine})`;
  output.line(`  ${recorded}: ${AXIS_TEXTS.recorded[recorded].means.en}`);
  if (verdict.followed_to !== undefined)
    output.line(`  signed by the log key ${verdict.followed_to}, to which the trusted one leads`);
  if (witnessing !== null) printWitnessing(output, witnessing);
  output.line(`  decision ${decision}${engine}: ${AXIS_TEXTS.decision[decision].means.en}`);
  const by = erased === undefined ? '' : ` by entry ${erased.index}, at ${new Date(erased.time).toISOString()}`;
  output.line(`  payload ${payload}${by}: ${AXIS_TEXTS.payload[payload].means.en}`);
  if (parts.opened.length > 0) output.line(`  parts opened: ${parts.opened.join(', ')}`);
  if (parts.withheld.length > 0) output.line(`  parts withheld: ${parts.withheld.join(', ')}`);
  for (const { seq, type, by: how, kind, identified_by, signature } of signatures) {
    output.line(
      `  signature ${signature}: seq ${seq} ${type}, by ${how === 'session' ? 'a session of ' : ''}a key of kind ${kind}; the person identified by ${partyOr(identified_by)}`,
    );
  }
  for (const each of verdict.continued ?? []) {
    for (const { en } of sayContinued(each)) output.line(`  another name: ${en}`);
  }
  for (const fact of facts) output.line(`  attested by the ledger: ${fact.en}`);
  for (const { stream, seq, key, since } of tainted) {
    output.line(
      `  TAINTED ${stream} seq ${seq}: signed with the issuing key ${key}, declared compromised since ${new Date(since).toISOString()}; the tree has it all the same`,
    );
  }
  if (erasure !== null) output.line(`  what it does not prove: ${ERASURE_LIMITS.en}`);
}

function printAccess(output: Output, access: NonNullable<Verdict['access']>): void {
  const outcome = access.decision === 'allow' ? 'allow' : `deny ${access.codes.join(' ')}`;
  output.line(
    `  ${outcome}: ${access.action} for ${access.purpose}, at ${new Date(access.time).toISOString()}, by party ${access.principal}`,
  );
}

function printLetter(output: Output, letter: LetterSummary): void {
  const { evidence } = letter;
  output.line(
    `  letter ${letter.letter} ${letter.answer.replaceAll('_', ' ')}, at ${new Date(letter.time).toISOString()}, asked for by party ${letter.grantee}`,
  );
  output.line(
    `  evidence of grade ${evidence.grade} (${evidence.method}); the person identified by ${partyOr(evidence.identified_by)}`,
  );
  for (const { grant, action, purposes, items, given, declined_items } of letter.clauses) {
    const less = declined_items.length === 0 ? '' : `, without ${declined_items.join(', ')}`;
    output.line(
      `  ${given ? 'given' : 'not given'}: ${action} for ${purposes.join(', ')}: ${items.join(', ')}${less} (grant ${grant})`,
    );
  }
}

function printErasure(
  output: Output,
  { names }: Verdict,
  { stream, time, through, classes, kept }: ErasureSummary,
): void {
  output.line(`  erasure in ${stream}, up to its entry ${through}, at ${new Date(time).toISOString()}`);
  const until = (end: number | null, by: readonly string[]) =>
    `${end === null ? 'no end known' : `until ${new Date(end).toISOString()}`}${by.length === 0 ? '' : `, by ${by.map((id) => names[id]?.en ?? id).join('; ')}`}`;
  for (const { class: of, parts, kept_until, by } of classes) {
    const had = kept_until === null ? '' : ` (had to be kept ${until(kept_until, by)})`;
    output.line(`  erased: ${CLASS_TEXTS[of].en}: ${parts} parts${had}`);
  }
  for (const { class: of, kept_until, by } of kept) {
    output.line(`  still kept: ${CLASS_TEXTS[of].en}: ${until(kept_until, by)}`);
  }
}

function partyOr(party: string | null): string {
  return party === null ? 'nobody' : `party ${party}`;
}

/** What an audit says, and a round of watching: in plain words, as JSON, and by how the command ends. */
import { parseUtf8, toBase64, utf8 } from '#core/bytes.ts';
import { sayContinued } from '#core/consent/continued-text.ts';
import type { Witnessing } from '#core/consent/witnessing.ts';
import { formatVkey, type VerifierKey } from '#core/note/key.ts';
import type { ComparedReceipt, KeptReceipt } from '../node/compare-receipts.ts';
import type { JudgedStamps } from '../node/time-stamp/judge.ts';
import type { Round } from '../node/watch.ts';
import { EXIT, type Output } from './output.ts';
import { sayStamp } from './time-stamp.ts';

/** With `--json` all of them are listed. */
const TAINTED_LISTED_MAX = 20;

type Report = NonNullable<Round['report']>;

/** @param part whether more is signed than was shown. */
export function printReport(output: Output, report: Report, part = false): void {
  output.line(`${report.origin}: ${report.size} entries, root ${toBase64(report.root)}`);
  output.line(sayDepth(report));
  if (report.logKeys.length > 1) for (const line of logKeyLines(report)) output.line(line);
  for (const { code, index, message } of report.findings) {
    output.line(`FINDING ${code}${index === null ? '' : ` entry ${index}`}: ${message}`);
  }
  if (report.findingCount > report.findings.length)
    output.line(`… and ${report.findingCount - report.findings.length} more`);
  if (report.depth === 'whole') printReplayed(output, report);
  for (const each of report.continued ?? []) {
    for (const { en } of sayContinued(each)) output.line(`ANOTHER NAME: ${en}`);
  }
  output.line(sayWhether(report, part));
}

function sayDepth(report: Report): string {
  const { size, checkpoints } = report;
  if (report.depth === 'chains') {
    return `chains: bytes, links, tree and commitments of ${size} entries, ${checkpoints} checkpoints; no decision, state or signature of an entry`;
  }
  return (
    `replayed: ${report.decisions} access decisions decided again, ${report.signatures} entry signatures, ${report.requests} signed requests, ` +
    `${checkpoints} checkpoints, ${report.partsOpened} payload parts opened, ${report.attested} entries attested only`
  );
}

function sayWhether({ depth, holds, findingCount }: Report, part: boolean): string {
  if (!holds) return `The ledger does NOT hold: ${findingCount} findings.`;
  if (part) return depth === 'whole' ? 'What is shown of it holds.' : 'The chains of what is shown of it hold.';
  return depth === 'whole'
    ? 'The ledger holds.'
    : 'Its chains hold. Whether it was right, a whole audit says: leave --chains out.';
}

/** What only a replay shows. */
function printReplayed(output: Output, report: Extract<Report, { depth: 'whole' }>): void {
  for (const { index, party, key } of report.tainted.slice(0, TAINTED_LISTED_MAX)) {
    output.line(`TAINTED entry ${index}: signed with key ${key} of party ${party}, since declared compromised`);
  }
  if (report.tainted.length > TAINTED_LISTED_MAX) {
    output.line(`… and ${report.tainted.length - TAINTED_LISTED_MAX} more that are tainted`);
  }
  for (const { key, since, from, to, permits } of report.taintedRuns) {
    output.line(
      `TAINTED entries ${from} to ${to - 1}, ${permits} with a permit: signed with the issuing key ${key}, declared compromised since ${new Date(since).toISOString()}`,
    );
  }
  for (const { code, index, party, message } of report.conduct) {
    output.line(`CONDUCT ${code}${index === null ? '' : ` entry ${index}`}: party ${party}: ${message}`);
  }
}

/** Where the log key was exchanged: which one signs trees of which sizes, and so which key the trusted one leads to. */
function logKeyLines({ logKeys }: Report): readonly string[] {
  return logKeys.map(({ vkey, from, to }) => {
    if (from === null) return `log key ${vkey}: announced, signs no tree`;
    return `log key ${vkey}: signs trees of ${from} entries and more${to === null ? '' : `, up to ${to}`}`;
  });
}

/** A round, and the receipts that were compared in it; absent: none were. */
export type ComparedRound = Round & { readonly receipts?: readonly ComparedReceipt[] };

export function printRound(output: Output, round: ComparedRound): void {
  const { verdict, served, held, findings, report, witnessing, receipts, stamps, readable } = round;
  for (const { code, message } of findings) output.line(`FINDING ${code}: ${message}`);
  if (report === null) output.line('The ledger does NOT hold: what it shows contradicts what it signed before.');
  else printReport(output, report, readable !== undefined);
  if (report !== null && held !== undefined && held.checkpoint.size < report.size && report.holds)
    output.line(`It continues the tree of ${held.checkpoint.size} entries that was held before.`);
  if (witnessing !== null) printWitnessing(output, witnessing);
  if (verdict === 'unwitnessed') output.line('UNWITNESSED: the quorum of your policy has not cosigned what is served.');
  if (report !== null && verdict === 'stale')
    output.line(
      `STALE: its last entry is of ${new Date(report.time).toISOString()}${witnessing?.recorded === 'stale' ? ', and its quorum’s time is too far off' : ''}. Is an old copy served?`,
    );
  if (readable !== undefined) for (const line of partialLines(round, readable)) output.line(line);
  if (receipts !== undefined) printReceipts(output, receipts);
  if (stamps !== undefined) printStamps(output, stamps);
  if (served !== undefined && verdict === 'holds' && report?.depth === 'whole')
    output.line(
      'Recorded, as far as this log goes. What was done beside it, only a door’s own list shows (assent reconcile).',
    );
}

/** What is not seen, and until when. */
function partialLines({ served, held }: ComparedRound, readable: number): readonly string[] {
  const size = served?.checkpoint.size ?? readable;
  const goesOn = held === undefined ? '' : `, and goes on from the one of ${held.checkpoint.size} that was held before`;
  return [
    `PARTIAL: these ${readable} entries are the beginning of the tree of ${size} that is signed, by its hashes${goesOn}.`,
    `The ${size - readable} entries behind them are not shown to this key: entries were lost, and the keeper has not said yet that your party goes on (key_waiting). Ask it to: assent party continue.`,
  ];
}

function printReceipts(output: Output, receipts: readonly ComparedReceipt[]): void {
  const bad = receipts.filter(({ verdict }) => verdict !== 'holds');
  for (const { file, verdict, message } of bad) {
    const said = { diverged: 'FORK', otherwise: 'OTHERWISE', invalid: 'INVALID', unproven: 'UNPROVEN', holds: '' }[
      verdict
    ];
    output.line(`RECEIPT ${said} ${file}: ${message ?? ''}`);
  }
  output.line(`receipts: ${receipts.length - bad.length} of ${receipts.length} are of this history, and hold in it.`);
}

/** What was found of time-stamps; `newest` is null where nobody is pinned by whom they may be. */
export function printStamps(output: Output, { held, newest, findings }: JudgedStamps): void {
  for (const { size, message, fork } of findings) {
    output.line(`TIME-STAMP ${fork === null ? 'INVALID' : 'FORK'} of ${size} entries: ${message}`);
  }
  const all = held + findings.length;
  output.line(`time-stamps: ${all === 0 ? 'there are none' : `${held} of ${all} are of this history, and hold`}.`);
  if (newest !== null) output.line(`  the tree of ${newest.size} entries ${sayStamp(newest)}`);
}

export function jsonOfStamps(stamps: JudgedStamps | undefined): object {
  return stamps === undefined ? {} : { time_stamps: stamps };
}

/** Who cosigned, of the policy's witnesses, each by its own clock. */
export function printWitnessing(output: Output, { quorum, since, cosigned }: Witnessing): void {
  const asOf = since === null ? '' : `, as of ${new Date(since).toISOString()}`;
  const who = cosigned.length === 0 ? 'none of its witnesses' : `${cosigned.length} of its witnesses:`;
  output.line(`  the policy’s quorum: ${quorum}${asOf}; cosigned by ${who}`);
  for (const { name, organisation, time } of cosigned) {
    output.line(`    ${name} of ${organisation}, at ${new Date(time).toISOString()}`);
  }
}

export function jsonOf({
  verdict,
  served,
  held,
  findings,
  report,
  witnessing,
  receipts,
  stamps,
  readable,
}: ComparedRound): object {
  return {
    verdict,
    ...(readable === undefined ? {} : { readable }),
    witnessing,
    checkpoint: served?.note ?? null,
    held: held?.note ?? null,
    findings: [...findings, ...(report?.findings ?? [])],
    report: report === null ? null : { ...report, root: toBase64(report.root) },
    ...(receipts === undefined ? {} : { receipts }),
    ...jsonOfStamps(stamps),
  };
}

export function exitOf({ verdict }: Pick<Round, 'verdict'>): number {
  const exits = {
    holds: EXIT.holds,
    findings: EXIT.findings,
    stale: EXIT.stale,
    unwitnessed: EXIT.quorumNotMet,
    partial: EXIT.couldNotRun,
  };
  return exits[verdict];
}

/** What convinces others: notes that the log's key signed, also in receipts of another history, and what was found. */
export function evidenceOf(vkey: VerifierKey, round: ComparedRound, kept: readonly KeptReceipt[] = []): Uint8Array {
  const diverged = (round.receipts ?? []).filter(({ verdict }) => verdict === 'diverged').map(({ file }) => file);
  const files = kept.filter(({ file }) => diverged.includes(file)).map(({ bytes }) => parseUtf8(bytes));
  const shown = files.length === 0 ? {} : { contradicting_receipts: files };
  const forks = (round.stamps?.findings ?? []).flatMap(({ fork }) => fork ?? []);
  const stamped = forks.length === 0 ? {} : { contradicting_time_stamps: forks };
  return utf8(`${JSON.stringify({ vkey: formatVkey(vkey), ...jsonOf(round), ...shown, ...stamped }, null, 2)}\n`);
}

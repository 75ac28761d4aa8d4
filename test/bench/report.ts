/** The bench's results as one table. */
import type { Audited } from './audit.ts';
import type { ChainsRated } from './chains.ts';
import type { Rated, Results } from './results.ts';

export function printTable({
  machine,
  connections,
  pairs,
  law,
  batches,
  gateway,
  grants,
  proofs,
  audit,
}: Results): void {
  const { cores, cpu, node, postgres, fsync } = machine;
  const ratios = pairs.map(({ ratio }) => ratio);
  const rows: [string, string, string][] = [
    [`plain service, ${connections} connections`, ...rated(pairs.map(({ plain }) => plain))],
    ['decisions (signed requests, sequenced), same load', ...rated(pairs.map(({ ledger }) => ledger))],
    [
      'ratio, ledger to plain service',
      `${median(ratios).toFixed(2)} ×`,
      `min ${Math.min(...ratios).toFixed(2)}, max ${Math.max(...ratios).toFixed(2)} of ${ratios.length} pairs`,
    ],
    ['decisions, just before packs are published', ...rated(law.without)],
    ['decisions by the shipped law', ...rated(law.by)],
    ['ratio, by law to without', `${lawRatio(law).toFixed(2)} ×`, ''],
    [
      'decisions in batch requests',
      perSecond(batches.perSecond),
      `${(batches.perSecond / median(pairs.map(({ plain }) => plain.perSecond))).toFixed(2)} × the plain service`,
    ],
    ...gatewayRows(gateway),
    ['grants (letters of two: draft, sign)', perSecond(grants.perSecond), `${grants.letters} letters`],
    ...proofs.map((proof): [string, string, string] => [
      `inclusion proofs at size ${count(proof.size)}`,
      perSecond(proof.perSecond),
      latency(proof.p50, proof.p99),
    ]),
    ['chains alone (bytes, chains, tree): one thread, by its CPU', ...chained(audit.chains, ({ seconds }) => seconds)],
    ['chains alone: two threads, by the clock', ...chained(audit.chains, ({ besideSeconds }) => besideSeconds)],
    ['audit: bytes, chain, tree, decisions', ...audited(audit.plain)],
    ['audit: with every entry and request signature', ...audited(audit.signed)],
  ];
  const [first, second] = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  console.log(`${cores} cores of ${cpu}, shared by all · Node ${node} · ${postgres}, ${fsync}\n`);
  for (const [what, rate, more] of rows) {
    console.log(`${what.padEnd(first as number)}  ${rate.padStart(second as number)}  ${more}`);
  }
}

function lawRatio({ without, by }: Results['law']): number {
  const of = (rounds: readonly Rated[]) => median(rounds.map((round) => round.perSecond));
  return of(by) / of(without);
}

function gatewayRows({ proxy, offline, online, write }: Results['gateway']): [string, string, string][] {
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  return [
    ['bare reverse proxy, p50 of one request', ms(proxy), ''],
    ['gateway, permit taken without asking, p50', ms(offline), `${(offline / proxy).toFixed(2)} × the bare proxy`],
    [
      'gateway, permit redeemed online, p50',
      ms(online),
      `${((online - proxy) / write).toFixed(2)} × one ledger write (${ms(write)}) beyond the proxy`,
    ],
  ];
}

function rated(rounds: readonly Rated[]): [string, string] {
  const of = (value: (round: Rated) => number) => median(rounds.map(value));
  const cpu = `${of(({ cpuMicros }) => cpuMicros).toFixed(0)} µs CPU each in its process`;
  return [
    perSecond(of((round) => round.perSecond)),
    `${latency(
      of(({ p50 }) => p50),
      of(({ p99 }) => p99),
    )}, ${cpu}`,
  ];
}

function audited(audits: readonly Audited[]): [string, string] {
  const [first] = audits as [Audited];
  const rate = median(audits.map(({ entries, seconds }) => entries / seconds));
  return [perSecond(rate), `${count(first.entries)} entries, ${count(first.decisions)} decisions`];
}

function chained(rounds: readonly ChainsRated[], secondsOf: (round: ChainsRated) => number): [string, string] {
  const ratio = median(rounds.map((round) => secondsOf(round) / round.hashSeconds));
  const rate = median(rounds.map((round) => round.entries / secondsOf(round)));
  return [perSecond(rate), `${ratio.toFixed(1)} × the bare SHA-256 of the same bytes; reading not counted`];
}

function latency(p50: number, p99: number): string {
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}

function perSecond(rate: number): string {
  return `${count(Math.round(rate))}/s`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle - 0.5)] as number) + (sorted[Math.floor(middle)] as number)) / 2;
}

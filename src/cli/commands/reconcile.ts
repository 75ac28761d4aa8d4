/** `assent reconcile FILE.csv`: a door's own query list against the ledger, replayed on the way; both ways round. */
import { basename } from 'node:path';
import { type PartyId, parseId } from '#core/ids.ts';
import { openReconciling, type Reconciled } from '../../node/reconcile.ts';
import { folderResources, httpResources } from '../../node/resources.ts';
import { readArgs } from '../args.ts';
import { AUDITOR_OPTIONS, auditorOf, urlOf } from '../auditor.ts';
import { EXIT, type Output, terminal, Usage } from '../output.ts';
import { type ReadList, readQueryList } from '../reconcile-list.ts';
import { exitOf, jsonOf, printRound } from '../round.ts';
import { readTime } from '../time.ts';
import { readVkey } from '../trust.ts';

const OPTIONS = {
  ...AUDITOR_OPTIONS,
  json: { type: 'boolean' },
  vkey: { type: 'string' },
  door: { type: 'string' },
  mirror: { type: 'string' },
  url: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  apart: { type: 'string' },
  clock: { type: 'string' },
  'skip-signatures': { type: 'boolean' },
} as const;
type Values = ReturnType<typeof readArgs<typeof OPTIONS>>['values'];

const APART_S = 300;
/** As far as the ledger's own clocks may be apart. */
const CLOCK_S = 5;

export async function reconcileCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new Usage('reconcile: want one FILE, CSV');
  if (values.door === undefined || values.vkey === undefined) throw new Usage('reconcile: want --door ID and --vkey');
  const list = readQueryList(file);
  const span = spanOf(values, list);
  const { round, reconciled } = await openReconciling(
    {
      vkey: readVkey(values.vkey),
      resources: await resourcesOf(values),
      entrySignatures: values['skip-signatures'] !== true,
      onProgress: (done, size) => terminal.progress(`${done} of ${size} entries`),
    },
    {
      door: parseId<PartyId>(values.door),
      queries: list.queries,
      apartMax: secondsOf('apart', values.apart, APART_S) * 1_000,
      clockMax: secondsOf('clock', values.clock, CLOCK_S) * 1_000,
      ...span,
    },
  );
  terminal.progress('');
  // A ledger that does not hold is nothing to compare a list with.
  if (reconciled === undefined) {
    if (values.json) terminal.json(jsonOf(round));
    else printRound(terminal, round);
    return exitOf(round);
  }
  const said = { file: basename(file), sha256: list.digest, ...span, size: round.report?.size ?? 0, ...reconciled };
  if (values.json) terminal.json({ ...said, reconciled: reconciled.differences.length === 0 });
  else printReconciled(terminal, said);
  return reconciled.differences.length === 0 ? EXIT.holds : EXIT.findings;
}

async function resourcesOf(values: Values) {
  const { mirror, url } = values;
  if ((mirror === undefined) === (url === undefined)) throw new Usage('reconcile: want --mirror DIR, or --url URL');
  if (mirror !== undefined) return folderResources(mirror);
  const asked = urlOf('reconcile', url === undefined ? [] : [url]);
  return httpResources({ url: asked, ...(await auditorOf('reconcile', values)) });
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * From inclusive, to exclusive. A list that is given no span covers what it has, and no more; so an empty one needs both
 * ends: of no time at all nothing is said, least of all that it is complete.
 */
function spanOf({ from, to }: Values, { queries }: ReadList): Span {
  if (queries.length === 0 && (from === undefined || to === undefined))
    throw new Usage('reconcile: the list is empty: want --from and --to, the time that it answers for');
  const times = queries.map(({ time }) => time);
  const span = {
    from:
      from === undefined
        ? times.reduce((a, b) => Math.min(a, b), Number.MAX_SAFE_INTEGER)
        : readTime('reconcile', 'from', from),
    to: to === undefined ? times.reduce((a, b) => Math.max(a, b), -1) + 1 : readTime('reconcile', 'to', to),
  };
  if (span.from >= span.to) throw new Usage('reconcile: want --from and --to so that some time lies between them');
  return span;
}

function secondsOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[0-9]{1,6}$/.test(text)) throw new Usage(`reconcile: want --${name} SECONDS, a whole number`);
  return Number(text);
}

const WORDS = {
  list_only: 'IN LIST ONLY',
  ledger_only: 'IN LEDGER ONLY',
  time: 'OTHER TIME',
  reason: 'OTHER REASON',
  signed_late: 'SIGNED LATE',
} as const;

type Said = Reconciled & Span & { readonly file: string; readonly sha256: string; readonly size: number };

function printReconciled(output: Output, { file, sha256, size, from, to, matched, differences }: Said): void {
  for (const each of differences) {
    const line = 'line' in each ? ` line ${each.line}` : '';
    const entry = 'index' in each ? ` entry ${each.index}` : '';
    output.line(`${WORDS[each.kind]}${line}${entry}${each.access === null ? '' : `: access ${each.access}`}`);
  }
  const span = `from ${new Date(from).toISOString()} until ${new Date(to).toISOString()}`;
  output.line(`${matched} matched, ${differences.length} differences; ledger of ${size} entries, list ${span}`);
  output.line(
    differences.length === 0
      ? `Complete as far as reconciled with ${file} (SHA-256 ${sha256}), and no further.`
      : `NOT reconciled with ${file} (SHA-256 ${sha256}).`,
  );
}

/** `assent batch`: a list of accesses out of a file, decided as a job, and a file of what became of each row. */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { partySignatory, Refused } from '#client/index.ts';
import { type JobId, type PartyId, parseId } from '#core/ids.ts';
import { readConfig } from '../../node/config.ts';
import { readKey } from '../../node/key-file.ts';
import { readArgs } from '../args.ts';
import { formatCsv } from '../batch/csv.ts';
import { isJson, readList } from '../batch/list.ts';
import { cutList } from '../batch/parts.ts';
import { awaitDecided, openJob, type RowOutcome, readOutcomes, sendMissing } from '../batch/run.ts';
import { clientOf } from '../http.ts';
import { EXIT, terminal, Usage } from '../output.ts';

const OPTIONS = {
  party: { type: 'string' },
  key: { type: 'string' },
  url: { type: 'string' },
  out: { type: 'string' },
  job: { type: 'string' },
} as const;

export async function batchCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [file, ...more] = positionals;
  const { party, key, out } = values;
  if (file === undefined || more.length > 0) throw new Usage('batch: want one FILE, CSV or JSON lines');
  if (party === undefined || key === undefined) throw new Usage('batch: want --party ID and --key FILE');
  const principal = parseId<PartyId>(party);
  const continued = values.job === undefined ? {} : { job: parseId<JobId>(values.job) };
  const url = values.url ?? `http://127.0.0.1:${readConfig(process.env).port}`;
  const client = clientOf(url, [partySignatory(principal, await readKey(key))]);
  const { parts, lines } = cutList(principal, readList(file));
  try {
    const job = await openJob(client, { principal, parts, ...continued });
    terminal.note(
      `job ${job}: ${lines.length} rows in ${parts.length} parts; if this is interrupted, add --job ${job}`,
    );
    await sendMissing(client, job, parts, terminal);
    await awaitDecided(client, job, { said: terminal, rows: lines.length, sleep: (ms) => sleep(ms) });
    return await writeResults(lines, readOutcomes(client, job, parts), out);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    terminal.note(`\nassent: ${thrown.code}: ${thrown.message}. ${thrown.next ?? ''}`);
    return EXIT.couldNotRun;
  }
}

/** To a file of this name once it is whole, or to stdout. */
async function writeResults(
  lines: readonly number[],
  outcomes: AsyncIterable<RowOutcome>,
  out: string | undefined,
): Promise<number> {
  const counts = { allow: 0, deny: 0, undecided: 0 };
  const file = out === undefined ? undefined : openSync(`${out}.part`, 'w');
  const write = (text: string) => (file === undefined ? process.stdout.write(text) : writeSync(file, text));
  const format = out !== undefined && isJson(out) ? formatJsonRow : formatCsvRow;
  if (format === formatCsvRow) write(formatCsv(['line', 'access', 'decision', 'codes']));
  for await (const outcome of outcomes) {
    counts[outcome.decision]++;
    write(format(lines[outcome.at] as number, outcome));
  }
  if (file !== undefined && out !== undefined) {
    closeSync(file);
    renameSync(`${out}.part`, out);
  }
  terminal.note(`\nallowed ${counts.allow}, denied ${counts.deny}, undecided ${counts.undecided}`);
  return counts.undecided === 0 ? EXIT.holds : EXIT.findings;
}

function formatCsvRow(line: number, { access, decision, codes }: RowOutcome): string {
  return formatCsv([String(line), access, decision, codes.join(';')]);
}

function formatJsonRow(line: number, { access, decision, codes }: RowOutcome): string {
  return `${JSON.stringify({ line, access, decision, codes })}\n`;
}

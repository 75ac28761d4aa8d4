/** `assent audit`: replays the ledger from entry 0, and says what is not as it must be. */
import { readFileSync } from 'node:fs';
import { toBase64 } from '#core/bytes.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { type AccessId, type PartyId, parseId } from '#core/ids.ts';
import { formatVkey } from '#core/note/key.ts';
import { type Config, readConfig } from '../../node/config.ts';
import type { AuditAsked } from '../../node/local-door.ts';
import { judgeMirrorStamps, openMirror } from '../../node/mirror.ts';
import type { WatchOptions } from '../../node/watch.ts';
import { auditNode, findServer } from '../../node.ts';
import { readArgs } from '../args.ts';
import { depthOf } from '../depth.ts';
import { EXIT, terminal, Usage } from '../output.ts';
import { exitOf, jsonOf, jsonOfStamps, printReport, printRound, printStamps } from '../round.ts';
import { readCertificates, readCertificatesText } from '../time-stamp.ts';
import { readVkey } from '../trust.ts';

const OPTIONS = {
  json: { type: 'boolean' },
  vkey: { type: 'string' },
  'skip-signatures': { type: 'boolean' },
  list: { type: 'string', multiple: true },
  mirror: { type: 'string' },
  tsa: { type: 'string' },
  chains: { type: 'boolean' },
} as const;

export async function auditCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, OPTIONS, 'none');
  const depth = depthOf('audit', values, ['list', 'skip-signatures']);
  const options = {
    depth,
    entrySignatures: values['skip-signatures'] !== true,
    lists: (values.list ?? []).map(readList),
    onProgress: (done: number, size: number) => terminal.progress(`${done} of ${size} entries`),
  };
  if (values.mirror !== undefined) return auditMirror(values.mirror, { ...options, ...values });
  const vkey = values.vkey === undefined ? undefined : formatVkey(readVkey(values.vkey));
  const tsa = values.tsa === undefined ? undefined : readCertificatesText(values.tsa);
  const { stamps, ...report } = await auditHere(readConfig(process.env), { ...options, vkey, tsa });
  terminal.progress('');
  if (values.json) terminal.json({ ...report, root: toBase64(report.root), ...jsonOfStamps(stamps) });
  else {
    printReport(terminal, report);
    if (stamps !== undefined) printStamps(terminal, stamps);
  }
  const isConductRight = report.depth === 'chains' || report.conduct.length === 0;
  const holds = report.holds && isConductRight && (stamps?.findings ?? []).length === 0;
  return holds ? EXIT.holds : EXIT.findings;
}

/** A mirror is audited like the ledger itself, but for what only the database has: payloads, and rows that are derived. */
async function auditMirror(folder: string, { vkey: given, json, tsa, ...options }: MirrorOptions): Promise<number> {
  if (given === undefined) throw new Usage('audit: want --vkey with --mirror: a copy is not believed in its own key');
  const vkey = readVkey(given);
  const certificates = tsa === undefined ? undefined : readCertificates(tsa);
  const watched = await (await openMirror(folder, { ...options, vkey })).round();
  const round = certificates === undefined ? watched : await judgeMirrorStamps(folder, watched, { vkey, certificates });
  terminal.progress('');
  if (json) terminal.json(jsonOf(round));
  else printRound(terminal, round);
  return exitOf(round);
}

interface MirrorOptions extends Pick<WatchOptions, 'depth' | 'entrySignatures' | 'lists' | 'onProgress'> {
  readonly vkey?: string;
  readonly json?: boolean;
  readonly tsa?: string;
}

/** In this process; where a server holds the embedded database, the very audit runs in that one. */
async function auditHere(config: Config, options: AuditAsked): ReturnType<typeof auditNode> {
  try {
    return await auditNode(config, options);
  } catch (failure) {
    const server = isFailure(failure, 'data_in_use') ? await findServer(config) : undefined;
    if (server === undefined) throw failure;
    terminal.note('a server holds the data folder: it audits, and answers others once that is done');
    return server.audit(options);
  }
}

/** `PARTY=FILE`: a door's own list, one JSON object a line: {"access": id or null, "items": [codes], "count": number}. */
function readList(given: string) {
  const at = given.indexOf('=');
  if (at < 0) throw new Usage('audit: want --list PARTY=FILE');
  const [door, file] = [parseId<PartyId>(given.slice(0, at)), given.slice(at + 1)];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure('input_invalid', `${file} can't be read: want a door's own list`, { cause });
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return { door, releases: lines.map((line, at) => readRelease(line, `${file}:${at + 1}`)) };
}

function readRelease(line: string, at: string) {
  try {
    const { access, items, count } = JSON.parse(line);
    const areItems = Array.isArray(items) && items.every((item) => typeof item === 'string');
    if (areItems && Number.isSafeInteger(count)) {
      return {
        access: access === null ? null : parseId<AccessId>(access),
        items: items as string[],
        count: count as number,
      };
    }
  } catch {
    // Said below, with the place.
  }
  throw new Failure('input_invalid', `${at}: want {"access": id or null, "items": [codes], "count": number}`);
}

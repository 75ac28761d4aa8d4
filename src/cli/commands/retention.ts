/** `assent retention`: what is due for erasure, what is kept until when, and by which article; with `--erase` it goes. */
import { type Client, partySignatory } from '#client/index.ts';
import { type PartyId, parseId } from '#core/ids.ts';
import { dayAt } from '#core/pack/reckon.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { readConfig } from '../../node/config.ts';
import { readKey } from '../../node/key-file.ts';
import { readArgs } from '../args.ts';
import { clientOf } from '../http.ts';
import { EXIT, type Output, terminal, Usage } from '../output.ts';
import { eraseDue } from '../retention-erase.ts';
import { KEEPER_OPTIONS, openKeeper, serverOf } from './keeper.ts';

const OPTIONS = {
  ...KEEPER_OPTIONS,
  json: { type: 'boolean' },
  due: { type: 'boolean' },
  erase: { type: 'boolean' },
  party: { type: 'string' },
  key: { type: 'string' },
} as const;
type Values = ReturnType<typeof readArgs<typeof OPTIONS>>['values'];
type Page = Awaited<ReturnType<Client['readRetention']>>;

export async function retentionCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, OPTIONS, 'none');
  if (values.erase && (values.party !== undefined || values.due)) {
    throw new Usage('retention: --erase is the keeper’s, and takes all that is due');
  }
  const client = await askerOf(values);
  const listed = await readAll(client, values.due === true);
  if (values.erase) return erase(client, listed, values.json === true);
  if (values.json) terminal.json(listed);
  else printRetention(terminal, listed);
  return EXIT.holds;
}

async function erase(client: Client, listed: Listed, asJson: boolean): Promise<number> {
  const erased: Parameters<Parameters<typeof eraseDue>[2]>[0][] = [];
  await eraseDue(client, listed, (each) => {
    erased.push(each);
    if (asJson) return;
    for (const { class: of, parts, by } of each.classes) {
      terminal.line(`${each.stream}  ${parts} parts of ${of} erased by entry ${each.entry.index}  (${by.join(', ')})`);
    }
  });
  if (asJson) terminal.json({ as_of: listed.as_of, erased });
  else terminal.line(`${erased.length} erasures, of what was due as of ${dayAt(listed.as_of)}.`);
  return EXIT.holds;
}

/** The keeper asks of everything; a party, with its key, of its own. */
async function askerOf(values: Values): Promise<Client> {
  const { party, key } = values;
  const config = readConfig(process.env);
  if ((party === undefined) !== (key === undefined))
    throw new Usage('retention: want --party ID and --key FILE, or neither');
  if (party === undefined || key === undefined) return (await openKeeper(config, values)).client;
  const { url, authority } = serverOf(config, values);
  return clientOf(url, [partySignatory(parseId<PartyId>(party), await readKey(key))], authority);
}

interface Listed extends Pick<Page, 'as_of' | 'rules'> {
  readonly items: Page['items'];
}

async function readAll(client: Client, due: boolean): Promise<Listed> {
  const items: Page['items'][number][] = [];
  for (let after: StreamId | null = null; ; ) {
    const page: Page = await client.readRetention({ after, due });
    items.push(...page.items);
    if (page.next === null) return { as_of: page.as_of, rules: page.rules, items };
    after = page.next;
  }
}

export function printRetention(output: Output, { as_of, rules, items }: Listed): void {
  for (const { id, what, keep, limit, from, law, evidence, profile } of rules) {
    const long = 'years' in keep ? `${keep.years} years from ${from}` : `until ${from}`;
    const cited = law.map(({ doc, art, title }) => `${title?.zh ?? doc} ${art}`).join('; ');
    const reading = profile === null ? '' : `, profile ${profile}`;
    output.line(
      `rule ${id}  ${what.zh} · ${what.en}: ${limit === 'at_least' ? 'at least' : 'at most'} ${long}  [${evidence}${reading}] ${cited}`,
    );
  }
  if (rules.length === 0) output.line('No pack in force says how long anything is kept: everything is.');
  for (const { stream, ended_at, disputed, classes } of items) {
    const standing = disputed
      ? 'an objection is open'
      : ended_at === null
        ? 'in use'
        : `only stored since ${dayAt(ended_at)}`;
    output.line(`${stream}  ${stream.startsWith('rel/') ? standing : 'refused'}`);
    for (const each of classes) output.line(`  ${lineOf(each)}`);
  }
  const due = items.flatMap(({ classes }) => classes).reduce((sum, each) => sum + each.due, 0);
  output.line(`${due} due for erasure as of ${dayAt(as_of)}. Nothing is erased by this.`);
}

function lineOf({ class: of, count, due, next_due, kept_until, by }: Page['items'][number]['classes'][number]): string {
  const until = kept_until === null ? 'no end known' : `kept through ${dayAt(kept_until - 1)}`;
  const next = next_due === null ? '' : `, next after ${dayAt(next_due - 1)}`;
  return `${due > 0 ? `DUE ${due} of ${count}` : count} ${of}: ${until}${next}  (${by.join(', ') || 'no rule'})`;
}

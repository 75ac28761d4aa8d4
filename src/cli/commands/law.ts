/** What the keeper does with the law of its ledger: `assent pack publish | list | withdraw`, `assent profile`, `assent engine`. */
import type { Client } from '#client/index.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { PackId } from '#core/pack/word.ts';
import { readConfig } from '../../node/config.ts';
import { readArgs } from '../args.ts';
import { clientOf } from '../http.ts';
import { EXIT, terminal, Usage } from '../output.ts';
import { foldersIn } from '../packs/lint.ts';
import { publishAll, readInOrder, SHIPPED } from '../packs/publish.ts';
import { KEEPER_OPTIONS, type KeeperValues, openKeeper, serverOf } from './keeper.ts';

const OPTIONS = { ...KEEPER_OPTIONS, json: { type: 'boolean' }, yes: { type: 'boolean' } } as const;

/** Publishes folders; none named: those that are shipped. */
export async function publish(given: readonly string[], values: KeeperValues): Promise<number> {
  const packs = readInOrder(given.length > 0 ? given : foldersIn(SHIPPED));
  return asKeeper(values, (client) =>
    publishAll(client, packs, (pack, how) => terminal.line(publishedText(pack, how))),
  );
}

export function publishedText({ id, version, profiles }: Pack, how: string): string {
  const off =
    profiles.length === 0 ? '' : `; profiles, off until counsel decides: ${profiles.map((p) => p.id).join(', ')}`;
  return `${id} ${version} ${how}${off}`;
}

/** Lists what a server has published. Anyone may. */
export async function list(given: readonly string[], values: KeeperValues, json: boolean): Promise<number> {
  if (given.length > 0) throw new Usage('pack list: want options only');
  const { url, authority } = serverOf(readConfig(process.env), values);
  const listed = await clientOf(url, [], authority).listPacks();
  if (json) terminal.json(listed);
  else printList(listed);
  return EXIT.holds;
}

function printList({ engine, packs, profiles }: Awaited<ReturnType<Client['listPacks']>>): void {
  terminal.line(`engine ${engine}`);
  for (const { pack, title, versions, classes } of packs) {
    terminal.line(`${pack}  ${title.zh} · ${title.en}`);
    for (const { version, from, to, digest, in_force, withdrawn_at } of versions) {
      const standing = withdrawn_at !== null ? 'withdrawn' : in_force ? 'in force' : 'not in force';
      terminal.line(`  ${version}  ${from} – ${to ?? ''}  ${standing}  SHA-256 ${digest}`);
    }
    for (const { class: id, name, parent, items } of classes) {
      terminal.line(`${parent === null ? '    ' : '      '}${id}  ${name.zh} · ${name.en}  ${itemsText(items.length)}`);
    }
  }
  for (const { profile, title, on } of profiles) terminal.line(`profile ${profile}: ${on ? 'ON' : 'off'}  ${title.zh}`);
}

export function itemsText(count: number): string {
  return count === 1 ? '1 item' : `${count} items`;
}

export async function withdraw([pack, ...more]: readonly string[], values: KeeperValues): Promise<number> {
  if (pack === undefined || more.length > 0) throw new Usage('pack withdraw: want the id of one pack');
  return asKeeper(values, async (client) => terminal.json(await client.withdrawPack(pack as PackId)));
}

/** `assent profile ID on|off`: on only after its warning was read, which `--yes` says. */
export async function profileCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [profile, how, ...more] = positionals;
  if (profile === undefined || (how !== 'on' && how !== 'off') || more.length > 0) {
    throw new Usage('profile: want ID on, or ID off');
  }
  return asKeeper(values, async (client) => {
    const known = (await client.listPacks()).profiles.find((each) => each.profile === profile);
    if (known !== undefined && how === 'on') {
      terminal.note(`${known.title.zh} · ${known.title.en}`);
      terminal.note(`⚠ ${known.warning.zh}`);
      terminal.note(`⚠ ${known.warning.en}`);
      if (values.yes !== true) throw new Usage('profile: counsel must have decided on this; then say so with --yes');
    }
    terminal.json(await client.switchProfile(profile, how === 'on'));
  });
}

/** `assent engine raise N`. */
export async function engineCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [action, number, ...more] = positionals;
  const engine = Number(number);
  if (action !== 'raise' || !Number.isInteger(engine) || more.length > 0) throw new Usage('engine: want raise N');
  return asKeeper(values, async (client) => terminal.json(await client.raiseEngine(engine)));
}

async function asKeeper(values: KeeperValues, act: (client: Client) => Promise<void>): Promise<number> {
  const { client } = await openKeeper(readConfig(process.env), values);
  await act(client);
  return EXIT.holds;
}

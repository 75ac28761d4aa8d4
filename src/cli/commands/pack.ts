/** `assent pack …`: what can be done with folders of packs, before anything is published; publishing is in law.ts. */
import { diffPacks, OLD_GRANTS, type PackDiff } from '#core/pack/diff.ts';
import type { Pack } from '#core/pack/pack.ts';
import { readArgs } from '../args.ts';
import { EXIT, terminal, Usage } from '../output.ts';
import { shown } from '../packs/folder.ts';
import { foldersIn, type LintedPack, lintFolders } from '../packs/lint.ts';
import { problemText } from '../packs/place.ts';
import { readWhole, SHIPPED } from '../packs/publish.ts';
import { KEEPER_OPTIONS, type KeeperValues } from './keeper.ts';
import { itemsText, list, publish, withdraw } from './law.ts';

const OPTIONS = { ...KEEPER_OPTIONS, json: { type: 'boolean' } } as const;

/** The packs of this project. */
const PACKS = SHIPPED;

type Act = (given: readonly string[], values: KeeperValues & { readonly json: boolean }) => number | Promise<number>;

const ACTIONS: Readonly<Record<string, Act>> = {
  lint: (folders, { json }) => lint(folders, json),
  diff: (folders, { json }) => diff(folders, json),
  publish,
  list: (given, values) => list(given, values, values.json),
  withdraw,
};

export async function packCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [name = '', ...folders] = positionals;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) throw new Usage(`pack: want one of ${Object.keys(ACTIONS).join(', ')}`);
  return action(folders, { ...values, json: values.json === true });
}

function lint(given: readonly string[], json: boolean): number {
  const ours = foldersIn(PACKS);
  const packs = lintFolders(given.length > 0 ? given : ours, ours);
  const clean = packs.every(({ problems }) => problems.every(({ severity }) => severity === 'warning'));
  if (json) terminal.json({ clean, packs });
  else for (const pack of packs) printLinted(pack);
  return clean ? EXIT.holds : EXIT.findings;
}

function printLinted({ folder, id, version, digest, bytes, classes, classed, problems }: LintedPack): void {
  for (const problem of problems) terminal.line(problemText(problem));
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const what = id === null ? shown(folder) : `${id} ${version}`;
  const tree = classes ? `${classes === 1 ? '1 class' : `${classes} classes`} with ${itemsText(classed ?? 0)}, ` : '';
  if (errors > 0) terminal.line(`${what}: ${errors} ${errors === 1 ? 'error' : 'errors'}; nothing can be published`);
  else terminal.line(`${what}: clean, ${tree}${bytes} bytes, SHA-256 ${digest}`);
}

function diff(given: readonly string[], json: boolean): number {
  const [older, newer, ...more] = given;
  if (older === undefined || newer === undefined || more.length > 0) throw new Usage('pack diff: want two folders');
  const [before, after] = [readWhole(older), readWhole(newer)];
  const difference = diffPacks(before, after);
  if (json) terminal.json(difference);
  else printDiff(before, after, difference);
  return EXIT.holds;
}

function printDiff(before: Pack, after: Pack, { fields, sections, classes, widened }: PackDiff): void {
  terminal.line(`${before.id} ${before.version} → ${after.id} ${after.version}`);
  for (const field of fields) {
    terminal.line(`${field}: ${JSON.stringify(before[field])} → ${JSON.stringify(after[field])}`);
  }
  for (const { section, added, removed, changed } of sections) {
    for (const id of added) terminal.line(`${section}: + ${id}`);
    for (const id of removed) terminal.line(`${section}: - ${id}`);
    for (const id of changed) terminal.line(`${section}: ~ ${id}`);
  }
  for (const { class: of, added, removed } of classes) {
    for (const id of added) terminal.line(`class ${of}: + ${id}`);
    for (const id of removed) terminal.line(`class ${of}: - ${id}`);
  }
  const wider = Object.entries(widened).filter(([, ids]) => ids.length > 0);
  if (fields.length === 0 && sections.length === 0) terminal.line('the same');
  for (const [what, ids] of wider) terminal.line(`wider in ${what}: ${ids.join(', ')}`);
  if (wider.length > 0) terminal.line(OLD_GRANTS);
}

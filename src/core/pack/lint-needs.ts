/** What a pack needs is there, is new enough, and does not lead back to it. */
import { type Lint, newestOf } from './lint-case.ts';
import type { Pack, PackVersions } from './pack.ts';
import { type PackProblem, wrong } from './problem.ts';

export const lintNeeds: Lint = ({ pack, others }) =>
  pack.needs.flatMap((need, at): readonly PackProblem[] => {
    const path = `needs[${at}].pack`;
    const round = wayBack(pack, need.pack, others);
    if (round !== undefined) return [wrong(path, 'cycle', `packs need each other in a circle: ${round.join(' → ')}`)];
    const newest = newestOf(others, need.pack);
    if (newest === undefined) return [wrong(path, 'needs_unknown', `no such pack ${need.pack}`)];
    if (newest.version >= need.version) return [];
    const message = `pack ${need.pack} is there in version ${newest.version}, want ${need.version} or later`;
    return [wrong(`needs[${at}].version`, 'needs_unknown', message)];
  });

/** The way from a pack through what it needs back to itself, if there is one. */
function wayBack(pack: Pack, first: Pack['id'], others: PackVersions): readonly Pack['id'][] | undefined {
  const seen = new Set<Pack['id']>();
  const ways: (readonly Pack['id'][])[] = [[pack.id, first]];
  for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
    const last = way.at(-1) as Pack['id'];
    if (last === pack.id) return way;
    if (seen.has(last)) continue;
    seen.add(last);
    for (const need of newestOf(others, last)?.needs ?? []) ways.push([...way, need.pack]);
  }
  return undefined;
}

/** What is wrong with removing a pack: every pack in force that needs it. */
export function lintRemoval(removed: Pack['id'], packs: PackVersions): readonly PackProblem[] {
  return [...packs.keys()].flatMap((id) => {
    const newest = newestOf(packs, id);
    if (id === removed || newest?.needs.every((need) => need.pack !== removed)) return [];
    return [wrong('', 'pack_needed', `pack ${removed} can't be removed: pack ${id} needs it`)];
  });
}

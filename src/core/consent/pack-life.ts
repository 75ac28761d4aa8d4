/**
 * Packs in force. They are published into the log's own stream, by two of the keeper: every decision reads that stream,
 * and so pins them. An entry holds the digest of a version's bytes; the bytes themselves are stored, served and audited
 * by that name, and never change.
 *
 * @module
 */
import { Failure, readAs } from '../failure.ts';
import { lawKindsOf, lintLetter } from '../letter-template/lint.ts';
import { parseTemplate } from '../letter-template/template.ts';
import { type Day, day } from '../pack/day.ts';
import { lintPack } from '../pack/lint.ts';
import { type Pack, type PackVersions, VERSION_MAX } from '../pack/pack.ts';
import { name, type PackId, packId } from '../pack/word.ts';
import { flag, hash, integer, nullable, record, type ShapeOf } from '../shape.ts';
import { CALL, opened } from './call.ts';
import { ENGINE } from './engine.ts';
import { type LogState, logIn, PACK_VERSIONS_MAX, PACKS_MAX, type PackVersion, requireEngineWithPacks } from './log.ts';
import { requireKeeper } from './party.ts';
import type { Occasion, Rule, View } from './rule.ts';

const publishedInput = record({
  pack: packId,
  version: integer(1, VERSION_MAX),
  /** SHA-256 of the pack's canonical bytes. */
  digest: hash,
  from: day,
  to: nullable(day),
  ...CALL,
});
export type PackPublished = ShapeOf<typeof publishedInput>;

const withdrawnInput = record({ pack: packId, ...CALL });
const profileInput = record({ profile: name, on: flag, ...CALL });
const engineInput = record({ engine: integer(1, 1_000_000), ...CALL });

/** What two of the keeper sign, about the ledger as a whole. */
const OF_THE_KEEPER = {
  auth: ['http-sig'],
  outcome: [],
  parts: {},
  needs: () => [],
  reads: () => [],
} as const;

export const packPublished: Rule<PackPublished, LogState> = {
  ...OF_THE_KEEPER,
  input: publishedInput,
  decide(input, { view }) {
    requireKeeper(view, input);
    const log = requireEngineWithPacks(view, 'packs');
    const pack = requirePack(view, input.digest);
    if (pack.id !== input.pack || pack.version !== input.version || pack.from !== input.from || pack.to !== input.to) {
      throw new Failure('pack_invalid', 'the pack’s bytes are of another pack, version or span than is said');
    }
    const { [input.pack]: own = [], ...others } = log.packs ?? {};
    if (own.length >= PACK_VERSIONS_MAX || Object.keys(others).length >= PACKS_MAX) {
      throw new Failure('limit_reached', `a ledger has ${PACKS_MAX} packs of ${PACK_VERSIONS_MAX} versions at most`);
    }
    const published = publishedPacks(view, log);
    const problem = lintPack(pack, published).find(({ severity }) => severity === 'error');
    if (problem !== undefined) throw new Failure('pack_invalid', `${problem.path}: ${problem.message}`);
    refuseTemplates(pack, published);
    return {};
  },
  evolve(state, { body }) {
    const log = opened(state);
    const { pack, version, digest, from, to } = body;
    const published = { version, digest, from, to, withdrawn_at: null };
    // In the order of their numbers, in which they take over from each other, and not that of their publication.
    const versions = [...(log.packs?.[pack] ?? []), published].sort((a, b) => a.version - b.version);
    return { ...log, packs: { ...log.packs, [pack]: versions } };
  },
};

/** A template with an error is not published (domain/law.md 2.10). */
function refuseTemplates(pack: Pack, published: PackVersions): void {
  const kindsOf = kindsIn([...[...published.values()].flat(), pack]);
  for (const [at, json] of pack.templates.entries()) {
    const template = readAs('pack_invalid', `templates[${at}] is no template`, () => parseTemplate(json));
    const error = lintLetter({ text: null, template }, kindsOf).find(({ severity }) => severity === 'error');
    if (error === undefined) continue;
    const where = error.at.kind === 'template' ? error.at.path : error.sentence;
    throw new Failure('pack_invalid', `templates[${at}] ${where}: ${error.rule}, ${error.why.en}`);
  }
}

/** The kinds of an item, as packs have them; what none of them has, the law itself may name. */
export function kindsIn(packs: readonly Pack[]): (item: string) => readonly string[] {
  const kinds = new Map<string, readonly string[]>(
    packs.flatMap(({ items }) => items.map(({ id, kinds: own }) => [id, own] as const)),
  );
  return (item) => kinds.get(item) ?? lawKindsOf(item);
}

export const packWithdrawn: Rule<ShapeOf<typeof withdrawnInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: withdrawnInput,
  decide(input, { view }) {
    requireKeeper(view, input);
    const standing = standingPacks(view, requireEngineWithPacks(view, 'packs'));
    if (!standing.some(({ id }) => id === input.pack)) throw new Failure('pack_unknown', 'no such pack is in force');
    const needing = standing.find(({ needs }) => needs.some(({ pack }) => pack === input.pack));
    if (needing !== undefined) {
      throw new Failure('pack_needed', `the pack ${needing.id} needs it: withdraw that one first`);
    }
    return {};
  },
  evolve(state, { body, time }) {
    const log = opened(state);
    const versions = (log.packs?.[body.pack] ?? []).map(
      (each): PackVersion => (each.withdrawn_at === null ? { ...each, withdrawn_at: time } : each),
    );
    return { ...log, packs: { ...log.packs, [body.pack]: versions } };
  },
};

/** A reading of the law that counsel must decide on is switched on, or off again. */
export const profileSwitched: Rule<ShapeOf<typeof profileInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: profileInput,
  decide(input, { view }) {
    requireKeeper(view, input);
    const log = requireEngineWithPacks(view, 'packs');
    const known = standingPacks(view, log).some((pack) => pack.profiles.some(({ id }) => id === input.profile));
    const isOn = (log.profiles ?? []).includes(input.profile);
    // What is on is switched off also once its pack is gone: or it would be on again with the next one that has it.
    if (!known && !isOn) throw new Failure('profile_unknown', 'no pack in force has this profile');
    if (isOn === input.on) {
      throw new Failure('already_there', `the profile is already ${input.on ? 'on' : 'off'}`);
    }
    return {};
  },
  evolve(state, { body }) {
    const log = opened(state);
    const others = (log.profiles ?? []).filter((profile) => profile !== body.profile);
    return { ...log, profiles: body.on ? [...others, body.profile].sort() : others };
  },
};

/** From here on accesses are decided by a later engine. It never goes back. */
export const engineRaised: Rule<ShapeOf<typeof engineInput>, LogState> = {
  ...OF_THE_KEEPER,
  input: engineInput,
  decide(input, { view }) {
    requireKeeper(view, input);
    const before = opened(logIn(view)).engine;
    if (input.engine <= before) throw new Failure('already_there', `the ledger is at engine ${before} already`);
    // It never goes back, and nothing could be decided by an engine that is not there.
    if (input.engine > ENGINE) throw new Failure('input_invalid', `engine: this code has ${ENGINE} at most`);
    return {};
  },
  evolve: (state, { body }) => ({ ...opened(state), engine: body.engine }),
};

/** @throws {Failure} `pack_unknown`, if nobody has the bytes of this digest. */
export function requirePack(view: View, digest: string): Pack {
  const pack = view.pack?.(digest);
  if (pack === undefined) throw new Failure('pack_unknown', 'the bytes of a pack are not at hand');
  return pack;
}

/** All that was published and not withdrawn, whether its span has begun or not. */
function publishedPacks(view: View, { packs = {} }: LogState): PackVersions {
  return new Map(
    Object.entries(packs).map(([id, versions]) => [
      id as PackId,
      versions.filter((each) => each.withdrawn_at === null).map(({ digest }) => requirePack(view, digest)),
    ]),
  );
}

function standingPacks(view: View, log: LogState): readonly Pack[] {
  return [...publishedPacks(view, log).values()].flatMap((versions) => versions.slice(-1));
}

/** The version of each pack that is in force on a day: the last one whose span it is in. */
export function versionsOn({ packs = {} }: LogState, on: Day, now: Occasion['now']): readonly PackVersion[] {
  return Object.keys(packs)
    .sort()
    .flatMap((id) => {
      const versions = (packs[id] as readonly PackVersion[]).filter(
        ({ from, to, withdrawn_at }) =>
          from <= on && (to === null || on < to) && (withdrawn_at === null || now < withdrawn_at),
      );
      return versions.slice(-1);
    });
}

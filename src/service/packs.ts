/** Packs: published, withdrawn and read; the profiles that are on; the engine in force. */

import type { Call } from '#core/consent/call.ts';
import type { LogState, PackVersion } from '#core/consent/log.ts';
import { logIn } from '#core/consent/log.ts';
import { versionsOn } from '#core/consent/pack-life.ts';
import type { Command } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import { type Hash, hashText, parseHashText, sha256 } from '#core/hash.ts';
import { itemsOfClass } from '#core/pack/item-class.ts';
import { lintCreditCodes } from '#core/pack/lint-credit-codes.ts';
import { encodePack, type Pack, parsePack } from '#core/pack/pack.ts';
import { dayAt } from '#core/pack/reckon.ts';
import type { PackId, Text } from '#core/pack/word.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import type { Planned } from '#ledger/write.ts';
import { readClock } from '#store/head.ts';
import { loadPacks } from '#store/packs.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { viewOf } from './view.ts';

export interface PublishedPack {
  readonly pack: PackId;
  readonly version: number;
  readonly digest: string;
  readonly entry: Placed;
}

/**
 * Publishes a version of a pack. Two administrators of the keeper sign it.
 *
 * @throws {Failure} `pack_invalid`, with the first thing that is wrong; `engine_old`; `limit_reached`
 */
export async function publishPack(context: Context, caller: Caller, pack: Pack): Promise<PublishedPack> {
  // The rule does not ask: it decides anew what was published before, too.
  const [wrong] = lintCreditCodes(pack);
  if (wrong !== undefined) throw new Failure('pack_invalid', `${wrong.path}: ${wrong.message}`);
  const bytes = encodePack(pack);
  const digest = sha256(bytes);
  // Whatever it is called, a digest has one pack: to have it at hand decides nothing yet.
  context.ledger.packs.add(hashText(digest), parsePack(bytes));
  const { id, version, from, to } = pack;
  const made = await change(context, caller, 'pack.published', (call) => ({
    command: {
      type: 'pack.published',
      stream: LOG_STREAM,
      input: { pack: id, version, digest: hashText(digest), from, to, ...call },
    },
    pack: { digest, bytes },
  }));
  return { pack: id, version, digest: hashText(digest), entry: placed(made) };
}

/** @throws {Failure} `pack_unknown`; `pack_needed`, while another pack in force needs it. */
export async function withdrawPack(
  context: Context,
  caller: Caller,
  pack: PackId,
): Promise<{ readonly pack: PackId; readonly entry: Placed }> {
  const made = await change(context, caller, 'pack.withdrawn', (call) => ({
    command: { type: 'pack.withdrawn', stream: LOG_STREAM, input: { pack, ...call } },
  }));
  return { pack, entry: placed(made) };
}

/** Switches a reading of the law on or off. @throws {Failure} `profile_unknown`, `already_there` */
export async function switchProfile(
  context: Context,
  caller: Caller,
  { profile, on }: { readonly profile: string; readonly on: boolean },
): Promise<{ readonly profile: string; readonly on: boolean; readonly entry: Placed }> {
  const made = await change(context, caller, 'profile.switched', (call) => ({
    command: { type: 'profile.switched', stream: LOG_STREAM, input: { profile, on, ...call } },
  }));
  return { profile, on, entry: placed(made) };
}

/** Accesses are decided by this engine from here on. @throws {Failure} `already_there`, if it is not a later one. */
export async function raiseEngine(
  context: Context,
  caller: Caller,
  engine: number,
): Promise<{ readonly engine: number; readonly entry: Placed }> {
  const made = await change(context, caller, 'log.engine_raised', (call) => ({
    command: { type: 'log.engine_raised', stream: LOG_STREAM, input: { engine, ...call } },
  }));
  return { engine, entry: placed(made) };
}

async function change(
  context: Context,
  caller: Caller,
  type: Command['type'],
  plan: (call: Call) => Pick<Planned, 'command' | 'pack'>,
) {
  const names = nameCall(context, requirePartyCaller(caller), 'open');
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [LOG_STREAM, ...names.touches],
    plan: () => [{ ...plan(names.call(0)), ...names.evidence }],
  }));
  return entryOf(entries, type);
}

export interface ListedPack {
  readonly pack: PackId;
  readonly title: Text;
  readonly versions: readonly (PackVersion & { readonly bytes: number; readonly in_force: boolean })[];
  /** Of the version in force: what a clause may be drafted by. */
  readonly classes: readonly ListedClass[];
}

export interface ListedClass {
  readonly class: string;
  readonly name: Text;
  readonly parent: string | null;
  /** Its own, and those of its parts. */
  readonly items: readonly string[];
}

export interface ListedProfile {
  readonly profile: string;
  readonly title: Text;
  /** What counsel must decide before it is switched on. */
  readonly warning: Text;
  readonly on: boolean;
}

/** Every pack that was published, in all its versions, and the profiles of those in force. */
export async function listPacks({ ledger }: Context): Promise<{
  readonly engine: number;
  readonly packs: readonly ListedPack[];
  readonly profiles: readonly ListedProfile[];
}> {
  const { log, now } = await ledger.store.read(async (tx) => {
    const state = logIn(viewOf(await loadStreams(tx, [LOG_STREAM])));
    await ledger.packs.load(tx, state);
    return { log: state as LogState, now: await readClock(tx) };
  });
  const inForce = versionsOn(log, dayAt(now), now);
  const packOf = ({ digest }: PackVersion): Pack => {
    const pack = ledger.packs.get(digest);
    if (pack === undefined) throw new Failure('pack_unknown', 'the bytes of a pack are not at hand');
    return pack;
  };
  const packs = Object.entries(log.packs ?? {}).map(([id, versions]) => ({
    pack: id as PackId,
    title: packOf(versions.at(-1) as PackVersion).title,
    versions: versions.map((version) => ({
      ...version,
      bytes: encodePack(packOf(version)).length,
      in_force: inForce.includes(version),
    })),
    classes: versions.filter((version) => inForce.includes(version)).flatMap((version) => classesOf(packOf(version))),
  }));
  const profiles = inForce.flatMap((version) =>
    packOf(version).profiles.map(({ id, title, warning }) => ({
      profile: id,
      title,
      warning,
      on: (log.profiles ?? []).includes(id),
    })),
  );
  return { engine: log.engine, packs, profiles };
}

/** Each class, and behind it its parts. */
function classesOf(pack: Pack): readonly ListedClass[] {
  const { classes = [] } = pack;
  const below = (above: string | null) => classes.filter(({ parent }) => parent === above);
  return below(null)
    .flatMap((each) => [each, ...below(each.id)])
    .map(({ id, name, parent }) => ({ class: id, name, parent, items: itemsOfClass(pack, id) ?? [] }));
}

/** The canonical bytes of a pack, as they were published. @throws {Failure} `pack_unknown` */
export async function readPack(tx: Tx, digest: string): Promise<Uint8Array> {
  const [row] = await loadPacks(tx, [parseHashText(digest) as Hash]);
  if (row === undefined) throw new Failure('pack_unknown', 'no pack of this digest was published');
  return row.bytes;
}

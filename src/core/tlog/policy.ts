/**
 * Trust policies (C2SP tlog-policy): which logs and witnesses are believed, and how many witnesses must have cosigned.
 *
 *     log <vkey> [<url>]
 *     witness <name> <vkey> [<url>]
 *     group <name> all|any|<k> <member>…
 *     quorum <name>|none
 *     #assent compromised <key id> <time>
 *
 * The last is a comment to others, and ours: from that time on a log key of this id may have been in other hands.
 *
 * A quorum counts organisations: every member of the quorum's group is one, a witness or a group of its witnesses. Whose
 * witness it is, its key name says by what stands before the first slash. So that no organisation counts twice, a policy in
 * which two members of a group have witnesses of one host is refused, unless the group is that organisation's own, below
 * the quorum. What is accepted here means to every other reader of the format just the same.
 *
 * @module
 */

import { parseUtf8 } from '../bytes.ts';
import { Failure, isFailure, readAs } from '../failure.ts';
import { type Instant, parseWrittenInstant } from '../instant.ts';
import {
  type CosignerKey,
  type KeyId,
  type PublicKey,
  parseCosignerVkey,
  parseVkey,
  type VerifierKey,
} from '../note/key.ts';

export interface PolicyLog {
  readonly key: VerifierKey;
  readonly url: string | undefined;
}

export interface PolicyWitness {
  readonly kind: 'witness';
  readonly name: string;
  readonly key: CosignerKey;
  /** What its key name says before the first slash. */
  readonly organisation: string;
  /** Its submission prefix; undefined: it is only believed, not asked. */
  readonly url: string | undefined;
}

/** Has witnessed a checkpoint if at least `threshold` of its members have. */
export interface PolicyGroup {
  readonly kind: 'group';
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly PolicyMember[];
}

export type PolicyMember = PolicyWitness | PolicyGroup;

export interface WitnessPolicy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** Undefined: `none`, no cosignature is wanted. */
  readonly quorum: PolicyMember | undefined;
  /** Log keys that were in other hands. Absent where the policy names none. */
  readonly compromised?: readonly CompromisedLogKey[];
}

/** From when on whoever had the key may have signed any tree. */
export interface CompromisedLogKey {
  readonly keyId: KeyId;
  /** The earliest of what the policy says of this key. */
  readonly since: Instant;
}

export const POLICY_BYTES_MAX = 65_536;
/** C2SP wants at least 32 of each. */
export const POLICY_LOGS_MAX = 100;
export const POLICY_WITNESSES_MAX = 100;
export const POLICY_GROUPS_MAX = 100;

const NONE = 'none';
/** What begins a comment that we read: to everyone else it stays one. */
const OURS = '#assent';
const COMPROMISED = 'compromised';

/**
 * Reads a policy file, octet for octet: names are compared as bytes, whatever script they are in.
 *
 * @throws {Failure} `policy_invalid`, with the line, unless the file is in the format and counts no organisation twice.
 */
export function parsePolicy(file: Uint8Array): WitnessPolicy {
  if (file.length > POLICY_BYTES_MAX) throw invalid(`a policy has at most ${POLICY_BYTES_MAX} bytes`);
  const lines = octetsOf(file).split('\n');
  if (lines.pop() !== '') throw invalid('a policy ends in a newline');
  const draft: Draft = { logs: [], names: new Map(), taken: new Set(), compromised: new Map(), quorum: undefined };
  for (const [at, line] of lines.entries()) {
    const words = line.split(/[\t ]+/).filter((word) => word !== '');
    if (words.length > 0 && !words[0]?.startsWith('#')) readLine(draft, words, `line ${at + 1}`);
    if (words[0] === OURS && words[1] === COMPROMISED) readCompromised(draft, words.slice(2), `line ${at + 1}`);
  }
  if (draft.quorum === undefined) throw invalid('no quorum line: want quorum <name> or quorum none');
  const { quorum } = draft.quorum;
  if (quorum?.kind === 'group') refuseTwice(quorum);
  const { logs, names } = draft;
  const compromised = [...draft.compromised].map(([keyId, since]) => ({ keyId, since }));
  const witnesses = [...names.values()].filter(isWitness);
  return { logs, witnesses, quorum, ...(compromised.length === 0 ? {} : { compromised }) };
}

/** How far a checkpoint is witnessed, by those whose cosignatures under it are good. */
export interface QuorumVerdict {
  readonly met: boolean;
  /** The organisations that cosigned, each once, in the order of the policy. */
  readonly organisations: readonly string[];
}

/** Counts who cosigned, by key: names under a checkpoint count for nothing. */
export function judgeQuorum({ witnesses, quorum }: WitnessPolicy, cosigners: readonly CosignerKey[]): QuorumVerdict {
  const keys = new Set(cosigners.map(({ publicKey }) => publicKey.join()));
  const hasCosigned = ({ key }: PolicyWitness) => keys.has(key.publicKey.join());
  const organisations = new Set(witnesses.filter(hasCosigned).map(({ organisation }) => organisation));
  return { met: quorum === undefined || hasWitnessed(quorum, hasCosigned), organisations: [...organisations] };
}

function hasWitnessed(member: PolicyMember, hasCosigned: (witness: PolicyWitness) => boolean): boolean {
  if (member.kind === 'witness') return hasCosigned(member);
  return member.members.filter((each) => hasWitnessed(each, hasCosigned)).length >= member.threshold;
}

/** What is read so far. */
interface Draft {
  readonly logs: PolicyLog[];
  readonly names: Map<string, PolicyMember>;
  /** Names that are members of a group: nothing counts in two ways. */
  readonly taken: Set<string>;
  readonly compromised: Map<KeyId, Instant>;
  quorum: { readonly quorum: PolicyMember | undefined } | undefined;
}

function readLine(draft: Draft, [keyword, ...words]: readonly string[], at: string): void {
  if (keyword === 'log') readLog(draft, words, at);
  else if (keyword === 'witness') readWitness(draft, words, at);
  else if (keyword === 'group') readGroup(draft, words, at);
  else if (keyword === 'quorum') readQuorum(draft, words, at);
  else throw invalid(`${at}: want log, witness, group, quorum or #`);
}

function readLog({ logs, names }: Draft, [vkey, url, ...rest]: readonly string[], at: string): void {
  if (vkey === undefined || rest.length > 0) throw invalid(`${at}: want log <vkey> [<url>]`);
  if (logs.length === POLICY_LOGS_MAX) throw invalid(`${at}: at most ${POLICY_LOGS_MAX} logs`);
  const key = readKey(at, () => parseVkey(textOf(vkey)));
  refuseKey(logs, names, key.publicKey, at);
  logs.push({ key, url: url && textOf(url) });
}

function readWitness({ logs, names }: Draft, [name, vkey, url, ...rest]: readonly string[], at: string): void {
  if (name === undefined || vkey === undefined || rest.length > 0) {
    throw invalid(`${at}: want witness <name> <vkey> [<url>]`);
  }
  refuseName(names, name, at);
  if ([...names.values()].filter(isWitness).length === POLICY_WITNESSES_MAX) {
    throw invalid(`${at}: at most ${POLICY_WITNESSES_MAX} witnesses`);
  }
  const key = readKey(at, () => parseCosignerVkey(textOf(vkey)));
  refuseKey(logs, names, key.publicKey, at);
  const organisation = organisationOf(key.cosigner);
  names.set(name, { kind: 'witness', name: textOf(name), key, organisation, url: url && textOf(url) });
}

/** A line that is meant for us, and can't be read, must not be passed over: it takes trust away. */
function readCompromised({ compromised }: Draft, [id = '', time = '', ...rest]: readonly string[], at: string): void {
  const want = `${at}: want #assent compromised <key id, 8 hex digits> <time, such as 2026-11-21T08:00:00Z>`;
  // To the second at least, and in UTC.
  if (!/^[0-9a-f]{8}$/.test(id) || !/:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z$/.test(time) || rest.length > 0)
    throw invalid(want);
  const keyId = id as KeyId;
  const { at: since } = readAs('policy_invalid', want, () => parseWrittenInstant(time));
  compromised.set(keyId, Math.min(since, compromised.get(keyId) ?? since) as Instant);
}

/** Key names are addresses without a scheme, or `oid/` and an OID, which says of nobody whose it is. */
function organisationOf(cosigner: string): string {
  const [host = ''] = cosigner.split('/');
  return host === 'oid' ? cosigner : host.toLowerCase();
}

function readGroup({ names, taken }: Draft, [name, count, ...members]: readonly string[], at: string): void {
  if (name === undefined || count === undefined || members.length === 0) {
    throw invalid(`${at}: want group <name> all|any|<k> <member>…`);
  }
  refuseName(names, name, at);
  if (names.size - [...names.values()].filter(isWitness).length === POLICY_GROUPS_MAX) {
    throw invalid(`${at}: at most ${POLICY_GROUPS_MAX} groups`);
  }
  const found = members.map((member) => {
    const known = names.get(member);
    if (known === undefined) throw invalid(`${at}: a member is named on an earlier line`);
    if (taken.has(member)) throw invalid(`${at}: a name is a member once, of one group`);
    taken.add(member);
    return known;
  });
  names.set(name, { kind: 'group', name: textOf(name), threshold: readCount(count, found.length, at), members: found });
}

function readCount(text: string, members: number, at: string): number {
  if (text === 'all') return members;
  if (text === 'any') return 1;
  const count = /^[1-9][0-9]{0,2}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > members) throw invalid(`${at}: want all, any or a number from 1 to ${members}`);
  return count;
}

function readQuorum(draft: Draft, [name, ...rest]: readonly string[], at: string): void {
  if (name === undefined || rest.length > 0) throw invalid(`${at}: want quorum <name> or quorum none`);
  if (draft.quorum !== undefined) throw invalid(`${at}: a second quorum`);
  const quorum = draft.names.get(name);
  if (quorum === undefined && name !== NONE) throw invalid(`${at}: the quorum is named on an earlier line`);
  draft.quorum = { quorum };
}

function refuseName(names: ReadonlyMap<string, PolicyMember>, name: string, at: string): void {
  if (name === NONE) throw invalid(`${at}: none is no name`);
  if (names.has(name)) throw invalid(`${at}: the name is taken`);
}

/** One key is one log or one witness, whatever it is called; and a log is no witness of itself. */
function refuseKey(
  logs: readonly PolicyLog[],
  names: ReadonlyMap<string, PolicyMember>,
  key: PublicKey,
  at: string,
): void {
  const text = key.join();
  const witnesses = [...names.values()].filter(isWitness);
  if ([...logs, ...witnesses].some((each) => each.key.publicKey.join() === text)) {
    throw invalid(`${at}: the same key stands on an earlier line`);
  }
}

/**
 * Every member of a group that joins several organisations is one or several of them, and none is under two members. The
 * quorum's group always joins organisations; below it, a group of one organisation may count its own witnesses.
 *
 * @throws {Failure} `policy_invalid`
 */
function refuseTwice(group: PolicyGroup): void {
  const under = group.members.map((member) => new Set(organisationsOf(member)));
  const seen = new Set<string>();
  for (const organisations of under) {
    for (const organisation of organisations) {
      if (seen.has(organisation)) {
        throw invalid(
          `two members of group ${group.name} have witnesses of ${organisation}: put these into a group of their own, and that into ${group.name}`,
        );
      }
      seen.add(organisation);
    }
  }
  for (const [at, member] of group.members.entries()) {
    if (member.kind === 'group' && (under[at] as Set<string>).size > 1) refuseTwice(member);
  }
}

function organisationsOf(member: PolicyMember): readonly string[] {
  return member.kind === 'witness' ? [member.organisation] : member.members.flatMap(organisationsOf);
}

function isWitness(member: PolicyMember): member is PolicyWitness {
  return member.kind === 'witness';
}

/** One character for each octet, so that the format needs to know no script. */
function octetsOf(file: Uint8Array): string {
  let octets = '';
  for (const octet of file) {
    if ((octet < 0x20 && octet !== 0x09 && octet !== 0x0a) || octet === 0x7f) {
      throw invalid('a policy has no control characters but tab and newline');
    }
    octets += String.fromCharCode(octet);
  }
  return octets;
}

/** The text of some octets: UTF-8 where it is that, to be shown to people. */
function textOf(octets: string): string {
  try {
    return parseUtf8(Uint8Array.from(octets, (octet) => octet.charCodeAt(0)));
  } catch (thrown) {
    if (isFailure(thrown, 'input_invalid')) return octets;
    throw thrown;
  }
}

function readKey<Key>(at: string, read: () => Key): Key {
  return readAs('policy_invalid', `${at}: not a vkey of the type that is wanted here`, read);
}

function invalid(message: string): Failure {
  return new Failure('policy_invalid', message);
}

/**
 * The policy by which a ledger is witnessed, as both roofs are told it (C2SP tlog-policy): a file on Node, a text on
 * Workers.
 *
 * @module
 */
import { Failure, isFailure } from '#core/failure.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { judgeQuorum, parsePolicy, type WitnessPolicy } from '#core/tlog/policy.ts';

const VARIABLE = 'ASSENT_WITNESS_POLICY';

/**
 * Reads it, and refuses one by which this ledger could never be witnessed.
 *
 * @throws {Failure} `config_invalid`, with what is wrong.
 */
export function parseOwnPolicy(file: Uint8Array, vkeys: readonly [VerifierKey, ...VerifierKey[]]): WitnessPolicy {
  const policy = read(file);
  const { logs, witnesses } = policy;
  const isOwn = ({ key }: (typeof logs)[number]) =>
    vkeys.some((vkey) => key.name === vkey.name && key.keyId === vkey.keyId);
  if (logs.length > 0 && !logs.some(isOwn)) {
    const { name } = vkeys[0];
    throw new Failure('config_invalid', `${VARIABLE}: it names logs, but not this one: add log <vkey> of ${name}`);
  }
  for (const { name, url } of witnesses) {
    if (url !== undefined && !isSafe(url)) {
      throw new Failure(
        'config_invalid',
        `${VARIABLE}: witness ${name}: want an address with https, or with http on this machine`,
      );
    }
  }
  const asked = witnesses.filter(({ url }) => url !== undefined);
  if (
    !judgeQuorum(
      policy,
      asked.map(({ key }) => key),
    ).met
  ) {
    throw new Failure('config_invalid', `${VARIABLE}: the witnesses that have an address can't make up the quorum`);
  }
  return policy;
}

function read(file: Uint8Array): WitnessPolicy {
  try {
    return parsePolicy(file);
  } catch (cause) {
    if (!isFailure(cause, 'policy_invalid')) throw cause;
    throw new Failure('config_invalid', `${VARIABLE}: ${cause.message}`, { cause });
  }
}

const OWN_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** What a witness answers is signed; but who asks it, and how often, is nobody else's business. */
function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const isBare = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return isBare && (url.protocol === 'https:' || (url.protocol === 'http:' && OWN_HOSTS.includes(url.hostname)));
}

/**
 * Configuration, read from the environment once. A bad value is one clear line.
 *
 * @module
 */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { Failure } from '#core/failure.ts';
import type { IdentityProvider } from '#service/identification.ts';
import { parseAuthorities } from '../authorities.ts';
import { parseIdentityProviders } from '../identity-providers.ts';
import { isOwnOrigin } from '../key-set.ts';
import { readTimeStampSettings, type TimeStampSettings } from './time-stamp/settings.ts';

export interface Config {
  readonly port: number;
  readonly host: string;
  /** The origin of a real ledger; undefined: a demo's. */
  readonly origin: string | undefined;
  /** How the server is known to others: what its signatures name. The first is meant where the Host says another. */
  readonly authorities: readonly string[];
  /** Who identifies persons on the pages. */
  readonly identityProviders: readonly IdentityProvider[];
  /** PostgreSQL; undefined: the embedded one, in the data folder. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** Where the signer remembers what it signed: apart from the data, so that no backup restores both. */
  readonly stateDir: string;
  /** Where public keys are written. */
  readonly keysDir: string;
  /** Where the policy is by which checkpoints are cosigned; undefined: nobody is asked. */
  readonly witnessPolicy: string | undefined;
  /** Who stamps checkpoints; undefined: nobody is asked. */
  readonly timeStamps: TimeStampSettings | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const PROJECT = resolve(import.meta.dirname, '../..');

/** @throws {Failure} `config_invalid`, naming the variable, what is wrong and what was wanted. */
export function readConfig(env: Environment): Config {
  const keysDir = resolve(given(env['ASSENT_KEYS_DIR']) ?? resolve(PROJECT, 'keys'));
  const policy = given(env['ASSENT_WITNESS_POLICY']);
  return {
    port: readPort(env['PORT']),
    host: readHost(env['HOST']),
    origin: readOrigin(env['ASSENT_ORIGIN']),
    authorities: parseAuthorities(env['ASSENT_AUTHORITY']),
    identityProviders: parseIdentityProviders(env['ASSENT_IDENTITY_PROVIDERS']),
    databaseUrl: readDatabaseUrl(env['DATABASE_URL']),
    dataDir: resolve(given(env['ASSENT_DATA_DIR']) ?? 'data'),
    stateDir: resolve(given(env['ASSENT_STATE_DIR']) ?? defaultStateDir(env)),
    keysDir,
    witnessPolicy: policy === undefined ? undefined : resolve(keysDir, policy),
    timeStamps: readTimeStampSettings(
      {
        url: given(env['ASSENT_TSA_URL']),
        certificates: given(env['ASSENT_TSA_CERTIFICATE']),
        policy: given(env['ASSENT_TSA_POLICY']),
        every: given(env['ASSENT_TSA_EVERY']),
      },
      keysDir,
    ),
  };
}

/** A variable that is set to nothing is not set. */
function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function readPort(value: string | undefined): number {
  const text = given(value) ?? '8787';
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw invalid(`PORT is ${JSON.stringify(text)}, want a number from 0 to 65535`);
  return port;
}

function readHost(value: string | undefined): string {
  const host = given(value) ?? '127.0.0.1';
  if (!/^[0-9A-Za-z.:_-]{1,253}$/.test(host))
    throw invalid(`HOST is ${JSON.stringify(host)}, want an address or a name`);
  return host;
}

function readOrigin(value: string | undefined): string | undefined {
  const origin = given(value);
  return origin === undefined ? undefined : parseOrigin('ASSENT_ORIGIN', origin);
}

/** @throws {Failure} `config_invalid`, if a real ledger can't be called so. */
export function parseOrigin(name: string, origin: string): string {
  if (isOwnOrigin(origin)) return origin;
  throw invalid(`${name} is ${JSON.stringify(origin)}, want a name of your own such as ledger.example.org/consent`);
}

function readDatabaseUrl(value: string | undefined): string | undefined {
  const url = given(value);
  // The URL may hold a password, so it is never repeated.
  if (url !== undefined && !/^postgres(?:ql)?:\/\/\S+$/.test(url)) {
    throw invalid('DATABASE_URL: want postgres://user:password@host:port/database');
  }
  return url;
}

function defaultStateDir(env: Environment): string {
  return resolve(given(env['XDG_STATE_HOME']) ?? resolve(homedir(), '.local/state'), 'assent');
}

function invalid(message: string): Failure {
  return new Failure('config_invalid', message);
}

/** Identity providers, and who stamps checkpoints, in the configuration. */
import { describe, expect, it } from 'vitest';
import type { PartyId } from '#core/ids.ts';
import { readConfig } from '../../src/node/config.ts';
import { expectFailure } from '../support/failure.ts';

const party = '0199'.padEnd(32, '0') as PartyId;
const name = { zh: '示例认证', en: 'Example ID' };
const read = (value: unknown) =>
  readConfig({ ASSENT_IDENTITY_PROVIDERS: typeof value === 'string' ? value : JSON.stringify(value) });

describe('ASSENT_IDENTITY_PROVIDERS', () => {
  it('lists who identifies persons on the pages', () => {
    const url = 'https://id.example.org/identify?for=assent';
    expect(read([{ party, name, url }]).identityProviders).toEqual([{ party, name, url }]);
    for (const none of ['', '[]']) expect(read(none).identityProviders).toEqual([]);
    expect(readConfig({}).identityProviders).toEqual([]);
  });

  it('takes plain http of this machine only', () => {
    for (const url of ['http://localhost:8789/identify', 'http://127.0.0.1:8789/', 'http://[::1]:8789/']) {
      expect(read([{ party, name, url }]).identityProviders).toHaveLength(1);
    }
    const refused = [
      'http://id.example.org/',
      'ftp://x/',
      'javascript:alert(1)',
      'https://u:p@id.example/',
      '/identify',
    ];
    for (const url of [...refused, 'https://id.example.org/#x']) {
      expectFailure('config_invalid', () => read([{ party, name, url }]));
    }
  });

  it('is refused where it is not whole, with the place and what was wanted', () => {
    const one = { party, name, url: 'https://id.example.org/' };
    for (const value of ['x', '{}', [one, one], [{ ...one, more: 1 }], [{ ...one, name: 'x' }], Array(9).fill(one)]) {
      expectFailure('config_invalid', () => read(value));
    }
    expect(() => read([{ ...one, party: 'x' }])).toThrow(/^ASSENT_IDENTITY_PROVIDERS: list\[0\]\.party: /);
  });
});

describe('ASSENT_TSA_…', () => {
  const whole = { ASSENT_TSA_URL: 'https://tsa.example.org/tsr', ASSENT_TSA_CERTIFICATE: 'tsa.pem' };

  it('says whom to ask, by which policy and how often, and nothing where nothing is set', () => {
    expect(readConfig({ ...whole, ASSENT_KEYS_DIR: '/keys' }).timeStamps).toEqual({
      url: 'https://tsa.example.org/tsr',
      certificates: '/keys/tsa.pem',
      policy: undefined,
      everyMs: 3_600_000,
    });
    const more = { ASSENT_TSA_POLICY: '1.2.3.4', ASSENT_TSA_EVERY: '86400' };
    expect(readConfig({ ...whole, ...more }).timeStamps).toMatchObject({ policy: '1.2.3.4', everyMs: 86_400_000 });
    expect(readConfig({ ASSENT_TSA_URL: '' }).timeStamps).toBeUndefined();
  });

  it.each([
    { ASSENT_TSA_URL: 'https://tsa.example.org/' },
    { ASSENT_TSA_CERTIFICATE: 'tsa.pem' },
    { ASSENT_TSA_EVERY: '60' },
    { ...whole, ASSENT_TSA_URL: 'ftp://tsa.example.org/' },
    { ...whole, ASSENT_TSA_URL: 'https://u:geheim@tsa.example.org/' },
    { ...whole, ASSENT_TSA_POLICY: 'ours' },
    { ...whole, ASSENT_TSA_EVERY: '9' },
    { ...whole, ASSENT_TSA_EVERY: '1h' },
  ])('is refused where it is not whole, and repeats no password: %j', (env) => {
    expectFailure('config_invalid', () => readConfig(env));
    expect(() => readConfig(env)).toThrow(/^ASSENT_TSA_/);
    expect(() => readConfig(env)).not.toThrow(/geheim/);
  });
});

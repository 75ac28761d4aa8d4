/** The documentation: complete, and true. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleOf, type JsonSchema } from '../../src/web/json-schema.ts';
import { type Door, openDoor } from './door.ts';

let door: Door;
let document: any;
beforeAll(async () => {
  door = (await openDoor()).asKeeper();
  document = (await door.get('/openapi.json')).json;
});
afterAll(() => door.fixture.close());

describe('/openapi.json', () => {
  test('describes what the issue asks for', () => {
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.toSorted()).toEqual([
      'GET /checkpoint',
      'GET /health',
      'GET /ready',
      'GET /tile/entries/{n}',
      'GET /tile/{level}/{n}',
      'GET /v1/accesses/{id}',
      'GET /v1/accesses/{id}/explanation',
      'GET /v1/accesses/{id}/receipt',
      'GET /v1/erasure-receipts/{capability}',
      'GET /v1/erasures',
      'GET /v1/feed',
      'GET /v1/grants/{id}',
      'GET /v1/jobs/{id}',
      'GET /v1/jobs/{id}/parts/{part}/results',
      'GET /v1/letter-receipts/{capability}',
      'GET /v1/letters/{id}',
      'GET /v1/letters/{id}/credential',
      'GET /v1/letters/{id}/receipt',
      'GET /v1/log',
      'GET /v1/log/beside/{n}',
      'GET /v1/log/keys',
      'GET /v1/log/origins/{key_id}/checkpoint',
      'GET /v1/log/requests/{digest}',
      'GET /v1/packs',
      'GET /v1/packs/{digest}',
      'GET /v1/parties/{id}',
      'GET /v1/parties/{id}/door-key',
      'GET /v1/proofs/consistency',
      'GET /v1/proofs/inclusion',
      'GET /v1/receipts/{capability}',
      'GET /v1/relationships/{handle}/entries',
      'GET /v1/relationships/{handle}/facts',
      'GET /v1/relationships/{handle}/head',
      'GET /v1/relationships/{handle}/identity',
      'GET /v1/relationships/{handle}/keys',
      'GET /v1/relationships/{handle}/objections/{fact}',
      'GET /v1/retention',
      'GET /v1/templates',
      'GET /v1/time-stamps',
      'GET /v1/time-stamps/{size}',
      'GET /v1/webhooks',
      'POST /access/v1/evaluation',
      'POST /access/v1/evaluations',
      'POST /v1/accesses',
      'POST /v1/accesses/batch',
      'POST /v1/accesses/preview',
      'POST /v1/accesses/{id}/redemption',
      'POST /v1/accesses/{id}/settlement',
      'POST /v1/erasures',
      'POST /v1/feed/acknowledgement',
      'POST /v1/grants/status',
      'POST /v1/grants/{id}/affirmation',
      'POST /v1/grants/{id}/confirmation',
      'POST /v1/grants/{id}/contest',
      'POST /v1/grants/{id}/extension',
      'POST /v1/grants/{id}/finding',
      'POST /v1/grants/{id}/finding/lifting',
      'POST /v1/grants/{id}/narrowing',
      'POST /v1/grants/{id}/pause',
      'POST /v1/grants/{id}/resumption',
      'POST /v1/grants/{id}/revocation',
      'POST /v1/identified-keys',
      'POST /v1/jobs',
      'POST /v1/jobs/{id}/parts/{part}',
      'POST /v1/letters',
      'POST /v1/letters/{id}/answers',
      'POST /v1/letters/{id}/decline',
      'POST /v1/letters/{id}/paper',
      'POST /v1/letters/{id}/signature',
      'POST /v1/log/engine',
      'POST /v1/log/issuing-keys',
      'POST /v1/log/issuing-keys/compromise',
      'POST /v1/log/issuing-keys/retirement',
      'POST /v1/log/issuing-keys/switch',
      'POST /v1/log/log-keys',
      'POST /v1/log/log-keys/compromise',
      'POST /v1/log/log-keys/retirement',
      'POST /v1/log/log-keys/switch',
      'POST /v1/log/recovery',
      'POST /v1/packs',
      'POST /v1/packs/{id}/withdrawal',
      'POST /v1/parties',
      'POST /v1/parties/{id}/continuation',
      'POST /v1/parties/{id}/keys',
      'POST /v1/parties/{id}/keys/compromise',
      'POST /v1/parties/{id}/keys/retirement',
      'POST /v1/parties/{id}/licences',
      'POST /v1/parties/{id}/mandates',
      'POST /v1/parties/{id}/operators/{operator}/departure',
      'POST /v1/parties/{id}/refusals/erasure',
      'POST /v1/parties/{id}/reinstatement',
      'POST /v1/parties/{id}/self-reinstatement',
      'POST /v1/parties/{id}/self-suspension',
      'POST /v1/parties/{id}/successions',
      'POST /v1/parties/{id}/suspension',
      'POST /v1/profiles/{id}',
      'POST /v1/relationships',
      'POST /v1/relationships/{handle}/attestations/item',
      'POST /v1/relationships/{handle}/attestations/signer',
      'POST /v1/relationships/{handle}/attestations/subject',
      'POST /v1/relationships/{handle}/bindings',
      'POST /v1/relationships/{handle}/confirmation',
      'POST /v1/relationships/{handle}/erasure',
      'POST /v1/relationships/{handle}/facilities',
      'POST /v1/relationships/{handle}/facilities/{fact}/change',
      'POST /v1/relationships/{handle}/facilities/{fact}/closure',
      'POST /v1/relationships/{handle}/freeze',
      'POST /v1/relationships/{handle}/identity-views',
      'POST /v1/relationships/{handle}/keys',
      'POST /v1/relationships/{handle}/keys/add',
      'POST /v1/relationships/{handle}/keys/end',
      'POST /v1/relationships/{handle}/keys/loss',
      'POST /v1/relationships/{handle}/notices',
      'POST /v1/relationships/{handle}/objections',
      'POST /v1/relationships/{handle}/objections/{fact}/answer',
      'POST /v1/relationships/{handle}/objections/{fact}/mark',
      'POST /v1/relationships/{handle}/release',
      'POST /v1/revocations',
      'POST /v1/statements',
      'POST /v1/templates/lint',
      'POST /v1/webhooks',
      'POST /v1/webhooks/{id}/removal',
    ]);
  });

  test('refers to nothing that is not in it, and names each operation once', () => {
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name as string);
    }
    const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // A pattern with flags behind it is none that another reader could use.
    for (const [, pattern] of text.matchAll(/"pattern":"((?:[^"\\]|\\.)*)"/g)) {
      expect(() => new RegExp(JSON.parse(`"${pattern}"`), 'u')).not.toThrow();
      expect(pattern).toMatch(/^\^.*\$$/);
    }
  });

  test('gives examples that the server can read', async () => {
    for (const [path, { post }] of Object.entries<Record<string, any>>(document.paths)) {
      if (post === undefined) continue;
      const schema: JsonSchema = post.requestBody.content['application/json'].schema;
      const filled = path
        .replace('/v1/packs/{id}', '/v1/packs/cn-credit')
        .replace('/v1/profiles/{id}', '/v1/profiles/R-15c')
        .replace('{part}', '0')
        .replace(/\{\w+\}/g, '0199b1f0c40011112222333344445555');
      const answer = await door.post(filled, exampleOf(schema, document.components.schemas));
      expect(answer.json.code, `${path}: ${JSON.stringify(answer.json.errors)}`).not.toBe('input_invalid');
      expect(answer.status).not.toBe(500);
    }
  });

  test('holds synthetic examples only', () => {
    for (const [number] of JSON.stringify(document).matchAll(/"\d{17}[\dX]"/g)) expect(number).toMatch(/^"9900\d\d18/);
  });
});

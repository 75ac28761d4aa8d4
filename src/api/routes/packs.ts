/** Routes of the law that decides: packs, profiles, the engine in force. */
import { parseUtf8 } from '#core/bytes.ts';
import { listOffers } from '#service/offers.ts';
import { listPacks, publishPack, raiseEngine, readPack, switchProfile, withdrawPack } from '#service/packs.ts';
import { lintTemplate } from '#service/templates.ts';
import { NONE } from '#wire/common.ts';
import {
  engineRaisedSchema,
  PACK_BODY_BYTES_MAX,
  packDigestParams,
  packParams,
  packPublishedSchema,
  packsSchema,
  packText,
  packWithdrawnSchema,
  profileParams,
  profileSwitchedSchema,
  publishPackSchema,
  raiseEngineSchema,
  switchProfileSchema,
} from '#wire/law.ts';
import { offersSchema } from '#wire/offers.ts';
import { emptySchema } from '#wire/parties.ts';
import { lintedSchema, lintTemplateSchema } from '#wire/templates.ts';
import { type Api, addRead, addWrite } from '../operation.ts';

const TAG = 'Law';
const BY_THE_KEEPER = ['duty_missing', 'second_signature', 'engine_old'] as const;

/** Bytes that are named by their digest never change. */
const FOREVER = { 'cache-control': 'public, max-age=31536000, immutable' };

/** Adds the routes of packs, profiles and the engine. */
export function addPacks(api: Api): void {
  addWrite(api, {
    path: '/v1/packs',
    tag: TAG,
    summary: 'Publish a pack',
    description:
      'A version of a pack: rules of law, items, purposes, calendars. It is linted against all packs in force, and decides from its `from` on. Two administrators of the keeper sign it; `npx assent pack publish` makes the request out of a folder.',
    signed: 'by a party',
    params: NONE,
    body: publishPackSchema,
    bytesMax: PACK_BODY_BYTES_MAX,
    answer: packPublishedSchema,
    failures: ['pack_invalid', 'pack_unknown', 'limit_reached', ...BY_THE_KEEPER],
    call: (context, caller, { body }) => publishPack(context, caller, body.pack),
    location: ({ digest }) => `/v1/packs/${digest}`,
  });
  addRead(api, {
    path: '/v1/packs',
    tag: TAG,
    summary: 'List the packs',
    description: 'Every pack that was published, in all its versions, and the profiles of those in force.',
    scope: 'public',
    params: NONE,
    query: NONE,
    answer: packsSchema,
    failures: [],
    call: (context) => listPacks(context),
  });
  addRead(api, {
    path: '/v1/packs/{digest}',
    tag: TAG,
    summary: 'Read a pack',
    description: 'The canonical bytes of one version: hash them, and compare with the entry that published it.',
    scope: 'public',
    params: packDigestParams,
    query: NONE,
    answer: packText,
    text: 'application/json',
    failures: ['pack_unknown'],
    call: async (context, _caller, { params }) =>
      parseUtf8(await context.ledger.store.readOnce((tx) => readPack(tx, params.digest))),
    headers: () => FOREVER,
  });
  addTemplates(api);
  addSwitches(api);
}

function addTemplates(api: Api): void {
  addRead(api, {
    path: '/v1/templates',
    tag: TAG,
    summary: 'List the templates of letters',
    description:
      'Those of the packs in force: each clause with what may be ticked in it, in Chinese and English, and who is registered by the names of its sources, recipients and candidates. For parties.',
    scope: 'caller',
    params: NONE,
    query: NONE,
    answer: offersSchema,
    failures: ['principal_mismatch'],
    call: (context, caller) => listOffers(context, caller),
  });
  addWrite(api, {
    path: '/v1/templates/lint',
    tag: TAG,
    summary: 'Lint a letter or a template',
    description:
      'What in it goes against the law (L01 to L22), with the sentence, why, the article and a better wording, in Chinese and English. It makes no entry.',
    signed: 'by a party',
    status: 200,
    params: NONE,
    body: lintTemplateSchema,
    answer: lintedSchema,
    failures: [],
    call: (context, caller, { body }) => lintTemplate(context, caller, body),
  });
}

function addSwitches(api: Api): void {
  addWrite(api, {
    path: '/v1/packs/{id}/withdrawal',
    tag: TAG,
    summary: 'Withdraw a pack',
    description: 'No version of it decides any more. What was decided stays as it was.',
    signed: 'by a party',
    params: packParams,
    body: emptySchema,
    answer: packWithdrawnSchema,
    failures: ['pack_unknown', 'pack_needed', ...BY_THE_KEEPER],
    call: (context, caller, { params }) => withdrawPack(context, caller, params.id),
  });
  addWrite(api, {
    path: '/v1/profiles/{id}',
    tag: TAG,
    summary: 'Switch a profile',
    description:
      'A reading of the law that is off until counsel has decided on it: see its warning at `GET /v1/packs` before switching it on.',
    signed: 'by a party',
    params: profileParams,
    body: switchProfileSchema,
    answer: profileSwitchedSchema,
    failures: ['profile_unknown', 'already_there', ...BY_THE_KEEPER],
    call: (context, caller, { params, body }) => switchProfile(context, caller, { profile: params.id, on: body.on }),
  });
  addWrite(api, {
    path: '/v1/log/engine',
    tag: TAG,
    summary: 'Raise the engine',
    description: 'Accesses are decided by a later version of the checks from here on. It never goes back.',
    signed: 'by a party',
    params: NONE,
    body: raiseEngineSchema,
    answer: engineRaisedSchema,
    failures: ['duty_missing', 'second_signature', 'already_there'],
    call: (context, caller, { body }) => raiseEngine(context, caller, body.engine),
  });
}

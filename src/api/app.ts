/**
 * The HTTP door: which host is asked for, which operation, and what a failure looks like. It runs on Node and Workers.
 *
 * @module
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { Failure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { answer, type Env, requestIdOf } from './answer.ts';
import { describeApi, type OpenApiDocument } from './describe.ts';
import { type Hosts, refuseForeignHost } from './host.ts';
import type { Api } from './operation.ts';
import { answerProblem, PUBLIC_PROBLEMS } from './problem.ts';
import { addAccesses } from './routes/accesses.ts';
import { addBulk } from './routes/bulk.ts';
import { addErasures } from './routes/erasures.ts';
import { addFacts } from './routes/facts.ts';
import { addFeed } from './routes/feed.ts';
import { addGrants } from './routes/grants.ts';
import { addHealth } from './routes/health.ts';
import { addIdentityViews } from './routes/identity-views.ts';
import { addIssuingKeys } from './routes/issuing-keys.ts';
import { addJobs } from './routes/jobs.ts';
import { addLetters } from './routes/letters.ts';
import { addLog } from './routes/log.ts';
import { addLogKeys } from './routes/log-keys.ts';
import { addPacks } from './routes/packs.ts';
import { addParties } from './routes/parties.ts';
import { addRelationships } from './routes/relationships.ts';
import { addRetention } from './routes/retention.ts';
import { addStatements } from './routes/statements.ts';
import { addSubjectKeys } from './routes/subject-keys.ts';
import { addTiles } from './routes/tiles.ts';
import { addTimeStamps } from './routes/time-stamps.ts';
import { addWebhooks } from './routes/webhooks.ts';

/** What pages are made of, besides the context. */
export interface Described {
  readonly document: OpenApiDocument;
  readonly problems: typeof PUBLIC_PROBLEMS;
}

export interface AppOptions {
  readonly hosts: Hosts;
  /**
   * How callers know the server, for what signatures name: the Host that was asked for, if it is one of these, else the
   * first. None: whatever Host of ours was asked for.
   */
  readonly authorities?: readonly string[];
  /** The pages of src/web, which the roof hangs in here: doors do not know each other. */
  readonly pages?: (described: Described) => Hono;
}

/** Makes the app. */
export function createApp(context: Context, { hosts, authorities = [], pages }: AppOptions): Hono<Env> {
  const app = new OpenAPIHono<Env>();
  app.onError((thrown, call) => answerProblem(context, call, thrown));
  app.notFound((call) => answerProblem(context, call, new Failure('not_found', 'no such path')));
  app.use(refuseForeignHost(hosts));

  const api: Api = {
    app,
    context,
    authority: (host) => (authorities.includes(host) ? host : (authorities[0] ?? host)),
  };
  const parts = [
    addParties,
    addRelationships,
    addIdentityViews,
    addSubjectKeys,
    addFacts,
    addLetters,
    addGrants,
    addStatements,
    addAccesses,
    addBulk,
    addFeed,
    addWebhooks,
    addJobs,
    addPacks,
    addRetention,
    addErasures,
    addLog,
    addIssuingKeys,
    addLogKeys,
    addTiles,
    addTimeStamps,
    addHealth,
  ];
  for (const add of parts) add(api);
  const document = describeApi(app);
  const text = JSON.stringify(document);
  app.get('/openapi.json', (call) =>
    answer(context, call, { status: 200, body: text, headers: { 'content-type': 'application/json' } }),
  );
  // From here on answers do not leave through answer(): pages make their own.
  app.use((call, next) => {
    call.header('x-request-id', requestIdOf(context, call));
    return next();
  });
  if (pages !== undefined) app.route('/', pages({ document, problems: PUBLIC_PROBLEMS }));
  refuseOtherMethods(api);
  return app;
}

/** What stands at a path but is asked for by another method gets told which there are. */
function refuseOtherMethods({ app, context }: Api): void {
  const byPath = Map.groupBy(app.routes, ({ path }) => path);
  for (const [path, routes] of byPath) {
    const methods = [...new Set(routes.map(({ method }) => method))].filter((method) => method !== 'ALL');
    if (methods.length === 0) continue;
    const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    app.all(path, (call) =>
      answerProblem(context, call, new Failure('method_not_allowed', `want ${allow}`), { allow }),
    );
  }
}

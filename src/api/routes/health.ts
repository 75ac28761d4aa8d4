/** Routes that say how this server is. */
import type { z } from '@hono/zod-openapi';
import type { Context } from '#service/context.ts';
import { readStanding, type Stamped, type Witnessed } from '#service/standing.ts';
import { NONE } from '#wire/common.ts';
import { healthSchema, readySchema } from '#wire/log.ts';
import { type Api, addRead } from '../operation.ts';

const TAG = 'Server';
/** A database that takes longer than this does not answer. */
const READY_WAIT_MS = 2_000;

/** Adds `/health` and `/ready`. */
export function addHealth(api: Api): void {
  addRead(api, {
    path: '/health',
    tag: TAG,
    summary: 'Ask whether the process is up',
    scope: 'public',
    params: NONE,
    query: NONE,
    answer: healthSchema,
    failures: [],
    call: async () => ({ status: 'up' as const }),
  });
  addRead(api, {
    path: '/ready',
    tag: TAG,
    summary: 'Ask whether the ledger can be written',
    scope: 'public',
    description: '503 with the reason behind the restore fence, or where the database does not answer.',
    params: NONE,
    query: NONE,
    answer: readySchema,
    failures: [],
    async call(context) {
      const how = await howReady(context);
      return { status: how.reason === null ? ('ready' as const) : ('not_ready' as const), ...how };
    },
    status: ({ status }) => (status === 'ready' ? 200 : 503),
    headers: ({ status }) => (status === 'ready' ? {} : { 'retry-after': '5' }),
  });
}

type HowReady = Omit<z.infer<typeof readySchema>, 'status'>;
const NO_ANSWER: HowReady = { reason: 'the database does not answer', witnesses: null, time_stamps: null };

async function howReady(context: Context): Promise<HowReady> {
  let late: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<HowReady>((resolve) => {
    late = setTimeout(() => resolve(NO_ANSWER), READY_WAIT_MS);
  });
  const asked = readStanding(context).then(
    ({ fenced, witnessed, stamped }) => ({
      reason: fenced,
      witnesses: witnessed && quorumOf(witnessed),
      time_stamps: stamped && stampsOf(stamped),
    }),
    (thrown): HowReady => {
      context.log.warn('not_ready', thrown);
      return NO_ANSWER;
    },
  );
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    clearTimeout(late);
  }
}

function quorumOf({ size, unmetSince }: Witnessed) {
  return { quorum: unmetSince === null ? ('met' as const) : ('not_met' as const), size, since: unmetSince };
}

function stampsOf({ newest, asked }: Stamped) {
  return {
    authority: asked === null ? ('not_asked' as const) : asked.why === null ? ('answers' as const) : ('fails' as const),
    newest,
    asked_at: asked?.asked_at ?? null,
    since: asked?.failing_since ?? null,
    why: asked?.why ?? null,
  };
}

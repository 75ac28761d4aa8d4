/** Routes that say how this server is. */
import type { z } from '@hono/zod-openapi';
import type { Context } from '#service/context.ts';
import { readStanding, type Witnessed } from '#service/standing.ts';
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
      const { reason, witnesses } = await howReady(context);
      return { status: reason === null ? ('ready' as const) : ('not_ready' as const), reason, witnesses };
    },
    status: ({ status }) => (status === 'ready' ? 200 : 503),
    headers: ({ status }) => (status === 'ready' ? {} : { 'retry-after': '5' }),
  });
}

type HowReady = Pick<z.infer<typeof readySchema>, 'reason' | 'witnesses'>;
const NO_ANSWER: HowReady = { reason: 'the database does not answer', witnesses: null };

async function howReady(context: Context): Promise<HowReady> {
  let late: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<HowReady>((resolve) => {
    late = setTimeout(() => resolve(NO_ANSWER), READY_WAIT_MS);
  });
  const asked = readStanding(context).then(
    ({ fenced, witnessed }) => ({ reason: fenced, witnesses: witnessed && quorumOf(witnessed) }),
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

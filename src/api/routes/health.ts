/** Routes that say how this server is. */
import type { Context } from '#service/context.ts';
import { readStanding } from '#service/standing.ts';
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
      const reason = await reasonNotReady(context);
      return reason === null ? { status: 'ready' as const, reason } : { status: 'not_ready' as const, reason };
    },
    status: ({ status }) => (status === 'ready' ? 200 : 503),
    headers: ({ status }) => (status === 'ready' ? {} : { 'retry-after': '5' }),
  });
}

async function reasonNotReady(context: Context): Promise<string | null> {
  let late: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<string>((resolve) => {
    late = setTimeout(() => resolve('the database does not answer'), READY_WAIT_MS);
  });
  const asked = readStanding(context).then(
    ({ fenced }) => fenced,
    (thrown) => {
      context.log.warn('not_ready', thrown);
      return 'the database does not answer';
    },
  );
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    clearTimeout(late);
  }
}

/**
 * A witness of others' logs (C2SP tlog-witness): it cosigns a checkpoint that continues the last one it cosigned, and
 * nothing else. What it remembers is durable before it signs.
 *
 *     POST /add-checkpoint               a cosignature, or why not
 *     GET  /<sha256 of origin>/checkpoint    the last one that it cosigned
 *     GET  /<sha256 of origin>/split-view    the proof that the log forked, where there is one
 *     GET  /                             its own key, and the logs' that it knows
 *
 * @module
 */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { toHex, utf8 } from '#core/bytes.ts';
import { sha256 } from '#core/hash.ts';
import type { Ed25519, SigningKey } from '#core/note/ed25519.ts';
import { cosignerKey, formatCosignerVkey, formatVkey } from '#core/note/key.ts';
import { formatNote, formatSignatureLines, parseNote } from '#core/note/note.ts';
import { ADD_CHECKPOINT_BYTES_MAX, formatSizeAnswer, SIZE_MEDIA_TYPE } from '#core/tlog/add-checkpoint.ts';
import { cosign } from '#core/tlog/cosignature.ts';
import { formatSplitView } from '#core/tlog/split-view.ts';
import {
  type Asked,
  decideAddCheckpoint,
  openAddCheckpoint,
  type WitnessDecision,
  type WitnessedLogs,
  type WitnessRefusal,
} from '#core/tlog/witness.ts';
import type { WitnessState } from '../../node/witness-state.ts';

export interface WitnessOptions {
  /** Its key name: an address without a scheme, whose host says whose witness it is. */
  readonly name: string;
  /** Used for nothing else, and under no other name. */
  readonly key: SigningKey;
  readonly logs: WitnessedLogs;
  readonly state: WitnessState;
  readonly ed25519: Ed25519;
  readonly clock: () => number;
  /** Told of a log that has forked. */
  readonly onSplitView: (origin: string) => void;
  /** Told what broke. */
  readonly onTrouble: (thrown: unknown) => void;
}

interface Answer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 413 | 422 | 500 | 503;
  readonly body: string;
  readonly type?: string;
}

const TEXT = 'text/plain; charset=utf-8';
/** How often a request decides again because another one was faster; each time the memory has moved on. */
const ROUNDS_MAX = 16;

/** Opens it. */
export function openWitness(options: WitnessOptions): {
  readonly fetch: (request: Request) => Response | Promise<Response>;
} {
  const { state, logs, onTrouble } = options;
  const origins = new Map([...logs.keys()].map((origin) => [toHex(sha256(utf8(origin))), origin]));
  const app = new Hono();
  const say = ({ status, body, type = TEXT }: Answer) =>
    new Response(body, { status, headers: { 'content-type': type, 'cache-control': 'no-store' } });
  app.onError((thrown) => {
    onTrouble(thrown);
    return say({ status: 500, body: 'this witness can’t answer now: try again later\n' });
  });
  app.notFound(() => say(NOT_THERE));
  app.post('/add-checkpoint', limit(say), async (call) =>
    say(await addCheckpoint(options, new Uint8Array(await call.req.arrayBuffer()))),
  );
  app.get('/:log/checkpoint', async (call) => {
    const origin = origins.get(call.req.param('log'));
    const last = origin === undefined ? undefined : state.last(origin);
    if (last === undefined) return say(NOT_THERE);
    const { text, signatures } = parseNote(last.note);
    return say({ status: 200, body: formatNote({ text, signatures: [...signatures, await sign(options, text)] }) });
  });
  app.get('/:log/split-view', (call) => {
    const origin = origins.get(call.req.param('log'));
    const evidence = origin === undefined ? undefined : state.evidence(origin);
    return say(evidence === undefined ? NOT_THERE : { status: 200, body: evidence, type: 'application/json' });
  });
  app.get('/', () => say({ status: 200, body: describe(options) }));
  return { fetch: (request) => app.fetch(request) };
}

const NOT_THERE: Answer = { status: 404, body: 'not here\n' };

async function addCheckpoint(options: WitnessOptions, body: Uint8Array): Promise<Answer> {
  const opened = await openAddCheckpoint(body, options.logs, options.ed25519);
  if (opened.kind !== 'asked') return refusal(opened);
  const decision = decideDurably(options, opened.asked);
  if (decision === undefined) return { status: 503, body: 'too many at once: try again\n' };
  if (decision.kind !== 'cosign') return refusal(decision);
  // If we crash here, the log asks again from the size that we have stored, and is given the cosignature then.
  const line = await sign(options, opened.asked.text);
  return { status: 200, body: formatSignatureLines([line]) };
}

/** Decides on what is remembered, and remembers it: by compare-and-swap, so that no answer goes back behind another. */
function decideDurably({ state, onSplitView }: WitnessOptions, asked: Asked): WitnessDecision | undefined {
  const { origin } = asked.checkpoint;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const last = state.last(origin);
    const decision = decideAddCheckpoint(last, asked);
    if (decision.kind === 'cosign') {
      if (state.advance(origin, last, decision.to)) return decision;
      continue;
    }
    if ('evidence' in decision && decision.evidence !== undefined) {
      state.keepEvidence(origin, formatSplitView(decision.evidence));
      onSplitView(origin);
    }
    return decision;
  }
  return undefined;
}

function refusal(refused: WitnessRefusal): Answer {
  switch (refused.kind) {
    case 'malformed':
      return { status: 400, body: `${refused.why}\n` };
    case 'origin_unknown':
      return { status: 404, body: 'this witness does not know the log\n' };
    case 'untrusted':
      return { status: 403, body: 'no key that is trusted for this log has signed, or its signature is bad\n' };
    case 'old_above_new':
      return { status: 400, body: 'the old size is above the checkpoint’s\n' };
    case 'conflict':
      return { status: 409, body: formatSizeAnswer(refused.size), type: SIZE_MEDIA_TYPE };
    case 'split_view':
      return { status: 422, body: 'another tree of this size is already cosigned: the log has forked\n' };
    case 'unproved':
      return { status: 422, body: `not consistent with what is already cosigned: ${refused.why}\n` };
    default:
      return refused satisfies never;
  }
}

function sign({ name, key, clock }: WitnessOptions, text: string) {
  return cosign(text, name, key, Math.floor(clock() / 1_000));
}

/** As lines of a policy: whoever trusts them copies them. */
function describe({ name, key, logs }: WitnessOptions): string {
  const own = `witness ${name} ${formatCosignerVkey(cosignerKey(name, key.publicKey))}\n`;
  const known = [...logs.values()].flat().map((log) => `log ${formatVkey(log)}\n`);
  return `# c2sp.org/tlog-witness\n${own}${known.join('')}`;
}

function limit(say: (answer: Answer) => Response) {
  return bodyLimit({
    maxSize: ADD_CHECKPOINT_BYTES_MAX,
    onError: () => say({ status: 413, body: `a body has ${ADD_CHECKPOINT_BYTES_MAX} bytes at most\n` }),
  });
}

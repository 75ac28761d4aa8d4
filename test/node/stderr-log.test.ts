import { afterEach, expect, it, vi } from 'vitest';
import { Failure } from '#core/failure.ts';
import { stderrLog } from '../../src/node/stderr-log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function logged(thrown: unknown): string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  stderrLog.warn('event', thrown);
  return String(write.mock.calls[0]?.[0]);
}

const CANARY = '司徒金丝雀 99000118990101888X';

it('logs a failure with code, message and cause, in one line of JSON', () => {
  const line = logged(new Failure('store_unavailable', 'not now', { cause: new Failure('read_only', 'fenced') }));
  expect(line.split('\n').length).toBe(2);
  expect(JSON.parse(line)).toMatchObject({ event: 'event', code: 'store_unavailable', cause: { code: 'read_only' } });
});

it.each([
  [
    'an error of a driver',
    Object.assign(new Error(`Key (name)=(${CANARY}) already exists`), { code: '23505', detail: CANARY }),
  ],
  ['an error of several lines', new Error(`invalid input:\n${CANARY}\n    at ${CANARY}`)],
  ['an error whose text was changed later', Object.assign(new Error(`x\n${CANARY}`), { message: 'y' })],
  ['a syntax error', parseError()],
  ['text', CANARY],
  ['an object', { message: CANARY }],
])('logs no value that stands in %s, nor in a cause', (_kind, thrown) => {
  for (const each of [thrown, new Failure('store_unavailable', 'not now', { cause: thrown })]) {
    const line = logged(each);
    for (const word of CANARY.split(' ')) expect(line).not.toContain(word);
    vi.restoreAllMocks();
  }
});

it('says where an error of ours came from', () => {
  expect(logged(new TypeError('x'))).toContain('stderr-log.test.ts');
});

function parseError(): unknown {
  try {
    return JSON.parse(`{"name": ${CANARY}}`);
  } catch (error) {
    return error;
  }
}

/** CSV, and lists of accesses in it: read as they were written, or refused with the line that is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Failure } from '#core/failure.ts';
import type { PartyId } from '#core/ids.ts';
import { formatCsv, readCsv, Unreadable } from '../../src/cli/batch/csv.ts';
import { readList } from '../../src/cli/batch/list.ts';
import { cutList } from '../../src/cli/batch/parts.ts';

const recordsOf = (text: string) => [...readCsv(text)].map(({ fields }) => fields);

function failureOf(act: () => unknown): { readonly line?: number; readonly message: string } {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof Unreadable || thrown instanceof Failure) return thrown;
    throw thrown;
  }
  return expect.fail('want a refusal');
}

describe('CSV', () => {
  const field = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a', '张', ' ') }));
  const records = fc
    .array(fc.array(field, { minLength: 1, maxLength: 5 }), { maxLength: 20 })
    .map((rows) => rows.filter((row) => row.length > 1 || row[0] !== ''));

  it('comes back as it was written, whatever stands in its fields', () => {
    fc.assert(
      fc.property(records, (rows) => {
        expect(recordsOf(rows.map(formatCsv).join(''))).toEqual(rows);
      }),
    );
  });

  it('reads the same with quotes around everything, line feeds alone, and no end of the last line', () => {
    const quoted = (row: readonly string[]) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(',');
    fc.assert(
      fc.property(records, (rows) => {
        expect(recordsOf(rows.map(quoted).join('\n'))).toEqual(rows);
      }),
    );
  });

  it('numbers lines as an editor does, also behind fields of several lines', () => {
    fc.assert(
      fc.property(records, (rows) => {
        let line = 1;
        const wanted = rows.map((row) => {
          const begun = line;
          line += formatCsv(row).split('\n').length - 1;
          return begun;
        });
        expect([...readCsv(rows.map(formatCsv).join(''))].map((each) => each.line)).toEqual(wanted);
      }),
    );
  });

  it('is read or refused, and never anything else', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a') });
    fc.assert(
      fc.property(text, (any) => {
        try {
          recordsOf(any);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Unreadable);
        }
      }),
    );
  });

  it.each([
    ['a,b\n"c', 2, 'not closed'],
    ['a\n"b"c', 2, 'after a closing quote'],
    ['a,"b\n"c', 2, 'after a closing quote'],
    ['a\nb\nc"d"', 3, 'inside a field'],
    ['a\rb', 1, 'carriage return'],
  ])('says what is wrong with %j in line %d', (text, line, message) => {
    expect(failureOf(() => recordsOf(text))).toMatchObject({ line, message: expect.stringContaining(message) });
  });

  it('finds a quote that is never closed before a million lines', () => {
    const text = `a,"b\n${'c,d\n'.repeat(1_000_000)}`;
    expect(failureOf(() => recordsOf(text))).toMatchObject({ line: 1, message: expect.stringContaining('not closed') });
  });
});

describe('a list', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-list-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const HANDLE = '0199b1f0c40044445555666677778888';
  const GRANT = '0199b1f0c4006666777788889999aaaa';
  const DOOR = '0199b1f0c40022223333444455556666';
  const HEADER = 'handle,grant,action,purpose,items,door';
  const GOOD = `${HANDLE},${GRANT},QUERY,post_loan,credit_report;credit_info,${DOOR}`;
  const row = {
    handle: HANDLE,
    ground: { grant: GRANT },
    action: 'QUERY',
    purpose: 'post_loan',
    items: ['credit_report', 'credit_info'],
    door: DOOR,
    bound: null,
  };

  function listOf(content: string | Uint8Array, name = 'list.csv') {
    const path = join(folder, name);
    writeFileSync(path, content);
    return [...readList(path)];
  }

  it.each([
    ['as documented', `${HEADER}\n${GOOD}\n`],
    ['with a BOM and CRLF, as a spreadsheet writes it', `\ufeff${HEADER}\r\n${GOOD}\r\n\r\n`],
    ['quoted', `"handle","grant","action","purpose","items","door"\n${GOOD.replaceAll(/[^,]+/g, '"$&"')}`],
    ['in another order', `door,items,purpose,action,grant,handle\n${GOOD.split(',').reverse().join(',')}`],
  ])('is read %s', (_how, text) => {
    expect(listOf(text)).toEqual([{ line: 2, row }]);
  });

  it('is read as JSON lines', () => {
    const { ground: _ground, bound: _bound, ...flat } = row;
    const text = `${JSON.stringify({ ...flat, grant: GRANT })}\n\n${JSON.stringify({ ...flat, grant: GRANT, door: null })}`;
    expect(listOf(text, 'list.jsonl')).toEqual([
      { line: 1, row },
      { line: 3, row: { ...row, door: null } },
    ]);
  });

  it('may leave the door away, where there is none', () => {
    const text = `handle,grant,action,purpose,items\n${HANDLE},${GRANT},SCORE,post_loan,credit_report`;
    expect(listOf(text)).toMatchObject([{ row: { action: 'SCORE', door: null, items: ['credit_report'] } }]);
  });

  it('is refused with every line that is wrong, and never repeats what stands there', () => {
    const bad = `990001189001010014,${GRANT},PEEK,post_loan,,${DOOR}`;
    const { message } = failureOf(() => listOf(`${HEADER}\n${GOOD}\n${bad}\n${GOOD}\n${GOOD.replace(GRANT, 'x')}\n`));
    expect(message).toContain('nothing was sent');
    expect(message).toMatch(/line 3: handle: want an id.*; action: want one of QUERY.*\n {2}line 5: grant: want an id/);
    expect(message).not.toMatch(/110101|PEEK/);
  });

  it('tells twenty lines at most', () => {
    const { message } = failureOf(() => listOf(`${HEADER}\n${'1,2,3,4,5,6\n'.repeat(1_000)}`));
    expect(message.split('\n')).toHaveLength(22);
    expect(message).toContain('and 980 more');
  });

  it.each([
    ['', 'line 1: want the columns handle,grant'],
    [`${HEADER}\n`, 'has no rows'],
    [`${HEADER},name\n${GOOD},x`, 'line 1: want the columns'],
    [`${HEADER},handle\n${GOOD},x`, 'line 1: want the columns'],
    [`${HEADER.replaceAll(',', ';')}\n`, 'with commas between'],
    [`${HEADER}\n${GOOD},more`, 'line 2: 7 fields, want 6'],
    [`${HEADER}\n${GOOD}\n"`, 'line 3: a quoted field is not closed'],
  ])('is refused for %j', (text, wanted) => {
    expect(failureOf(() => listOf(text)).message).toContain(wanted);
  });

  it('in GBK is refused with the line, and what to do', () => {
    // 征信报告 in GBK.
    const gbk = new Uint8Array([0xd5, 0xf7, 0xd0, 0xc5, 0xb1, 0xa8, 0xb8, 0xe6]);
    const { message } = failureOf(() => listOf(Buffer.concat([Buffer.from(`${HEADER}\n${GOOD}\n`), gbk])));
    expect(message).toMatch(/line 3: not UTF-8 \(is it GBK.*CSV UTF-8/);
  });

  it('of JSON lines is refused with the line', () => {
    expect(failureOf(() => listOf('{}\n{', 'bad.jsonl')).message).toMatch(
      /line 1: handle: missing.*\n {2}line 2: not JSON/,
    );
    expect(failureOf(() => listOf('[]', 'bad.jsonl')).message).toContain('line 1: want an object');
    const extra = JSON.stringify({ ...row, grant: GRANT, name: '张' });
    expect(failureOf(() => listOf(extra, 'bad.jsonl')).message).toMatch(/line 1: .*want no other field/);
  });

  it('is cut at the same places each time, into parts that the ledger takes', () => {
    const rows = Array.from({ length: 25_000 }, (_, at) => ({ line: at + 2, row: row as never }));
    const { parts } = cutList(DOOR as PartyId, rows);
    expect(parts.map(({ start, rows: count }) => [start, count])).toEqual([
      [0, 10_000],
      [10_000, 10_000],
      [20_000, 5_000],
    ]);
    expect(parts[0]?.content).toBe(parts[1]?.content);
    expect(JSON.parse(parts[2]?.body as string)).toMatchObject({ principal: DOOR, rows: { length: 5_000 } });
    const long = { ...row, items: Array.from({ length: 60 }, (_, at) => `${'item'.repeat(15)}_${at}`) } as never;
    const { parts: heavy } = cutList(
      DOOR as PartyId,
      Array.from({ length: 5_000 }, (_, at) => ({ line: at, row: long })),
    );
    expect(heavy.length).toBeGreaterThan(1);
    for (const { body } of heavy) expect(body.length).toBeLessThan(8 * 1024 * 1024);
  });
});

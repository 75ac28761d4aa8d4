/** Every value of every table, as bytes: for what must not be anywhere. */
import { sql } from 'kysely';
import type { Store } from '#store/store.ts';

export interface Dump {
  /** Where these bytes are; undefined: nowhere. */
  find(needle: Uint8Array): string | undefined;
  readonly values: number;
}

export async function dumpTables(store: Store): Promise<Dump> {
  const found = await store.read(async (tx) => {
    const { rows: columns } = await sql<{ t: string; c: string }>`
      select table_name as t, column_name as c from information_schema.columns where table_schema = current_schema()
    `.execute(tx);
    const values: (readonly [string, Buffer])[] = [];
    for (const { t, c } of columns) {
      const { rows } = await sql<{ v: unknown }>`select ${sql.ref(c)} as v from ${sql.table(t)}`.execute(tx);
      for (const { v } of rows)
        values.push([`${t}.${c}`, v instanceof Uint8Array ? Buffer.from(v) : Buffer.from(String(v))]);
    }
    return values;
  });
  return {
    find: (needle) => found.find(([, value]) => value.indexOf(needle) >= 0)?.[0],
    values: found.length,
  };
}

/** The forms in which bytes are written down. */
export function formsOf(bytes: Uint8Array): readonly Buffer[] {
  const plain = Buffer.from(bytes);
  const texts = [plain.toString('hex'), plain.toString('base64').replace(/=+$/, ''), plain.toString('base64url')];
  return [plain, ...texts.map((text) => Buffer.from(text))];
}

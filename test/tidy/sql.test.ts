/** The SQL that ships is the SQL in sql/. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GENERATED, generate, statementsOf } from './embed-sql.ts';

it('embeds just what sql/ says: run node test/tidy/embed-sql.ts after changing it', () => {
  expect(readFileSync(GENERATED, 'utf8')).toBe(generate());
});

it('splits at semicolons outside of function bodies, and refuses what does not end', () => {
  const body = 'create function f() returns int language plpgsql as $$\nbegin\n  return 1;\nend\n$$;';
  expect(statementsOf(`-- why\nselect 1;\n\n${body}\n`)).toEqual(['select 1', body.slice(0, -1)]);
  expect(() => statementsOf('select 1')).toThrow('within a statement');
});

/**
 * What a dishonest keeper can do, for the demo: SQL on the database's own files, past this program and its triggers. So
 * it opens them with PGlite itself, the one place outside store/ that does.
 */
import { PGlite } from '@electric-sql/pglite';

/** Changes the first digit of an entry's time, as superuser. */
export async function changeOneByte(folder: string, index: number): Promise<void> {
  const database = await PGlite.create(folder);
  try {
    await database.exec('alter table entries disable trigger all');
    const { affectedRows } = await database.query(
      `update entries set bytes = set_byte(bytes, at, case get_byte(bytes, at) when 49 then 50 else 49 end)
       from (select index as found, position('"time":'::bytea in bytes) + 6 as at from entries where index = $1) as place
       where index = place.found`,
      [index],
    );
    if (affectedRows !== 1) throw new Error(`there is no entry ${index} to change`);
  } finally {
    await database.close();
  }
}

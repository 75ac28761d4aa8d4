/**
 * One real PostgreSQL server for the whole run, with a migrated database on it to be copied, and one PGlite to be copied.
 *
 * `DATABASE_URL` names another server to use instead; its account must be allowed to create databases.
 *
 * @module
 */
import type { TestProject } from 'vitest/node';
import { makePgliteTemplate, TEMPLATE_VARIABLE } from './pglite.ts';
import { COPIED_VARIABLE, makeCopied, startPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server's maintenance database; make a database of your own with `freshDatabase`. */
    postgresUrl: string;
  }
}

const WITHOUT_DATABASE = ['core', 'wire', 'tidy'];

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const names = project.vitest.projects.map((each) => each.name);
  const ends: (() => Promise<void>)[] = [];
  if (names.some((name) => !WITHOUT_DATABASE.includes(name))) {
    const template = await makePgliteTemplate();
    ends.push(template.remove);
    process.env[TEMPLATE_VARIABLE] = template.folder;
    const given = process.env['DATABASE_URL'];
    const server = given ? undefined : await startPostgres();
    if (server !== undefined) ends.push(server.stop);
    const url = given || (server?.url ?? '');
    project.provide('postgresUrl', url);
    const copied = await makeCopied(url);
    process.env[COPIED_VARIABLE] = copied.told;
    ends.unshift(copied.drop);
  }
  return async () => {
    for (const end of ends) await end();
  };
}

/**
 * One real PostgreSQL server for the whole run, for the projects that need one, and one PGlite to be copied.
 *
 * `DATABASE_URL` names another server to use instead; its account must be allowed to create databases.
 *
 * @module
 */
import type { TestProject } from 'vitest/node';
import { makePgliteTemplate, TEMPLATE_VARIABLE } from './pglite.ts';
import { startPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server's maintenance database; make a database of your own with `freshDatabase`. */
    postgresUrl: string;
  }
}

const WITHOUT_POSTGRES = ['core', 'wire', 'client', 'web', 'browser', 'tidy', 'support'];
const WITHOUT_DATABASE = ['core', 'wire', 'tidy'];

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const names = project.vitest.projects.map((each) => each.name);
  const ends: (() => Promise<void>)[] = [];
  if (names.some((name) => !WITHOUT_DATABASE.includes(name))) {
    const template = await makePgliteTemplate();
    ends.push(template.remove);
    process.env[TEMPLATE_VARIABLE] = template.folder;
  }
  if (names.some((name) => !WITHOUT_POSTGRES.includes(name))) {
    const given = process.env['DATABASE_URL'];
    const server = given ? undefined : await startPostgres();
    if (server !== undefined) ends.push(server.stop);
    project.provide('postgresUrl', given || (server?.url ?? ''));
  }
  return async () => {
    for (const end of ends) await end();
  };
}

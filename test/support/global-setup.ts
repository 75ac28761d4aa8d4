/**
 * One real PostgreSQL server for the whole run, for the projects that need one.
 *
 * `DATABASE_URL` names another server to use instead; its account must be allowed to create databases.
 *
 * @module
 */
import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server's maintenance database; make a database of your own with `freshDatabase`. */
    postgresUrl: string;
  }
}

const WITHOUT_POSTGRES = ['core', 'wire', 'client', 'web', 'browser', 'tidy', 'support'];

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const names = project.vitest.projects.map((each) => each.name);
  if (names.every((name) => WITHOUT_POSTGRES.includes(name))) return undefined;
  const given = process.env['DATABASE_URL'];
  if (given) {
    project.provide('postgresUrl', given);
    return undefined;
  }
  const server = await startPostgres();
  project.provide('postgresUrl', server.url);
  return server.stop;
}

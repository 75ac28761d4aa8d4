/** Where the parts of a job are sent to: the one path whose request may be decided long after it was signed. */
import type { JobId } from '../ids.ts';

/**
 * How old a part's signature may be when its rows are decided. A list waits for its turn, and goes on after an outage;
 * what a party signed yesterday, it may not want today.
 */
export const JOB_PART_AGE_MAX_MS = 24 * 60 * 60_000;

/** A job has this many parts at most: ten million rows. */
export const JOB_PARTS_MAX = 1_000;

const JOB_PART_PATH = /^\/v1\/jobs\/[0-9a-f]{32}\/parts\/(?:0|[1-9][0-9]{0,2})$/;

export function jobPartPath(job: JobId, part: number): string {
  return `/v1/jobs/${job}/parts/${part}`;
}

export function isJobPartPath(path: string): boolean {
  return JOB_PART_PATH.test(path);
}

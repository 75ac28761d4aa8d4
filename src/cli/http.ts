/** The client as commands use it: this runtime's fetch and randomness. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, openClient } from '#client/index.ts';

export function clientOf(url: string): Client {
  return openClient({ url, fetch, newKey: randomUUID, sleep: (ms) => sleep(ms) });
}

/** `assent retention --erase`: everything that is due goes, in the ledger of the keeper who signs it. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openClient } from '#client/index.ts';
import { eraseDue } from '../../src/cli/retention-erase.ts';
import { HOST } from '../api/door.ts';
import { ALL_DUE, DECISIONS_DUE, type ErasureScene, openErasureScene } from '../support/erasure-scene.ts';
import { keeperOf } from '../support/ledger-fixture.ts';

describe('retention --erase', () => {
  let scene: ErasureScene;
  beforeEach(async () => {
    scene = await openErasureScene();
  });
  afterEach(() => scene.close());

  async function run() {
    const { door, fixture } = scene;
    const client = openClient({
      url: `http://${HOST}`,
      fetch: async (url, init) => door.app.request(url, init),
      signers: keeperOf(fixture.context),
      clock: fixture.context.clock,
      newKey: randomUUID,
      sleep: async () => {},
    });
    const erased: string[] = [];
    await eraseDue(client, await client.readRetention(), ({ stream, classes }) => {
      erased.push(`${stream.split('/')[0]} ${classes.map((each) => each.class).join('+')}`);
    });
    return erased.toSorted();
  }

  it('erases what is due of relationships and of refusals, and once more nothing', async () => {
    scene.setTime('2022-01-01T10:00:00');
    expect(await run()).toEqual([]);
    scene.setTime(DECISIONS_DUE);
    expect(await run()).toEqual(['refused decisions', 'rel decisions']);
    scene.setTime(ALL_DUE);
    expect(await run()).toContain('rel letters');
    expect(await run()).toEqual([]);
  });
});

/** Races for permits, between servers on one database. */
import { expect } from 'vitest';
import type { Context } from '#service/context.ts';
import { revoke } from './actors.ts';
import { askPermit, grantOf, newQuery, present, type Scene, settleAs } from './releases.ts';

type Two = readonly [Context, Context];

/** Shows one permit many times at once: exactly one is allowed, all others were too late. */
export async function raceRedemptions(contexts: Two, scene: Scene, times: number): Promise<void> {
  const answer = await askPermit(contexts[0], scene.queryAccess);
  const all = await Promise.all(
    Array.from({ length: times }, (_, n) => present(contexts[n % 2] as Context, scene.bureau, answer)),
  );
  const allowed = all.filter(({ decision }) => decision === 'allow');
  expect(allowed).toHaveLength(1);
  const index = allowed[0]?.entry.index as number;
  for (const { decision, codes, entry } of all) {
    if (decision === 'allow') continue;
    expect(codes).toEqual(['REDEEMED']);
    expect(entry.index).toBeGreaterThan(index);
  }
  expect(new Set(all.map(({ entry }) => entry.index)).size).toBe(times);
}

/** Asks many times at once for one use of three, by different items or the same. */
export async function raceUses(contexts: Two, scene: Scene, times: number): Promise<void> {
  const asked = await newQuery(contexts[0], scene, { uses_max: 3, frequency: { count: 2, period_ms: 3_600_000 } });
  const items = [['credit_report'], ['credit_info'], ['credit_info', 'credit_report']];
  const all = await Promise.all(
    Array.from({ length: times }, (_, n) =>
      askPermit(contexts[n % 2] as Context, { ...asked, items: items[n % 3] as readonly string[] }),
    ),
  );
  const permits = all.filter(({ permit }) => permit !== null);
  expect(permits).toHaveLength(2);
  const taken = await Promise.all(
    permits.flatMap((each) => contexts.map((context) => present(context, scene.bureau, each))),
  );
  expect(taken.filter(({ decision }) => decision === 'allow')).toHaveLength(2);
}

/** Takes grants back while their permits are shown, again and again; order is the index. */
export async function raceRevocations(
  contexts: Two,
  scene: Scene,
  rounds: number,
): Promise<{ readonly allowed: number; readonly denied: number }> {
  const met = { allowed: 0, denied: 0 };
  for (let round = 0; round < rounds; round++) {
    const [one, two] = round % 2 === 0 ? contexts : ([contexts[1], contexts[0]] as const);
    const asked = await newQuery(one, scene);
    const answer = await askPermit(one, asked);
    const other = await askPermit(one, { ...asked, items: ['credit_info'] });
    const revoking = later(round % 3).then(() => revoke(two, scene.lender, scene.person, grantOf(asked)));
    const presenting = [answer, other, answer].map((each, n) =>
      later((round + n) % 5).then(() => present(n % 2 === 0 ? one : two, scene.bureau, each)),
    );
    const revoked = await revoking;
    for (const context of contexts) {
      expect((await present(context, scene.bureau, answer)).decision).toBe('deny');
    }
    for (const { access, decision, codes, entry } of await Promise.all(presenting)) {
      if (decision === 'allow') {
        met.allowed++;
        // Or soon too many would wait for their settlement.
        await settleAs(one, scene.bureau, access, 'failed');
        expect(entry.index).toBeLessThan(revoked.entry.index);
      } else if (entry.index > revoked.entry.index) {
        met.denied++;
        expect(codes.filter((code) => code !== 'REVOKED' && code !== 'REDEEMED')).toEqual([]);
      } else expect(codes).toEqual(['REDEEMED']);
    }
  }
  return met;
}

/** Some turns and milliseconds later, so that runs interleave in many ways. */
async function later(which: number): Promise<void> {
  for (let turns = Math.floor(Math.random() * 10); turns > 0; turns--) await Promise.resolve();
  if (which > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * which * 3));
}

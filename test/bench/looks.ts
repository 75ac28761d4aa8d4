/**
 * "Who looked" of a person with many accesses: the first page's time in the server, found by `access_steps` and, in turns,
 * from the entries themselves, as it is where older code appended them.
 *
 *     node test/bench/looks.ts [--accesses 2000] [--rounds 15]
 *
 * It gates nothing: look at the ratios.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { readAllLooks, readLooks } from '#service/person/looks.ts';
import { DATABASES } from '../support/ledger-fixture.ts';
import { openPersonScene, type PersonScene } from '../support/person-scene.ts';
import { startPostgres } from '../support/postgres.ts';

const { values: args } = parseArgs({
  options: { accesses: { type: 'string', default: '2000' }, rounds: { type: 'string', default: '15' } },
});
const [accesses, rounds] = [Number(args.accesses), Number(args.rounds)];
/** So many are asked at once; of as many, one is handed over. */
const AT_ONCE = 20;

type Read = (scene: PersonScene) => Promise<unknown>;

const READS: readonly (readonly [string, Read])[] = [
  ['first page', ({ context, me }) => readLooks(context, me, { window: '2y', after: null })],
  ['whole file', ({ context, me }) => readAllLooks(context, me, '2y')],
];

const postgres = await startPostgres();
try {
  for (const database of DATABASES) {
    const scene = await openPersonScene(undefined, database, postgres.url);
    try {
      await fill(scene);
      for (const [what, read] of READS) await compare(`${database}, ${what}`, scene, read);
    } finally {
      await scene.fixture.close();
    }
  }
} finally {
  await postgres.stop();
}

async function fill(scene: PersonScene): Promise<void> {
  for (let made = 0; made < accesses; made += AT_ONCE) {
    await scene.look(scene.a);
    await Promise.all(
      Array.from({ length: AT_ONCE - 1 }, (_, n) => scene.ask(n % 2 === 0 ? scene.a : scene.b, { purpose: 'review' })),
    );
  }
}

/** In turns, and each pair in the other order, so that what drifts meets both. */
async function compare(what: string, scene: PersonScene, read: Read): Promise<void> {
  const taken = { steps: [] as number[], entries: [] as number[] };
  for (let round = -2; round < rounds; round++) {
    for (const from of round % 2 === 0 ? (['steps', 'entries'] as const) : (['entries', 'steps'] as const)) {
      const stepped = from === 'steps' ? sql`size` : sql`0`;
      await scene.fixture.store.transaction((tx) => sql`update head set stepped = ${stepped}`.execute(tx));
      const start = performance.now();
      await read(scene);
      if (round >= 0) taken[from].push(performance.now() - start);
    }
  }
  const [steps, entries] = [median(taken.steps), median(taken.entries)];
  const ratio = median(taken.entries.map((each, n) => each / (taken.steps[n] as number)));
  console.log(
    `${what} of ${accesses}: ${steps.toFixed(1)} ms, from entries ${entries.toFixed(1)} ms, ${ratio.toFixed(2)} ×`,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

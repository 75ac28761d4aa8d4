/** Opens the ledger and serves it until it is told to stop. A new ledger plays the story into itself. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { AccessId } from '#core/ids.ts';
import { formatPrivatePem, parseVkey } from '#core/note/key.ts';
import { receiptCapability } from '#service/capabilities.ts';
import type { Context } from '#service/context.ts';
import { nativeEd25519 } from '../../native.ts';
import type { Config } from '../../node/config.ts';
import { readKey } from '../../node/key-file.ts';
import { keeperFile, recoveryFile, writeSecret } from '../../node/key-set.ts';
import { type LocalDoor, openLocalDoor } from '../../node/local-door.ts';
import { type Server, serveContext } from '../../node/serve.ts';
import { stderrLog } from '../../node/stderr-log.ts';
import { localOf, type Opened, openNode, random } from '../../node.ts';
import { clientOf, readKeeper } from '../http.ts';
import { EXIT, terminal } from '../output.ts';
import { readShipped } from '../packs/publish.ts';
import { playStory, type Story, templateIn } from '../story.ts';
import { openTour, type Tour } from '../tour/tour.ts';

export async function serveLedger(config: Config): Promise<number> {
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const opened = await openNode(config, stderrLog);
  let server: Server | undefined;
  let tour: Tour | undefined;
  let local: LocalDoor | undefined;
  try {
    let story: Story | undefined = loadStory(config, opened);
    server = await serveContext(opened.context, {
      ...config,
      story: () => story && linksOf(opened.context, story, tour),
      providers: () => [...config.identityProviders, ...(tour === undefined ? [] : [tour.provider])],
    });
    // Others open a PostgreSQL beside us; the embedded one is ours alone, so commands ask us.
    if (opened.database === 'embedded') local = await openLocalDoor(config.dataDir, opened.keyId, localOf(opened));
    describe(config, opened, server);
    if (opened.isNew && config.origin === undefined) story = await tell(config, opened, server);
    if (opened.isNew && config.origin !== undefined) tellNext(server);
    if (story?.cast !== undefined && opened.context.ledger.fenced() === undefined)
      tour = await openStoryTour(config, opened, server, story);
    const tries = story === undefined ? '' : ', or try: npx assent verify receipt-*.json';
    terminal.line(`\nOpen ${server.url}/ in a browser${tries}   (Ctrl-C stops)`);
    if (tour !== undefined)
      terminal.line(`Or play it yourself: ${tour.url}/   (a made-up bank; begin again: npx assent reset-demo)`);
    await stopped;
    terminal.line('\nstopping: the next start goes on with the same ledger');
  } finally {
    await tour?.close();
    await local?.close();
    await server?.close();
    await opened.close();
  }
  return EXIT.holds;
}

function describe(config: Config, opened: Opened, server: Server): void {
  const { context, database, keyId, vkeyFile } = opened;
  const { ledger } = context;
  terminal.line(`Assent serves ${ledger.origin} at ${server.url}`);
  terminal.line(
    database === 'embedded'
      ? `  database  embedded, in ${here(config.dataDir)}/${opened.firstKeyId}: survives the kill of this process, not the loss of power (set DATABASE_URL for that)`
      : '  database  PostgreSQL',
  );
  terminal.line(
    `  keys      ${here(config.dataDir)}/${keyId}.keys.json (secret) · ${here(vkeyFile)} (public: what readers trust)`,
  );
  const keepers = opened.keeper.operators.map((_operator, at) =>
    here(keeperFile(config.dataDir, opened.firstKeyId, at)),
  );
  terminal.line(`  keeper    two keys, both needed for what the keeper does: ${keepers.join(' · ')}`);
  if (opened.isNew) {
    terminal.line('            this start made and used both; for real use give each to another person');
    terminal.line(
      `  recovery  ${here(recoveryFile(config.dataDir, keyId))}: take it off this machine; no server needs it`,
    );
  }
  terminal.line(
    `  signer    ${ledger.signs ? join(config.stateDir, `${keyId}.signer`) : 'another process on this ledger signs checkpoints'}`,
  );
  if (config.witnessPolicy !== undefined) terminal.line(`  witnesses ${here(config.witnessPolicy)}`);
  const fenced = ledger.fenced();
  if (fenced !== undefined) terminal.line(`  READ-ONLY ${fenced}`);
}

/** A real ledger begins with its keeper, and nobody else. */
function tellNext(server: Server): void {
  terminal.line('\nThe ledger is new and empty: its keeper is registered, nobody else. Next, in another shell:');
  terminal.line(`  npx assent keygen lender.pem`);
  terminal.line(`  npx assent party register --url ${server.url} --name "…" --role grantee --key lender.pem`);
}

/** Plays the story through our own door, and keeps its receipts and the keys of its parties. */
async function tell(config: Config, opened: Opened, server: Server): Promise<Story> {
  const { dataDir } = config;
  const { keyId, keeper } = opened;
  terminal.line('\nThe ledger is new. A story is played into it (everybody in it is made up):');
  const { story, lender } = await playStory({
    clientOf: (signers) => clientOf(server.url, signers, config.authorities[0]),
    keeper: await readKeeper(keeper, { dataDir, keyId }),
    packs: readShipped(),
    keep(name, party, seed) {
      writeSecret(join(dataDir, `${keyId}.${name}.pem`), formatPrivatePem(seed));
      terminal.line(`  ${name.padEnd(10)} party ${party}, key ${here(join(dataDir, `${keyId}.${name}.pem`))}`);
    },
    origin: opened.context.ledger.origin,
    vkey: parseVkey(opened.context.ledger.vkey),
    ed25519: nativeEd25519,
    random,
    clock: Date.now,
    say: (line) => terminal.line(`  ${line}`),
  });
  for (const access of [story.allowed, story.denied, story.refused]) {
    const file = `receipt-${access}.json`;
    writeFileSync(file, await lender.receipt(access));
    terminal.line(`  receipt   ${file}`);
  }
  writeFileSync(storyFile(config, opened), JSON.stringify(story), { mode: 0o600 });
  return story;
}

function loadStory(config: Config, opened: Opened): Story | undefined {
  const file = storyFile(config, opened);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Story) : undefined;
}

/** What the front page points to. Receipts open by capability there: a browser has no party's key. */
function linksOf(context: Context, { letter, allowed, denied, refused }: Story, tour: Tour | undefined) {
  const accessOf = (access: AccessId, codes: readonly string[]) => {
    const capability = receiptCapability(context, access);
    return { access, codes, receipt: `/v1/receipts/${capability}`, page: `/receipts/${capability}` };
  };
  return {
    letter,
    grants: [
      { action: 'QUERY', withdrawn: true },
      { action: 'REPORT', withdrawn: false },
    ],
    allow: accessOf(allowed, []),
    deny: [accessOf(denied, ['PURPOSE']), accessOf(refused, ['REVOKED'])],
    ...(tour === undefined ? {} : { tour: tour.url }),
  };
}

/**
 * The made-up bank and identity provider beside a demo, on the two ports after its own. A demo whose tour can't open (one of
 * the ports is taken, say) is served without.
 */
async function openStoryTour(config: Config, opened: Opened, server: Server, story: Story): Promise<Tour | undefined> {
  const { port } = config;
  const opening = openTour({
    context: opened.context,
    cast: story.cast,
    keyOf: (name) => readKey(join(config.dataDir, `${opened.keyId}.${name}.pem`)),
    template: templateIn(readShipped()),
    ledgerUrl: server.url,
    host: config.host,
    ports: port === 0 ? [0, 0] : [port + 1, port + 2],
  });
  return opening.catch((thrown: unknown) => {
    terminal.line(`\n  no tour   ${thrown instanceof Error ? thrown.message : thrown}`);
    return undefined;
  });
}

/** Ids only: which letter and accesses the front page points to. */
function storyFile(config: Config, { keyId }: Opened): string {
  return join(config.dataDir, `${keyId}.story.json`);
}

function here(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : `./${short}`;
}

/** `assent serve`: opens the ledger and serves it until it is told to stop. A new ledger plays the story into itself. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { nativeEd25519 } from '../../native.ts';
import { type Config, readConfig } from '../../node/config.ts';
import { type Server, serveContext } from '../../node/serve.ts';
import { stderrLog } from '../../node/stderr-log.ts';
import { type Opened, openNode, random } from '../../node.ts';
import { readArgs } from '../args.ts';
import { clientOf } from '../http.ts';
import { EXIT, terminal } from '../output.ts';
import { playStory, type Story } from '../story.ts';

export async function serveCommand(args: readonly string[]): Promise<number> {
  readArgs(args, {}, 'none');
  const config = readConfig(process.env);
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const opened = await openNode(config, stderrLog);
  let server: Server | undefined;
  try {
    let story: Story | undefined = loadStory(config, opened);
    server = await serveContext(opened.context, { ...config, story: () => story && linksOf(story) });
    describe(config, opened, server);
    if (opened.isNew) story = await tell(config, opened, server);
    terminal.line(`\nOpen ${server.url}/ in a browser, or try: npx assent verify receipt-*.json   (Ctrl-C stops)`);
    await stopped;
    terminal.line('\nstopping: the next start goes on with the same ledger');
  } finally {
    await server?.close();
    await opened.close();
  }
  return EXIT.holds;
}

function describe(config: Config, { context, database, keyId, vkeyFile }: Opened, server: Server): void {
  const { ledger } = context;
  terminal.line(`Assent serves ${ledger.origin} at ${server.url}`);
  terminal.line(
    database === 'embedded'
      ? `  database  embedded, in ${here(config.dataDir)}/${keyId}: survives the kill of this process, not the loss of power (set DATABASE_URL for that)`
      : '  database  PostgreSQL',
  );
  terminal.line(
    `  keys      ${here(config.dataDir)}/${keyId}.keys.json (secret) · ${here(vkeyFile)} (public: what readers trust)`,
  );
  terminal.line(
    `  signer    ${ledger.signs ? join(config.stateDir, `${keyId}.signer`) : 'another process on this ledger signs checkpoints'}`,
  );
  const fenced = ledger.fenced();
  if (fenced !== undefined) terminal.line(`  READ-ONLY ${fenced}`);
}

/** Plays the story through our own door, and keeps its receipts. */
async function tell(config: Config, opened: Opened, server: Server): Promise<Story> {
  terminal.line('\nThe ledger is new. A story is played into it (everybody in it is made up):');
  const client = clientOf(server.url);
  const story = await playStory({
    client,
    origin: opened.context.ledger.origin,
    ed25519: nativeEd25519,
    random,
    clock: Date.now,
    say: (line) => terminal.line(`  ${line}`),
  });
  for (const access of [story.allowed, story.denied, story.refused]) {
    const file = `receipt-${access}.json`;
    writeFileSync(file, await client.receipt(access));
    terminal.line(`  receipt   ${file}`);
  }
  writeFileSync(storyFile(config, opened), JSON.stringify(story), { mode: 0o600 });
  return story;
}

function loadStory(config: Config, opened: Opened): Story | undefined {
  const file = storyFile(config, opened);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Story) : undefined;
}

/** What the front page points to. */
function linksOf({ letter, query, report, allowed, denied, refused }: Story) {
  const accessOf = (access: string, codes: readonly string[]) => ({
    access,
    codes,
    receipt: `/v1/accesses/${access}/receipt`,
  });
  return {
    letter,
    grants: [
      { grant: query, action: 'QUERY' },
      { grant: report, action: 'REPORT' },
    ],
    allow: accessOf(allowed, []),
    deny: [accessOf(denied, ['PURPOSE']), accessOf(refused, ['REVOKED'])],
  };
}

/** Ids only: which letter and accesses the front page points to. */
function storyFile(config: Config, { keyId }: Opened): string {
  return join(config.dataDir, `${keyId}.story.json`);
}

function here(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : `./${short}`;
}

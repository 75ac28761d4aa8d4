/** Classes of items on the command line: linted and compared in folders, published, and listed as they are in force. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ended, type Home, launch, newHome, printed, type Ran, run } from '../support/command.ts';
import { SOCIAL_INSURANCE, treePack } from '../support/tree-pack.ts';

let home: Home;
let server: ChildProcess;
let end: Promise<Ran>;
let url: string;
/** JSON is YAML. A folder is called as its pack, so each version has a folder of its own above it. */
const write = (above: string, pack: object): void => {
  mkdirSync(join(home.folder, above, 'tree'), { recursive: true });
  writeFileSync(join(home.folder, above, 'tree', 'pack.yaml'), JSON.stringify(pack));
};

beforeAll(async () => {
  home = newHome();
  server = launch(home, ['serve'], { ASSENT_ORIGIN: 'ledger.test.example/consent' });
  end = ended(server);
  url = /at (http:\S+)/.exec(await printed(server, /Ctrl-C stops/))?.[1] ?? '';
  write('v1', treePack(1));
  write('v2', treePack(2));
}, 60_000);
afterAll(async () => {
  server.kill('SIGTERM');
  expect(await end).toMatchObject({ code: 0 });
  home.remove();
});

it('lint says how many there are, and how many items stand in one', async () => {
  const { code, stdout } = await run(home, ['pack', 'lint', 'v1/tree']);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^tree 1: clean, 33 classes with 96 items, \d+ bytes, SHA-256 /),
  });
});

it('diff says what a class has more or less, and that no old grant has it', async () => {
  expect((await run(home, ['pack', 'diff', 'v1/tree', 'v2/tree'])).stdout).toBe(
    `tree 1 → tree 2\nversion: 1 → 2\nitems: + item_97\ntemplates: ~ huabei_letter 1\nclass ${SOCIAL_INSURANCE}: + item_97\nwider in items: item_97\n` +
      'Grants already given keep the version they were given under and cover none of this: it takes a new letter.\n',
  );
  const moved = treePack(1);
  const items = moved.items.map((item) => (item.id === 'item_1' ? { ...item, class: 'class_1_1' } : item));
  write('moved', { ...moved, items });
  expect((await run(home, ['pack', 'diff', 'v1/tree', 'moved/tree'])).stdout).toBe(
    `tree 1 → tree 1\nitems: ~ item_1\nclass class_1_1: + item_1\nclass ${SOCIAL_INSURANCE}: - item_1\n`,
  );
});

it('list shows the tree that is in force, each class with its items counted', async () => {
  expect(await run(home, ['pack', 'publish', 'v1/tree', '--url', url])).toMatchObject({ code: 0, stderr: '' });
  const { code, stdout } = await run(home, ['pack', 'list', '--url', url]);
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  const at = lines.indexOf('    class_2  示例社会保障类 · Example class 2  16 items');
  expect(lines[at + 1]).toBe(`      ${SOCIAL_INSURANCE}  示例社会保障小类1 · Example part 2.1  4 items`);
  expect(lines.filter((line) => line.startsWith('    '))).toHaveLength(33);
});

/**
 * The lock file installs on every platform and from any registry.
 *
 * A registry that lacks the build of some other platform makes npm leave it out of the lock file without a
 * word, and then `npm ci` refuses that lock file.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const packages: Record<string, Locked> = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

test('names a version for every package, and a registry for none', () => {
  const dependencies = Object.entries(packages).filter(([path]) => path !== '');
  expect(dependencies.filter(([, each]) => !each.version)).toEqual([]);
  expect(dependencies.filter(([, each]) => each.resolved)).toEqual([]);
});

test('holds the builds of every platform', () => {
  const wanted = Object.entries(packages).flatMap(([path, each]) =>
    Object.keys(each.optionalDependencies ?? {}).map((name) => ({ path, name })),
  );
  const missing = wanted.filter(({ path, name }) => {
    const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
    return !places.some((place) => place in packages);
  });
  expect(missing).toEqual([]);
});

test('decides about every install script', () => {
  const scripted = Object.entries(packages).filter(([, each]) => each.hasInstallScript);
  const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(names)].sort());
});

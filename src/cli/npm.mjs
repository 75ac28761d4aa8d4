/**
 * npm runs a script in a shell, which passes no signal on: who ends npm ends the shell, and a server would be left behind.
 *
 * @module
 */

const LOOK_EVERY_MS = 500;

/**
 * Calls `end` once the shell of npm that we were started in is gone. Started by anything but npm, we outlive who did it.
 *
 * @param {() => void} end
 */
export function endWithNpm(end) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    end();
  }, LOOK_EVERY_MS);
  looking.unref();
}

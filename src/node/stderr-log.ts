/** The server's log on stderr. */
import { logTo } from '../log-line.ts';

export const stderrLog = logTo((line) => process.stderr.write(`${line}\n`));

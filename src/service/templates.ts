/** Linting letters and templates, by the items of the packs in force. */

import { logIn } from '#core/consent/log.ts';
import { kindsIn, versionsOn } from '#core/consent/pack-life.ts';
import { Failure } from '#core/failure.ts';
import { type Finding, hasError, lintLetter } from '#core/letter-template/lint.ts';
import type { Template } from '#core/letter-template/template.ts';
import { dayAt } from '#core/pack/reckon.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { readClock } from '#store/head.ts';
import { loadStreams } from '#store/streams.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { viewOf } from './view.ts';

export interface Linted {
  /** Whether a pack with this template could be published. */
  readonly publishable: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Looks through a letter's text, a template, or both. Nothing is written or kept.
 *
 * @throws {Failure} `input_invalid`, if there is neither.
 */
export async function lintTemplate(
  { ledger }: Context,
  caller: Caller,
  { text, template }: { readonly text: string | null; readonly template: Template | null },
): Promise<Linted> {
  requirePartyCaller(caller);
  const packs = await ledger.store.read(async (tx) => {
    const log = logIn(viewOf(await loadStreams(tx, [LOG_STREAM])));
    await ledger.packs.load(tx, log);
    const now = await readClock(tx);
    const versions = log === undefined ? [] : versionsOn(log, dayAt(now), now);
    return versions.flatMap(({ digest }) => ledger.packs.get(digest) ?? []);
  });
  if (text === null && template === null) throw new Failure('input_invalid', 'want a text, a template, or both');
  const given = text === null ? { text, template: template as Template } : { text, template };
  const findings = lintLetter(given, kindsIn(packs));
  return { publishable: !hasError(findings), findings };
}

/** The document that a person is known by, as a clerk typed it: a number that none of its kind has goes nowhere. */
import type { Client } from '#client/client.ts';
import { isFailure } from '#core/failure.ts';
import { requireIdentifier } from '#core/identifier/identifier.ts';
import { dayAt } from '#core/pack/reckon.ts';
import { textOf } from './dom.ts';
import { Wanted } from './wanted.ts';

type Document = Parameters<Client['findIdentifiedKeys']>[0]['identity'];

/** @throws {Wanted} if none of its kind has such a number. */
export function documentOf(form: HTMLFormElement): Document {
  const document = { id_type: textOf(form, 'id_type') as Document['id_type'], id_number: textOf(form, 'id_number') };
  try {
    requireIdentifier(document, 'identity', { today: dayAt(Date.now()), legacy: false });
  } catch (thrown) {
    throw isFailure(thrown, 'identifier_invalid') ? new Wanted('want_id_number', 'id_number') : thrown;
  }
  return document;
}

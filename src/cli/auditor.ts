/** The auditor's hands: where the ledger is, and the key that its bundles are shown to. */
import { partySignatory, type Signatory } from '#client/index.ts';
import { type PartyId, parseId } from '#core/ids.ts';
import { readKey } from '../node/key-file.ts';
import { Usage } from './output.ts';

/** Options of every command that reads a ledger as its auditor. */
export const AUDITOR_OPTIONS = {
  party: { type: 'string' },
  key: { type: 'string' },
  authority: { type: 'string' },
} as const;

interface AuditorValues {
  readonly party?: string;
  readonly key?: string;
  readonly authority?: string;
}

/** @throws {Usage} @throws {Failure} `input_invalid`, `key_invalid` */
export async function auditorOf(
  command: string,
  { party, key, authority }: AuditorValues,
): Promise<{ readonly signers: readonly Signatory[]; readonly authority: string | undefined }> {
  if (party === undefined || key === undefined)
    throw new Usage(`${command}: want --party ID and --key FILE, of a party with the role auditor`);
  return { signers: [partySignatory(parseId<PartyId>(party), await readKey(key))], authority };
}

/** The one address that is given, without a slash at its end. @throws {Usage} */
export function urlOf(command: string, [url, ...more]: readonly string[]): string {
  if (url === undefined || more.length > 0 || !/^https?:\/\/[^/?#\s]+(?:\/[^?#\s]*)?$/.test(url))
    throw new Usage(`${command}: want the address of the ledger, such as http://127.0.0.1:8787`);
  return url.replace(/\/+$/, '');
}

/**
 * What this browser keeps of the desk: the operator's key, which can't be read out, and the party's own letterhead
 * (IndexedDB); and ids of letters, for who looks them up again. Nothing of any person.
 *
 * @module
 */
import type { LetterHead } from './draft.ts';
import type { Operator } from './keys.ts';

interface Kept {
  readonly operator: Operator;
  readonly letterhead: LetterHead;
}

const DATABASE = 'assent-desk';
const RECORDS = 'records';

export async function loadKept<K extends keyof Kept>(name: K): Promise<Kept[K] | undefined> {
  return inStore('readonly', (records) => records.get(name)) as Promise<Kept[K] | undefined>;
}

export async function keep<K extends keyof Kept>(name: K, value: Kept[K]): Promise<void> {
  await inStore('readwrite', (records) => records.put(value, name));
}

/** Forgets the key, and which letters were looked at. */
export async function forget(): Promise<void> {
  await inStore('readwrite', (records) => records.delete('operator' satisfies keyof Kept));
  localStorage.removeItem(LETTERS);
}

async function inStore(mode: IDBTransactionMode, run: (records: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await settled(openDatabase());
  try {
    return await settled(run(database.transaction(RECORDS, mode).objectStore(RECORDS)));
  } finally {
    database.close();
  }
}

function openDatabase(): IDBOpenDBRequest {
  const opening = indexedDB.open(DATABASE, 1);
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(RECORDS));
  return opening;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}

const LETTERS = 'assent-desk-letters';
const LETTERS_MAX = 20;
const LETTER_ID = /^[0-9a-f]{32}$/;

/** The ids of letters that were drafted or looked at here, newest first. */
export function lettersKept(): readonly string[] {
  const ids = (localStorage.getItem(LETTERS) ?? '').split(' ');
  return ids.filter((id) => LETTER_ID.test(id));
}

export function keepLetter(letter: string): void {
  const ids = [letter, ...lettersKept().filter((each) => each !== letter)];
  localStorage.setItem(LETTERS, ids.slice(0, LETTERS_MAX).join(' '));
}

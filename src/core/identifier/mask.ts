/**
 * Masked personal data: enough for who knows the person to see that it is the right one, and no more.
 *
 * @module
 */

const SHOWN = 4;
/** Where fewer characters than this would be hidden between those that are shown, fewer are shown. */
const HIDDEN_MIN = 6;

/** The first character, whatever plane it is of, and a ＊ for each further one; of one character alone nothing. */
export function maskName(name: string): string {
  const [first = '', ...others] = Array.from(name);
  return others.length === 0 ? '＊' : `${first}${'＊'.repeat(others.length)}`;
}

/** The first four and the last four characters of a document's number; of a short one the last two. */
export function maskNumber(number: string): string {
  const isShort = number.length - 2 * SHOWN < HIDDEN_MIN;
  return isShort ? masked(number, 0, 2) : masked(number, SHOWN, SHOWN);
}

/** The last four digits of a telephone number; of a short one the last two. */
export function maskPhone(phone: string): string {
  return masked(phone, 0, phone.length - SHOWN < HIDDEN_MIN ? 2 : SHOWN);
}

function masked(text: string, head: number, tail: number): string {
  const hidden = Math.max(text.length - head - tail, 0);
  const shown = text.length > head + tail ? text.slice(text.length - tail) : '*'.repeat(text.length);
  return `${text.slice(0, hidden === 0 ? 0 : head)}${'*'.repeat(hidden)}${shown}`;
}

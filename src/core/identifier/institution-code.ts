/**
 * The code of a financial institution (金融机构编码): a letter and 13 digits. Only its shape is looked at: how its last
 * digit is reckoned is not published.
 *
 * @returns What is wrong with it, or null.
 */
export function checkInstitutionCode(code: string): string | null {
  if (/^[A-Z][0-9]{13}$/.test(code)) return null;
  // Banks print the number of their licence, which is another, beside it.
  if (/^[A-Z][0-9]{4}[A-Z][0-9]{9}$/.test(code))
    return 'want the institution’s code, not the number of its financial licence';
  return 'want a letter and 13 digits';
}

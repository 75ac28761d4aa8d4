/** What a mask leaves to be seen. */
import { expect, test } from 'vitest';
import { maskName, maskNumber, maskPhone } from '#core/identifier/mask.ts';

test.each([
  ['示例人甲', '示＊＊＊'],
  ['古丽·示例', '古＊＊＊＊'],
  // Characters beyond the first plane are one character each.
  ['𬱖𠮷', '𬱖＊'],
  ['龘', '＊'],
  ['', '＊'],
])('of the name %s is %s', (name, masked) => expect(maskName(name)).toBe(masked));

test.each([
  ['990001189001010014', '9900**********0014'],
  ['99000118900101', '9900******0101'],
  // Of a short one most would be seen.
  ['E12345678', '*******78'],
  ['123', '*23'],
  ['12', '**'],
  ['1', '*'],
])('of the number %s is %s', (number, masked) => expect(maskNumber(number)).toBe(masked));

test.each([
  ['00000001234', '*******1234'],
  ['62951234', '******34'],
  ['0', '*'],
])('of the telephone number %s is %s', (phone, masked) => expect(maskPhone(phone)).toBe(masked));

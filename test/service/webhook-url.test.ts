import { describe, expect, test } from 'vitest';
import { isPublicAddress, parseWebhookUrl } from '#service/webhook-url.ts';
import { expectFailure } from '../support/failure.ts';

describe('where a webhook may go', () => {
  test.each([
    ['https://lender.example/hook', 'https://lender.example/hook'],
    ['https://LENDER.example:8443/a?b=c', 'https://lender.example:8443/a?b=c'],
    ['https://示例.example', 'https://xn--fsq092h.example/'],
    ['https://93.184.215.14/', 'https://93.184.215.14/'],
    ['https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/', 'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/'],
  ])('is %s', (text, href) => {
    expect(parseWebhookUrl(text, false)).toBe(href);
  });

  test.each([
    '',
    'lender.example',
    'http://lender.example/',
    'ftp://lender.example/',
    'https://user@lender.example/',
    'https://user:secret@lender.example/',
    'https://:secret@lender.example/',
    'https://lender.example/#part',
    `https://lender.example/${'a'.repeat(512)}`,
    'https://localhost/',
    'https://a.localhost/',
    'https://intern/',
    'https://db.internal/',
    'https://printer.local/',
    'https://localhost./',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://0/',
    'https://10.1.2.3/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://172.31.255.255/',
    'https://192.168.0.1/',
    'https://198.19.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[ff02::1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001::1]/',
    'https://[2001:db8::1]/',
  ])('is not %s', (text) => {
    expectFailure('input_invalid', () => parseWebhookUrl(text, false));
  });

  test('is this machine where nobody else reaches it, without TLS too; nothing else is laxer there', () => {
    for (const url of ['http://127.0.0.1:8787/a', 'http://localhost:1/', 'https://[::1]/', 'http://127.9.9.9/']) {
      expect(parseWebhookUrl(url, true)).toBe(url);
      expectFailure('input_invalid', () => parseWebhookUrl(url, false));
    }
    for (const url of ['http://lender.example/', 'http://10.0.0.1/', 'https://10.0.0.1/', 'ws://127.0.0.1/'])
      expectFailure('input_invalid', () => parseWebhookUrl(url, true));
  });

  test.each([
    ['172.15.255.255', true],
    ['172.16.0.0', false],
    ['172.32.0.0', true],
    ['100.63.255.255', true],
    ['100.128.0.0', true],
    ['223.255.255.255', true],
    ['2001:1ff::1', false],
    ['2001:200::1', true],
    ['2003::1', true],
    ['3fef::1', true],
    ['3fff::1', false],
    ['4000::1', false],
    ['1fff::1', false],
    ['fe80::1%eth0', false],
    ['nonsense', false],
    ['', false],
  ])('judges the address %s: public %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic);
  });
});

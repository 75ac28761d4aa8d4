/**
 * Takes a picture of a page of a running server, for docs/:
 *
 *     npm start
 *     node test/browser/shoot.ts http://localhost:8787/ docs/screens/home-phone.png --width=360 --dark
 */
import { parseArgs } from 'node:util';
import { openBrowser, openPage } from './support/browser.ts';
import { shoot } from './support/shoot.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    width: { type: 'string', default: '1280' },
    height: { type: 'string', default: '800' },
    lang: { type: 'string', default: 'zh-CN' },
    dark: { type: 'boolean', default: false },
    window: { type: 'boolean', default: false },
  },
});
const [url, file] = positionals;
if (url === undefined || file === undefined) throw new Error('want: shoot.ts <url> <file.png> [--width=360] [--dark]');

const browser = await openBrowser();
try {
  const { page, close } = await openPage(browser, {
    width: Number(values.width),
    height: Number(values.height),
    lang: values.lang,
    scheme: values.dark ? 'dark' : 'light',
  });
  await page.goto(url);
  await shoot(page, file, { whole: !values.window });
  await close();
} finally {
  await browser.close();
}

/**
 * The page that verifies receipts, served or from disk: it asks nobody, and stores nothing.
 *
 * @module
 */
import { find } from '../desk/dom.ts';
import { openPage } from './page.ts';

const root = document.documentElement;
const page = openPage(root, find(document, 'main'), find(document, 'footer > .inner'));

// Anywhere on the page: a browser would otherwise open a file that missed a smaller target.
root.addEventListener('dragover', (event) => {
  event.preventDefault();
  root.classList.add('dropping');
});
root.addEventListener('dragleave', () => root.classList.remove('dropping'));
root.addEventListener('drop', (event) => {
  event.preventDefault();
  root.classList.remove('dropping');
  const files = [...(event.dataTransfer?.files ?? [])];
  const [first] = files;
  const field = event.target instanceof Element ? event.target.closest('[data-takes]') : null;
  const takes = field?.getAttribute('data-takes');
  if (takes === 'stamp') void page.takeStamp(files);
  else if (takes !== 'policy') void page.take(files);
  else if (first !== undefined) void page.takePolicy(first);
});

/** The page around the verdicts: how it is shown, whose key and which witnesses are trusted, which files are looked at. */
import type { WitnessTerms } from '#core/consent/witnessing.ts';
import { Failure } from '#core/failure.ts';
import { parseVkey, type VerifierKey } from '#core/note/key.ts';
import { make } from '../desk/dom.ts';
import { type Examined, examine } from './examine.ts';
import { type PolicyFault, type PolicyHandlers, policyPart, readPolicyFile, termsOf, type Wanted } from './policy.ts';
import { showExamined } from './show-verdict.ts';
import { type StampFiles, sortStampFiles, stampPart } from './stamp.ts';
import { type Lang, type Tongue, tongueOf } from './words.ts';

/** What the page is about, apart from how it is shown. */
interface State {
  vkey: string;
  /** The key that the ledger which served the page said was its own; empty: none did. */
  readonly given: string;
  /** Which witnesses the reader wants, and of which time. */
  wanted: Wanted;
  fault: PolicyFault | null;
  stamp: StampFiles;
  /** Names of files that were chosen for it and are nothing of the kind. */
  unknown: readonly string[];
  files: readonly File[];
  results: readonly Examined[];
  /** The log of the key that the results were verified against. */
  log: string;
  problem: 'key_missing' | 'key_invalid' | 'none' | null;
  isBusy: boolean;
}

export interface Page {
  /** Looks at files that were dropped onto the page. */
  take(files: readonly File[]): Promise<void>;
  /** Reads the policy that was dropped onto its field. */
  takePolicy(file: File): Promise<void>;
  /** Reads what was dropped onto the field of the time-stamp. */
  takeStamp(files: readonly File[]): Promise<void>;
}

const SIZES = ['usual', 'larger', 'larger2', 'larger3'] as const;

/** Builds the page into the element, out of what its root says: its language, its size, a key to begin with. */
export function openPage(root: HTMLElement, main: HTMLElement, foot: HTMLElement): Page {
  const state = beginning(root.dataset['vkey'] ?? '');

  function draw(): void {
    const tongue = tongueOf(langOf(root));
    document.title = `${tongue.words.title} · Assent`;
    main.replaceChildren(
      ...body(tongue, state, { onKey, onWanted, onPolicyFile, onStampFiles, onFiles, onSubmit: run }),
    );
    foot.replaceChildren(choices(root, tongue, draw), make('p', { class: 'promise' }, tongue.words.promise));
  }

  function onKey(text: string): void {
    state.vkey = text;
  }

  function onWanted(said: Wanted): void {
    state.wanted = said;
  }

  /** What was said of other witnesses no longer counts: files that were chosen are looked at again. */
  async function onPolicyFile(file: File): Promise<void> {
    await again(await readPolicy(state, file));
  }

  async function onStampFiles(files: readonly File[]): Promise<void> {
    await again(await readStamp(state, files));
  }

  async function again(isRead: boolean): Promise<void> {
    state.results = [];
    if (isRead && state.files.length > 0) await run();
    else show();
  }

  async function onFiles(files: readonly File[]): Promise<void> {
    state.files = files;
    state.results = [];
    if (files.length > 0) await run();
  }

  async function run(): Promise<void> {
    if (state.isBusy) return;
    state.results = [];
    const vkey = trustedKey(state);
    const asked = vkey === undefined ? undefined : wantedOf(state, vkey);
    if (vkey !== undefined && asked !== undefined) {
      state.isBusy = true;
      draw();
      const results: Examined[] = [];
      const terms = { vkey, witnesses: asked.terms, stamp: state.stamp };
      for (const file of state.files) results.push(await examine(file, terms));
      Object.assign(state, { results, log: vkey.name, isBusy: false });
    }
    show();
  }

  function show(): void {
    draw();
    main.querySelector<HTMLElement>('[data-focus]')?.focus();
  }

  draw();
  return { take: onFiles, takePolicy: onPolicyFile, takeStamp: onStampFiles };
}

function beginning(given: string): State {
  const wanted: Wanted = { policy: '', hours: '' };
  return {
    ...{ vkey: given, given, wanted, fault: null, stamp: {}, unknown: [] },
    ...{ files: [], results: [], log: '', problem: null, isBusy: false },
  };
}

/** Answers whether it could be read; if not, the state says so. */
async function readPolicy(state: State, file: File): Promise<boolean> {
  const text = await readPolicyFile(file);
  state.fault = text === null ? { problem: 'policy_unread', detail: '' } : null;
  if (text !== null) state.wanted = { ...state.wanted, policy: text };
  return text !== null;
}

/** The same of a time-stamp and what belongs to it. */
async function readStamp(state: State, files: readonly File[]): Promise<boolean> {
  const { found, unknown } = await sortStampFiles(files, state.stamp);
  Object.assign(state, { stamp: found, unknown });
  return unknown.length === 0;
}

/** Undefined, where what was filled in is no policy: then the state says so. */
function wantedOf(state: State, vkey: VerifierKey): { readonly terms: WitnessTerms | undefined } | undefined {
  const asked = termsOf(state.wanted, vkey, Date.now());
  state.fault = 'problem' in asked ? asked : null;
  return 'problem' in asked ? undefined : asked;
}

/** Undefined, where it is none: then the state says so. */
function trustedKey(state: State): VerifierKey | undefined {
  // Mail breaks long lines; a vkey has no space.
  const text = state.vkey.replace(/\s/g, '');
  state.problem = text === '' ? 'key_missing' : null;
  if (text === '') return undefined;
  try {
    const vkey = parseVkey(text);
    state.problem = state.files.length === 0 ? 'none' : null;
    return state.files.length === 0 ? undefined : vkey;
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    state.problem = 'key_invalid';
    return undefined;
  }
}

function langOf(root: HTMLElement): Lang {
  return root.lang === 'en' ? 'en' : 'zh-CN';
}

interface Handlers extends PolicyHandlers {
  onKey(text: string): void;
  onStampFiles(files: readonly File[]): Promise<void>;
  onFiles(files: readonly File[]): Promise<void>;
  onSubmit(): Promise<void>;
}

function body(tongue: Tongue, state: State, on: Handlers): readonly HTMLElement[] {
  const { words } = tongue;
  const form = make(
    'form',
    {},
    keyPart(tongue, state, on),
    policyPart(tongue, state.wanted, state.fault, on),
    stampPart(tongue, state.stamp, state.unknown, on.onStampFiles),
    filePart(tongue, state, on),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void on.onSubmit();
  });
  return [
    make('div', { class: 'heading' }, make('h1', {}, words.title), make('p', { class: 'lede' }, words.lede)),
    ...servedLinks(tongue),
    form,
    ...resultsPart(tongue, state),
  ];
}

/** From disk there is no ledger to lead to. */
function servedLinks({ words }: Tongue): readonly HTMLElement[] {
  if (!location.protocol.startsWith('http')) return [];
  const home = make('a', { class: 'button quiet', href: '/' }, words.served.home);
  const save = make('a', { class: 'button quiet', href: '/verify', download: 'assent-verify.html' }, words.served.save);
  return [make('nav', { class: 'buttons unprinted', 'aria-label': words.served.title }, home, save)];
}

function keyPart({ words }: Tongue, state: State, { onKey }: Handlers): HTMLElement {
  const wrong = state.problem === 'key_missing' || state.problem === 'key_invalid' ? state.problem : null;
  const isGiven = state.given !== '' && state.vkey === state.given;
  const input = make('textarea', {
    id: 'vkey',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-describedby': wrong === null ? 'vkey-hint' : 'vkey-hint vkey-error',
    'aria-invalid': wrong === null ? undefined : 'true',
    'data-focus': wrong !== null,
  }) as HTMLTextAreaElement;
  input.value = state.vkey;
  const note = make('p', { class: 'notice warn', hidden: !isGiven }, words.key.given);
  input.addEventListener('input', () => {
    onKey(input.value);
    note.hidden = state.given === '' || input.value !== state.given;
  });
  return make(
    'section',
    {},
    make('h2', {}, words.key.title),
    make(
      'div',
      { class: 'field' },
      make('label', { for: 'vkey' }, words.key.label),
      make('p', { class: 'hint', id: 'vkey-hint' }, words.key.hint),
      ...(wrong === null ? [] : [make('p', { class: 'wrong', id: 'vkey-error', role: 'alert' }, words.key[wrong])]),
      input,
    ),
    note,
  );
}

function filePart({ words }: Tongue, state: State, { onFiles }: Handlers): HTMLElement {
  const wrong = state.problem === 'none';
  const input = make('input', {
    id: 'files',
    type: 'file',
    multiple: true,
    accept: '.json,application/json',
    'aria-describedby': wrong ? 'files-hint files-error' : 'files-hint',
    'aria-invalid': wrong ? 'true' : undefined,
    'data-focus': wrong,
  }) as HTMLInputElement;
  input.addEventListener('change', () => void onFiles([...(input.files ?? [])]));
  return make(
    'section',
    {},
    make('h2', {}, words.file.title),
    make(
      'div',
      { class: 'field drop' },
      make('label', { for: 'files' }, words.file.label),
      make('p', { class: 'hint', id: 'files-hint' }, words.file.hint),
      ...(wrong ? [make('p', { class: 'wrong', id: 'files-error', role: 'alert' }, words.file.none)] : []),
      input,
      ...(state.files.length === 0 ? [] : [make('ul', {}, ...state.files.map(({ name }) => make('li', {}, name)))]),
    ),
    make('button', { class: 'button primary', type: 'submit', disabled: state.isBusy }, words.file.verify),
  );
}

function resultsPart(tongue: Tongue, state: State): readonly HTMLElement[] {
  const { words } = tongue;
  if (state.isBusy) return [make('p', { role: 'status' }, words.file.working)];
  if (state.results.length === 0) return [];
  return [
    make(
      'section',
      { id: 'results' },
      make('h2', { tabindex: '-1', 'data-focus': true }, words.results.title),
      make('p', { class: 'soft' }, words.results.count(state.results.length)),
      ...state.results.map((each) => showExamined(tongue, each, state.log)),
    ),
  ];
}

/** The same choices as the ledger's other pages have; here nothing but this page hears of them. */
function choices(root: HTMLElement, { words }: Tongue, draw: () => void): HTMLElement {
  const said = words.choices;
  const languages: readonly (readonly [Lang, string])[] = [
    ['zh-CN', '中文'],
    ['en', 'English'],
  ];
  const elder = [1, 2, 3].find((step) => root.classList.contains(`elder-${step}`)) ?? 0;
  const chip = (text: HTMLElement | string, isChosen: boolean, choose: () => void) => {
    const button = make('button', { class: 'chip', type: 'button', 'aria-pressed': String(isChosen) }, text);
    button.addEventListener('click', () => {
      choose();
      draw();
    });
    return button;
  };
  const inLanguage = ([lang, text]: (typeof languages)[number]) =>
    chip(make('span', { lang }, text), lang === langOf(root), () => {
      root.lang = lang;
    });
  const inSize = (name: (typeof SIZES)[number], step: number) =>
    chip(said[name], step === elder, () => {
      root.className = step === 0 ? 'usual' : `elder elder-${step}`;
    });
  return make(
    'div',
    { class: 'choices unprinted', role: 'group', 'aria-label': said.title },
    make('div', { class: 'choice', role: 'group', 'aria-label': said.language }, ...languages.map(inLanguage)),
    make('div', { class: 'choice', role: 'group', 'aria-label': said.size }, ...SIZES.map(inSize)),
  );
}

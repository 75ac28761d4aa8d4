/** Elements, made and found. What is put in is text, never markup. */

type Child = Node | string;

/** Makes an element. Attributes that are undefined are left out; `true` is an attribute without a value. */
export function make(
  tag: string,
  attributes: Readonly<Record<string, string | boolean | undefined>> = {},
  ...children: readonly Child[]
): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string') element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** What the page has to have: without it page and module do not belong together. */
export function find<E extends Element = HTMLElement>(root: ParentNode, selector: string): E {
  const found = root.querySelector<E>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

export function show(element: HTMLElement, isShown: boolean): void {
  element.hidden = !isShown;
}

/** What stands in a form's field; empty where nothing does. */
export function textOf(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value.trim() : '';
}

/** What is ticked or chosen of one name. */
export function ticksOf(form: HTMLFormElement, name: string): readonly string[] {
  return new FormData(form).getAll(name).map(String);
}

export function fileOf(form: HTMLFormElement, name: string): File | undefined {
  const value = new FormData(form).get(name);
  return value instanceof File && value.size > 0 ? value : undefined;
}

/** A row of a description list for each fact. */
export function facts(rows: readonly (readonly [term: string, said: Child])[]): HTMLElement {
  return make('dl', { class: 'facts' }, ...rows.map(([term, said]) => factOf(term, said)));
}

function factOf(term: string, said: Child): HTMLElement {
  return make('div', {}, make('dt', {}, term), make('dd', {}, said));
}

/** A box to tick, with its words. */
export function tick(
  box: { readonly name: string; readonly value: string; readonly disabled?: boolean },
  ...words: readonly Child[]
): HTMLElement {
  const { name, value, disabled = false } = box;
  const input = make('input', { type: 'checkbox', name, value, disabled });
  const said = make('span', { class: 'said' }, make('span', { class: 'what' }, ...words));
  return make('div', { class: 'tick' }, make('label', {}, input, said));
}

/** The code as a picture of lines and areas, made here. */
export function picture(svg: string, label: string): SVGElement {
  const { documentElement } = new DOMParser().parseFromString(svg, 'image/svg+xml');
  const found = document.importNode(documentElement, true) as unknown as SVGElement;
  found.setAttribute('role', 'img');
  found.setAttribute('aria-label', label);
  return found;
}

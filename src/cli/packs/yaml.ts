/**
 * YAML 1.2 as packs are written in: what has one reading for everyone, and that with the place of every field.
 *
 * Anchors, aliases, tags and directives are refused, so are names that are no text and numbers that are not whole or
 * not in plain digits: `01` would be the number 1. JSON is YAML too.
 *
 * @module
 */
import {
  type Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type visitorFn,
} from 'yaml';
import { pathText } from '#wire/input.ts';
import type { Place, Places, Problem } from './place.ts';

export interface Yaml {
  /** Plain JSON; null where there are problems. */
  readonly value: unknown;
  readonly places: Places;
  readonly problems: readonly Problem[];
}

const PLAIN_INTEGER = /^(?:0|-?[1-9][0-9]*)$/;

/** Reads the text of a file. What is wrong with it is an answer, not thrown. */
export function readYaml(file: string, text: string): Yaml {
  try {
    return read(file, text);
  } catch (thrown) {
    // What is nested too deep exhausts the stack.
    if (!(thrown instanceof RangeError)) throw thrown;
    return failed([{ file, line: 1, column: 1, ...INVALID, message: 'not YAML that can be read: nested too deep' }]);
  }
}

const INVALID = { path: '', code: 'yaml_invalid', severity: 'error' } as const;

function read(file: string, text: string): Yaml {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseDocument(text, { version: '1.2', prettyErrors: false, lineCounter: lines });
  // The parser catches what exhausts its stack, and tells it at every level.
  if (document.errors.some(({ message }) => /call stack/i.test(message))) throw new RangeError('nested too deep');
  const problems = [
    ...[...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
      offset: pos[0],
      message: code === 'DUPLICATE_KEY' ? 'the name stands twice' : `not YAML: ${lowerFirst(message)}`,
    })),
    ...refused(document).map(({ node, message }) => ({ offset: node.range?.[0] ?? 0, message })),
  ];
  if (problems.length > 0)
    return failed(problems.map(({ offset, message }) => ({ ...at(offset), ...INVALID, message })));
  const places = new Map<string, Place>();
  const value = plain(document.contents, [], (path, node) => places.set(pathText(path), at(node.range?.[0] ?? 0)));
  return { value, places, problems: [] };
}

function failed(problems: readonly Problem[]): Yaml {
  return { value: null, places: new Map(), problems };
}

interface Refused {
  readonly node: Node;
  readonly message: string;
}

function refused(document: Document.Parsed): readonly Refused[] {
  const found: Refused[] = [];
  const { directives } = document;
  if (document.contents !== null && (directives.yaml.explicit || Object.keys(directives.tags).length > 1)) {
    found.push({ node: document.contents, message: 'want no directive (%YAML, %TAG)' });
  }
  const marked: visitorFn<Node & { anchor?: string; tag?: string }> = (_key, node) => {
    if (node.anchor) found.push({ node, message: 'want no anchor' });
    if (node.tag !== undefined) found.push({ node, message: 'want no tag' });
  };
  visit(document, {
    Alias: (_key, node) => void found.push({ node, message: 'want no alias: write it out' }),
    Collection: marked,
    Pair(_key, { key }) {
      if (isScalar(key) && typeof key.value === 'string' && key.value !== '__proto__') return;
      found.push({ node: key as Node, message: 'want a name that is text: put it in quotes' });
    },
    Scalar(key, node, path) {
      marked(key, node, path);
      if (key === 'key' || typeof node.value !== 'number') return;
      if (PLAIN_INTEGER.test(node.source ?? '') && Number.isSafeInteger(node.value)) return;
      found.push({ node, message: 'want a whole number in plain digits; a code such as 01 stands in quotes' });
    },
  });
  return found;
}

/** The JSON value of a node, without anything that {@link refused} knows. */
function plain(
  node: unknown,
  path: readonly PropertyKey[],
  stands: (path: readonly PropertyKey[], node: Node) => void,
): unknown {
  if (isMap(node)) {
    const members = node.items.filter(isPair).map(({ key, value }): [string, unknown] => {
      const name = (isScalar(key) ? key.value : '') as string;
      stands([...path, name], key as Node);
      return [name, plain(value, [...path, name], stands)];
    });
    return Object.fromEntries(members);
  }
  if (isSeq(node)) {
    return node.items.map((item, index) => {
      stands([...path, index], item as Node);
      return plain(item, [...path, index], stands);
    });
  }
  return isScalar(node) ? node.value : null;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

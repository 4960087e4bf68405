/**
 * @file Keeps bundles small: bundlers drop what a program does not import, and kernels come without indentation.
 *
 * A constant whose value is computed, by `defineKernel(...)`, `{ ...RULES }` or `TABLE.exp`, stays in every bundle, since a
 * bundler cannot know that computing it has no effect. In fovea none has: modules declare, they do nothing. So each such value
 * becomes `/* @__PURE__ *\/ (() => value)()`, a call that all bundlers drop with its constant.
 */

import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

/** Whether evaluating `node` does nothing that a bundler might take for an effect. */
function isInert(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return isInert(node.expression);
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isInert);
  if (ts.isObjectLiteralExpression(node))
    return node.properties.every(
      (property) =>
        ts.isShorthandPropertyAssignment(property) ||
        ts.isMethodDeclaration(property) ||
        (ts.isPropertyAssignment(property) && isInert(property.initializer)),
    );
  return (
    ts.isLiteralExpression(node) ||
    (ts.isPrefixUnaryExpression(node) && isInert(node.operand)) ||
    ts.isIdentifier(node) ||
    ts.isArrowFunction(node) ||
    [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword].includes(node.kind)
  );
}

/** The text of a module with each computed constant marked; lines stay where they are. */
export function markComputedConstants(text: string): string {
  const file = ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest);
  let marked = '';
  let end = 0;
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer } of statement.declarationList.declarations) {
      if (!initializer || isInert(initializer)) continue;
      marked += `${text.slice(end, initializer.getStart(file))}/* @__PURE__ */ (() => (${text.slice(initializer.getStart(file), initializer.end)}))()`;
      end = initializer.end;
    }
  }
  return marked + text.slice(end);
}

/** The text of a kernel's module without the blanks and the comments of its WGSL; lines stay where they are. */
export function stripWgsl(text: string): string {
  const file = ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest);
  let stripped = '';
  let end = 0;
  const visit = (node: ts.Node) => {
    if (ts.isTemplateLiteralToken(node)) {
      const start = node.getStart(file);
      stripped += text.slice(end, start) + stripPart(text.slice(start, node.end));
      end = node.end;
    }
    node.forEachChild(visit);
  };
  visit(file);
  return stripped + text.slice(end);
}

/** A part of a template, delimiters included, without comments and indentation, and without blanks that separate nothing. */
function stripPart(part: string): string {
  const lines = part.replaceAll(/ *\/\/.*(?=\n)|(?<=\n) +/g, '');
  // One line may be a message.
  if (!lines.includes('\n')) return lines;
  return lines.replaceAll(/ +/g, (blanks, start: number) => {
    const end = start + blanks.length;
    // What is inserted before or after is not known.
    const isInside = start > 1 && end < lines.length - 1 && !lines.startsWith('${', end);
    return isInside && mayTouch(lines[start - 1]!, lines[end]!) ? '' : blanks;
  });
}

/** Whether two characters of WGSL belong to different tokens without a blank between them: `>` and `=` may not. */
function mayTouch(left: string, right: string): boolean {
  const [bracket, operator, word] = [/[(){}[\],;:]/, /[-+*/%<>=&|^!?]/, /[\w.]/];
  if (bracket.test(left) || bracket.test(right)) return true;
  return (operator.test(left) && word.test(right)) || (word.test(left) && operator.test(right));
}

/** What `createDevice` imports to verify an adapter is a bundle of its own, beside the one that is built: see `verify/certify.ts`. */
export const verificationApart: Plugin = {
  name: 'verification-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/certify\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './browser-verification.js', external: true } : undefined,
    );
  },
};

/** Where WGSL is: elsewhere two slashes may belong to an address, and spaces to a message. */
const HOLDS_WGSL = /[\\/]src[\\/](kernels|autograd)[\\/]/;

/** The text of the module at `path` with its constants marked and its WGSL, if it holds any, stripped. */
export function smallerModule(path: string, text: string): string {
  return markComputedConstants(HOLDS_WGSL.test(path) ? stripWgsl(text) : text);
}

/** The modules of bundles that were made before, by what they were made of. */
const made = new Map<string, string>();

/** Makes all modules of `src/` smaller. */
export const smallerBundles: Plugin = {
  name: 'smaller-bundles',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = made.get(text) ?? smallerModule(path, text);
      made.set(text, contents);
      return { contents, loader: 'ts' };
    });
  },
};

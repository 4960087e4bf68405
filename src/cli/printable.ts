/**
 * @file Makes text safe to print: names of files and cells of tables may hold anything.
 */

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * `text` with all that a terminal does not show as it stands written as an escape of JavaScript: control characters, which
 * move the cursor and break lines, and the invisible ones that reverse the direction or hide between letters. JSON stays the
 * same JSON.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    return NAMED[character] ?? character.split('').map(escapeUnit).join('');
  });
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

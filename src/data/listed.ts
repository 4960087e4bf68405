/** @file Names and texts of files in messages. */

/** How many names an error message gives, and how much of each. */
const NAMES_SHOWN = 5;
const CHARACTERS_SHOWN = 80;

/** The first few of `names`, shortened. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(shortened).join(', ');
  return names.length > NAMES_SHOWN ? `${shown}, …` : shown;
}

/** The beginning of a text. */
export function shortened(text: string): string {
  return text.length > CHARACTERS_SHOWN ? `${text.slice(0, CHARACTERS_SHOWN)}…` : text;
}

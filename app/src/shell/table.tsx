/** @file A table that scrolls where the page is narrower than it. */

import type { ComponentChildren } from 'preact';

/** What stands above a column: a name, or the name of a column of numbers. */
export type Heading = string | { readonly number: string };

/** What a table has. */
export interface TableProps {
  readonly headings: readonly Heading[];
  /** Its rows. */
  readonly children: ComponentChildren;
}

/** The table. */
export function Table({ headings, children }: TableProps) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {headings.map((heading) =>
              typeof heading === 'string' ? (
                <th scope="col" key={heading}>
                  {heading}
                </th>
              ) : (
                <th scope="col" class="number" key={heading.number}>
                  {heading.number}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** The headings of columns of numbers. */
export const numbers = (...names: readonly string[]): Heading[] => names.map((number) => ({ number }));

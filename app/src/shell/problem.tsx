/** @file What went wrong and what to do about it, in the page's words; what the library said of it, below. */

import type { Failure } from '../engine/failure.ts';
import { text } from '../text/text.ts';

/** Tells of a failure; nothing where there is none. */
export function Problem({ failure }: { readonly failure: Failure | undefined }) {
  if (!failure) return null;
  return (
    <div role="alert" class="problem">
      <p>{text.value.failures[failure.kind]}</p>
      <Detail text={failure.detail} />
    </div>
  );
}

/** Flags of the command line stand in parentheses in the library's messages; there are none in a page. */
const withoutFlags = (said: string) => said.replaceAll(/ ?\([^()]*--[a-z][^()]*\)/g, '');

/** What the library or the browser said, which is English in every language. */
export function Detail({ text: said }: { readonly text: string }) {
  return (
    <p class="detail">
      {text.value.shell.details} <span lang="en">{withoutFlags(said)}</span>
    </p>
  );
}

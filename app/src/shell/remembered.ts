/**
 * @file Small choices that outlive the page. Where the browser keeps nothing, they last as long as the page.
 */

type Choice = 'language' | 'theme';

/** What was chosen before, if anything. */
export function recall(choice: Choice): string | undefined {
  try {
    return localStorage.getItem(`fovea ${choice}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a choice. */
export function remember(choice: Choice, value: string): void {
  try {
    localStorage.setItem(`fovea ${choice}`, value);
  } catch {
    // It holds until the page is closed.
  }
}
